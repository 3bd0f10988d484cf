"""What the weights that a training begins from have learned from, by the records of their runs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from core.models import CARD_FILE, DETECTOR_CARD_FILE, read_card, read_detector_card
from core.runs import GROUPS_FILE, SHIPPED_RUNS, catalog, read_groups

log = logging.getLogger(__name__)


def run_of(network: Path) -> Path:
    """The folder of the run that a network is of: `RUN/checkpoints/best.keras`, or a file of a model that is
    installed, whose card names its run. It may not be there. Raises `RecordError`.
    """
    folder = network.parent
    named = None
    if (folder / CARD_FILE).is_file():
        named = read_card(folder).trained_by
    elif (folder / DETECTOR_CARD_FILE).is_file():
        named = read_detector_card(folder).trained_by
    if not named:
        return folder.parent
    return catalog.folders().get(named, SHIPPED_RUNS / named)


def groups_before(networks: Iterable[Path]) -> frozenset[str]:
    """Hashes of the groups that these have seen: a test on one of them measures what was learned by heart.

    What is not known is logged. Raises `RecordError`.
    """
    seen: set[str] = set()
    for network in networks:
        run = run_of(network)
        if (run / GROUPS_FILE).is_file():
            seen |= read_groups(run)
        else:
            log.warning(
                "%s: its run has no %s, so a test cannot tell whether these weights saw its pictures.",
                network,
                GROUPS_FILE,
            )
    return frozenset(seen)
