"""Numbers: rates with their intervals, calibration, average precision, paired comparison."""
