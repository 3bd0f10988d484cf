"""The process that `bench.pipeline.starts` starts: one program from nothing to its answers.

    python -m bench.pipeline.one_start MODULE:FUNCTION PICTURE LARGE [FILE]

It imports little itself, and prints each step when it is done, since whoever started it has the clock.
"""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

LARGE_ANSWERS = 3  # memory grows with the first ones


def main() -> None:
    maker, picture, large, *given = sys.argv[1:]
    make = pkgutil.resolve_name(maker)
    print("imported", flush=True)
    program = next(iter(make(*map(Path, given))))
    print("loaded", flush=True)
    program.answer(Path(picture).read_bytes())
    print("answered", flush=True)
    print("memory", peak_mb(), flush=True)
    content = Path(large).read_bytes()
    for _ in range(LARGE_ANSWERS):
        program.answer(content)
    print("memory_large", peak_mb(), flush=True)


def peak_mb() -> float | None:
    """The most that this process held resident, in MB; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    if sys.platform == "linux":  # whose getrusage begins with the peak of the process that started this one
        status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 2**10 for line in status if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
