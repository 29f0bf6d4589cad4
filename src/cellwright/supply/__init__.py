"""Parties, rules, parts, stock, screening and security of the supply of a network."""
