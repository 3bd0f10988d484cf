"""Synthetic masks drawn on bare faces, and sample photos made with them."""
