"""How well faces are found."""
