"""Why the model answered so for a face."""
