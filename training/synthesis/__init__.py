"""Training pictures made from others: synthetic masks, real cloth, unmasked faces."""
