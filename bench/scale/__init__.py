"""Many pictures at once: how fast, in how much memory, and what is lost when processes are killed."""
