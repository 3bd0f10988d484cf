"""Five points of a face: samples to learn from, the network, training and measuring it."""
