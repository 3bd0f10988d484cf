"""Which commands there are. Names and output fields are stable; see docs/usage.md."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from core import settings, terminal
from core.models import require_default_weights

_COMMANDS = {
    "check": "find the faces of pictures and say who wears a mask properly",
    "classify": "classify a cropped face (no detection, no quality check)",
    "video": "who wears a mask properly in a film, and when",
    "models": "list installed models and their test results",
}


def main(arguments: Sequence[str] | None = None, prog: str = "python -m core", more: str = "") -> int:
    """Run the command that `arguments`, or else those of this process, name. The exit code.

    `more` is what the help ends with.
    """

    def command(arguments: Sequence[str] | None) -> int:
        given = list(sys.argv[1:] if arguments is None else arguments)
        options = _parser(prog, more, next(filter(_COMMANDS.__contains__, given), "")).parse_args(given)
        settings.check()
        require_default_weights()
        return int(options.run(options))

    return terminal.run(command, arguments)


def _parser(prog: str, more: str, named: str) -> argparse.ArgumentParser:
    """Only the command that is `named` has its options."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Who wears a mask properly?",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in _COMMANDS.items():
        command = commands.add_parser(name, help=words)
        if name == named:
            _add_options(command, name)
    return parser


def _add_options(parser: argparse.ArgumentParser, name: str) -> None:
    """Of the command's module, which sets `run`. Others stay unread: films alone take a third of a second."""
    module = importlib.import_module(f"core.commands.{name}")
    module.add_options(parser)
    parser.set_defaults(run=module.run)
