"""An hour of a site's life: what does the server keep that it should not?

    python -m bench.soak [--minutes 60]

Without pause, and each in a visit of his own: live viewers who stay for some seconds, visitors who upload
photos, others who look at the dashboard. A third of all leave without a word, as a network does that breaks.
A row a minute: resident memory, threads and open files of the server, which go with how many visits there
are just then. So after each third everybody leaves, and once the last visit has been forgotten the server is
read at rest: between the second rest and the third it may not have grown. The first third fills caches.
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

from websockets.exceptions import ConnectionClosed

from bench.app_server import AppServer, Usage, served_app
from bench.crowded_server import EVERY, photo
from bench.live_socket import FULL, closed_by
from bench.visitor import Visit

DROPPED = 1 / 3  # of all visits
PAUSE_S = (0.5, 3.0)  # between two visits of one kind
STAY_S = (3.0, 20.0)  # of a live viewer
ALLOWED = {"rss_mb": 40, "threads": 4, "files": 10}  # growth that is none, from one rest to the next
PARTS = 3
REST_S = 140.0  # to the end of the last visit, 120 s after its tab closed, and until its memory is given back


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


def soak(
    server: AppServer, minutes: float, rows: int, rest_s: float
) -> tuple[list[Usage], Counter[str], list[str]]:
    """Readings at rest, how many visits of each kind ended well, and the others. `rows` of each part."""
    counts, problems, rests = Counter[str](), list[str](), list[Usage]()
    print("| minute | RSS MB | threads | open files | visits | load |", "|---" * 6 + "|", sep="\n")
    for part in range(PARTS):
        ended = threading.Event()
        threads = [
            threading.Thread(target=come_and_go, args=(server, kind, ended, counts, problems))
            for kind in range(len(KINDS))
        ]
        for thread in threads:
            thread.start()
        for row in range(1, rows + 1):
            time.sleep(minutes * 60 / PARTS / rows)
            _tell(f"{(part + row / rows) * minutes / PARTS:.1f}", server.usage(), counts)
        ended.set()
        for thread in threads:
            thread.join()
        time.sleep(rest_s)
        rests.append(server.usage())
        _tell("at rest", rests[-1], counts)
    return rests, counts, problems


def _tell(when: str, now: Usage, counts: Counter[str]) -> None:
    cells = (f"{now.rss_mb:.0f}", now.threads, now.files, counts.total(), f"{os.getloadavg()[0]:.1f}")
    print("|", " | ".join(map(str, (when, *cells))), "|", flush=True)


def growth(rests: Sequence[Usage]) -> list[str]:
    """What is not flat, from the last rest but one to the last."""
    *_, before, after = rests
    grown = {name: getattr(after, name) - getattr(before, name) for name in ALLOWED}
    return [f"{name} {more:+.0f}" for name, more in grown.items() if more > ALLOWED[name]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    with served_app() as server:
        rests, counts, problems = soak(
            server, options.minutes, max(1, round(options.minutes / PARTS)), REST_S
        )
    print("\nVisits: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    wrong = growth(rests)
    print(f"Not flat: {', '.join(wrong)}." if wrong else "Flat.")
    for problem in problems:
        print(problem)
    sys.exit(bool(wrong or problems))


if __name__ == "__main__":
    main()
