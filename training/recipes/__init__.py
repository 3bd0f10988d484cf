"""Recipes: each module without an underscore states one, by its name."""
