"""Which run, model, folder and face the views show."""
