"""Which commands there are. Names and output fields are stable; see docs/usage.md."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core import settings, terminal
from core.commands import check, classify, models, video
from core.models import require_default_weights

_COMMANDS = (check, classify, video, models)  # each with `add_to(commands)`, which sets `run`


def main(arguments: Sequence[str] | None = None, prog: str = "python -m core", more: str = "") -> int:
    """Run the command that `arguments`, or else those of this process, name. The exit code.

    `more` is what the help ends with.
    """

    def command(arguments: Sequence[str] | None) -> int:
        options = _parser(prog, more).parse_args(arguments)
        settings.check()
        require_default_weights()
        return int(options.run(options))

    return terminal.run(command, arguments)


def _parser(prog: str, more: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Who wears a mask properly?",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        command.add_to(commands)
    return parser
