"""The command line without training: a module for each command, which adds its options and runs."""

from core.commands.command_line import main

__all__ = ["main"]
