"""What a reviewer asks of a run's records: errors, subgroups, thresholds, curves, comparison."""
