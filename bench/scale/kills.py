"""Runs that are killed again and again, and resumed: are their rows those of a run that was left in peace?

    python -m bench.scale.kills [--runs 20] [--pictures 500] [--engine local|ray] [--seed 0]

At random points the driver or a worker is killed (SIGKILL), with `--engine ray` also one of two local nodes
of a cluster; a run whose driver was killed is resumed, until it ends by itself.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.scale.cluster import LoopbackCluster
from bench.scale.pictures import ROOT, check, command, make, rows, small

PATIENCE_S = 1800.0
MOST_KILLS = 3  # of one run
QUICK = ("--detector", "haar", "--workers", "2")


def workers_of(driver: int, engine: str) -> list[int]:
    """Processes of workers: children of the driver, or Ray's on this machine."""
    if engine == "local":
        found = Path(f"/proc/{driver}/task/{driver}/children").read_text().split()
        return [int(pid) for pid in found if b"spawn_main" in _command_of(int(pid))]
    return [
        pid
        for pid in map(int, _numbers())
        if _command_of(pid).startswith(b"ray::") and b"_Worker" in _command_of(pid)
    ]


def _numbers() -> list[str]:
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def disturbed(
    folder: Path, output: Path, chance: random.Random, engine: str, cluster: LoopbackCluster | None
) -> Counter[str]:
    """One run, killed and resumed until it ends by itself; what was killed, by kind."""
    killed: Counter[str] = Counter()
    options = [*QUICK, "--resume", "--engine", engine, *(["--address", cluster.address] if cluster else [])]
    kinds = ["driver", "worker", *(["node"] if cluster else [])]
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        driver = subprocess.Popen(
            command(folder, output, *options), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while driver.poll() is None:
            time.sleep(0.05)
            parts = len(list(output.with_name(f"{output.name}.parts").glob("part-*")))
            if parts and killed.total() < MOST_KILLS and chance.random() < 0.05:
                kind = chance.choice(kinds)
                killed[kind] += kill(kind, driver, engine, cluster)
                time.sleep(chance.uniform(0, 1))
        said = driver.communicate()[1]
        if driver.returncode == 0:
            return killed
        if driver.returncode != -signal.SIGKILL:
            raise RuntimeError(said.decode()[-2000:])
    raise RuntimeError(f"no end after {PATIENCE_S:g} s")


def kill(kind: str, driver: subprocess.Popen[bytes], engine: str, cluster: LoopbackCluster | None) -> int:
    """How many were killed."""
    if kind == "node" and cluster:
        cluster.lose_node()
        cluster.join()
        return 1
    workers = workers_of(driver.pid, engine) if driver.poll() is None else []
    if kind == "worker" and not workers:
        return 0
    os.kill(driver.pid if kind == "driver" else workers[0], signal.SIGKILL)
    return 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs that are killed and resumed.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--seed", type=int, default=0, help="of when what is killed: another for more runs")
    options = parser.parse_args()
    chance, wrong, killed = random.Random(options.seed), 0, Counter[str]()
    cluster = LoopbackCluster() if options.engine == "ray" else None
    try:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "pictures"
            make(folder, options.pictures, small)
            whole = Path(place) / "whole.parquet"
            check(folder, whole, *QUICK)
            expected = rows(whole)
            for n in range(options.runs):
                output = Path(place) / f"{n}.parquet"
                this = disturbed(folder, output, chance, options.engine, cluster)
                same = rows(output) == expected
                wrong, killed = wrong + (not same), killed + this
                words = ", ".join(f"{count} of {kind}" for kind, count in this.items()) or "none"
                print(f"run {n + 1}: kills: {words}; {'equal' if same else 'NOT EQUAL'}", flush=True)
    finally:
        if cluster:
            cluster.stop()
    print(f"{options.runs} runs, {killed.total()} kills ({dict(killed)}), {wrong} not equal")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
