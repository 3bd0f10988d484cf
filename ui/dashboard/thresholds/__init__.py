"""What changes with the threshold, and the operating point that the app uses."""
