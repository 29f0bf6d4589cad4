"""Cellwright plans, simulates, costs and de-risks a pilot 5G network for a city district."""

__version__ = "0.1.0"
