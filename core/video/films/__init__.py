"""Films from files: read in a process apart, people followed with the film's own clock, drawn and written."""
