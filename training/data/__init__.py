"""Pictures to learn from: manifests, foreign formats, near-duplicates, splits, crops and packs."""
