"""Cases of the conformance page: what is measured, against what, and its figure."""
