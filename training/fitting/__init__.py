"""Fitting a classifier: networks, phases, augmentation, batches, recording and resuming."""
