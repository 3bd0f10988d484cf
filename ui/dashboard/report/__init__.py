"""How right the model is, overall and by subgroup."""
