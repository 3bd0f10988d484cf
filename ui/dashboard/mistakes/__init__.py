"""Faces that the model got wrong, and corrections of their labels."""
