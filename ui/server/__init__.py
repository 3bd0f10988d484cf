"""The server around the script: what it lets in, what it keeps and for how long, and who may do what."""
