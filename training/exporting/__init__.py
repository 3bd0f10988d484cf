"""A trained network as an installed model: weights, card texts, imported weights."""
