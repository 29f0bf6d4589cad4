"""The network simulation against 3GPP's published numbers and textbook results."""
