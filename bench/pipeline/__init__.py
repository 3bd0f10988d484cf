"""Whole programs against each other: from the bytes of a picture to a label for each face."""
