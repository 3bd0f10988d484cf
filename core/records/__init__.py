"""Records that outlive a process: read whole or refused in words, written whole or not at all."""
