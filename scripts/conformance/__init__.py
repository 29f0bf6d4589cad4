"""Conformance of the simulation: every case 3GPP published numbers for, ours beside them."""
