"""What a face wears: the classifier, and whether a face is good enough to be asked about."""
