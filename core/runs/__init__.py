"""What a training run leaves behind: its record, evaluation, predictions, detections and folders."""
