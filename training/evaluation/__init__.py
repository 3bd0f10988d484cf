"""What a model is worth: measures, reports, quality gate."""
