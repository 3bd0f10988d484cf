"""Memory by the number of names: the same few files under ten times as many names.

    python -m bench.scale.memory [--names 10000]

The most that all processes of a run hold together, looked at every 0.25 s (Linux: anonymous proportional set
size; what is mapped from files is left out, as its share depends on who else on the machine maps them).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from bench.scale.pictures import ROOT, command, make, tiny

_EVERY_S = 0.25


def held(pid: int) -> int:
    """Bytes of a process and of all that it started; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    mine = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))
    return mine + sum(held(int(child)) for child in children)


def peak(folder: Path, output: Path) -> int:
    """Bytes. Raises `RuntimeError` where the run fails."""
    most = 0
    options = ("--detector", "haar", "--workers", "2")
    with subprocess.Popen(command(folder, output, *options), cwd=ROOT, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            most = max(most, held(run.pid))
            time.sleep(_EVERY_S)
    if run.returncode:
        raise RuntimeError(f"the run failed: {run.returncode}")
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory by the number of names.")
    parser.add_argument("--names", type=int, default=10_000)
    names = parser.parse_args().names
    found = []
    with tempfile.TemporaryDirectory() as place:
        for count in (names, 10 * names):
            folder = Path(place) / str(count)
            make(folder, count, tiny)
            found.append(peak(folder, Path(place) / f"{count}.parquet"))
            print(f"{count:,} names: {found[-1] / 2**20:.0f} MB", flush=True)
    print(f"{found[1] / found[0] - 1:+.1%}")


if __name__ == "__main__":
    main()
