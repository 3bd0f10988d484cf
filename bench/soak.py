"""An hour of a site's life: what does the server keep that it should not?

    python -m bench.soak [--minutes 60]

Without pause, and each in a visit of his own: live viewers who stay for some seconds, visitors who upload
photos, others who look at the dashboard. A third of all leave without a word, as a network does that breaks.
A row a minute: resident memory, threads and open files of the server. At the end, whether they stayed flat:
the median of the last third against that of the third before, which leaves the first to fill caches and does
not take for growth that a reading met a process which decodes a photo.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from websockets.exceptions import ConnectionClosed

from bench.app_server import AppServer, Usage, served_app
from bench.crowded_server import EVERY, photo
from bench.live_socket import FULL, closed_by
from bench.visitor import Visit

DROPPED = 1 / 3  # of all visits
PAUSE_S = (0.5, 3.0)  # between two visits of one kind
STAY_S = (3.0, 20.0)  # of a live viewer
ALLOWED = {
    "rss_mb": 40,
    "threads": 4,
    "files": 10,
}  # growth that is none, of a median, from a third to the next


def upload(visit: Visit, chance: random.Random) -> None:
    visit.open("check_photos")
    visit.upload({f"{n}.jpg": photo(1600, 1200) for n in range(chance.randint(1, 3))})


def look_at_the_dashboard(visit: Visit, chance: random.Random) -> None:
    visit.open("dashboard")


def film(visit: Visit, chance: random.Random) -> None:
    visit.open("live")
    live, jpeg = visit.live(), photo(640, 480)
    until = time.monotonic() + chance.uniform(*STAY_S)
    try:
        while time.monotonic() < until:
            live.show(jpeg)
            time.sleep(EVERY)
    except ConnectionClosed as closed:
        if closed_by(closed) != FULL:
            raise
        return
    live.drop() if chance.random() < DROPPED else live.close()


KINDS: Sequence[Callable[[Visit, random.Random], None]] = (film, film, upload, upload, look_at_the_dashboard)


def come_and_go(
    server: AppServer, kind: int, ended: threading.Event, counts: Counter[str], problems: list[str]
) -> None:
    """Visits of one kind, one after the other."""
    chance, name = random.Random(kind), KINDS[kind].__name__
    while not ended.wait(chance.uniform(*PAUSE_S)):
        try:
            visit = Visit(server.url)
            try:
                KINDS[kind](visit, chance)
            finally:
                visit.drop() if chance.random() < DROPPED else visit.close()
            counts[name] += 1
        except Exception as problem:  # of whatever kind: it is told, and the next one comes
            if not ended.is_set():
                problems.append(f"{name}: {type(problem).__name__}: {problem}")


def soak(server: AppServer, minutes: float, rows: int) -> tuple[list[Usage], Counter[str], list[str]]:
    """Readings, the first after the first visits, how many visits of each kind ended well, and the others."""
    ended, counts, problems, looks = threading.Event(), Counter[str](), list[str](), list[Usage]()
    threads = [
        threading.Thread(target=come_and_go, args=(server, kind, ended, counts, problems))
        for kind in range(len(KINDS))
    ]
    for thread in threads:
        thread.start()
    print("| minute | RSS MB | threads | open files | visits | load |", "|---" * 6 + "|", sep="\n")
    for row in range(1, rows + 1):
        time.sleep(minutes * 60 / rows)
        now = server.usage()
        looks.append(now)
        cells = [
            f"{row * minutes / rows:.1f}",
            f"{now.rss_mb:.0f}",
            str(now.threads),
            str(now.files),
            str(counts.total()),
            f"{os.getloadavg()[0]:.1f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    ended.set()
    for thread in threads:
        thread.join()
    return looks, counts, problems


def growth(looks: Sequence[Usage]) -> list[str]:
    """What is not flat. Needs three readings."""
    third = len(looks) // 3
    before, after = looks[third:-third], looks[-third:]
    wrong = []
    for name, allowed in ALLOWED.items():
        more = np.median([getattr(u, name) for u in after]) - np.median([getattr(u, name) for u in before])
        if more > allowed:
            wrong.append(f"{name} {more:+.0f}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    with served_app() as server:
        looks, counts, problems = soak(server, options.minutes, max(3, round(options.minutes)))
    print("\nVisits: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    wrong = growth(looks)
    print(f"Not flat: {', '.join(wrong)}." if wrong else "Flat.")
    for problem in problems:
        print(problem)
    sys.exit(bool(wrong or problems))


if __name__ == "__main__":
    main()
