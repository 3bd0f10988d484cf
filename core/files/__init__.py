"""Files and folders that a stranger may have put there: plain ones only, found without harm."""
