"""A run's review written out: model card, evaluation, chart tables, commands to train again."""
