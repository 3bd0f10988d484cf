"""The model card on the screen and as a page of its own."""
