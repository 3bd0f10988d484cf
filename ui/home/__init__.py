"""The first page: what Maskwise tells, shown on samples."""
