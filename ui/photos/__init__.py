"""The photo page: sources, settings, results, downloads."""
