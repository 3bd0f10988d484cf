"""Writes the figures in the READMEs from the records, so that they cannot drift apart.

python -m bench.readme           rewrite the blocks between the markers
python -m bench.readme --check   exit 1 if one is not what the records say
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bench.detectors import table_lines
from bench.pipeline import comparison, starts
from core.labels import appearance
from core.metrics import rate
from core.models import (
    CARD_FILE,
    DEFAULT,
    DEFAULT_DETECTORS,
    DEFAULT_MODELS,
    DETECTOR_CARD_FILE,
    SHIPPED,
    DetectorCard,
    ModelCard,
    read_card,
    read_detector_card,
)
from core.runs import (
    CONFIG_FILE,
    CROSS_SOURCE_FILE,
    DETECTION_FILE,
    EVALUATION_FILE,
    METRICS_FILE,
    SHIPPED_RUNS,
    CrossSource,
    file_name,
    read_config,
    read_cross_source,
    read_detection_epochs,
    read_detection_evaluation,
    read_epochs,
    read_evaluation,
)
from training.data import CLASS_NAMES, NOTHING_SAID

ROOT = SHIPPED.parent
REAL = "real"  # what the evaluation on real photos alone is recorded as
NOT_THERE = "not there yet"
MEASURED = ROOT / "bench" / "pipeline" / "measured.json"  # what `bench.pipeline --json` wrote
WALLS = ("8 faces, 1280 x 720", "32 faces, 4000 x 3000")
_NAMES = tuple(zip(DEFAULT_MODELS.values(), DEFAULT_DETECTORS.values(), strict=True))
END = "<!-- end of figures -->"


def start(name: str) -> str:
    return f"<!-- {name}: python -m bench.readme -->"


def figures(card: ModelCard) -> str:
    """Markdown table of test recall, one row a source and label, with n and interval."""
    rows = [
        "| pictures from | true label | correct | recall | 95% interval |",
        "|---|---|---|---|---|",
    ]
    for score in card.test:
        low, high = score.interval
        hits = score.predicted.get(score.label, 0)
        rows.append(
            f"| {score.source} | {appearance(score.label).short} (`{score.label}`) | {hits} of {score.n} "
            f"| {score.recall:.1%} | {low:.1%} to {high:.1%} |"
        )
    return "\n".join(rows)


def weights_table(models: Path = SHIPPED) -> str:
    """Markdown table of both sets of weights side by side: what each may be used for and how right it is."""
    classifiers = [
        read_card(models / name) if (models / name / CARD_FILE).is_file() else None
        for name in DEFAULT_MODELS.values()
    ]
    detectors = [
        read_detector_card(models / name) if (models / name / DETECTOR_CARD_FILE).is_file() else None
        for name in DEFAULT_DETECTORS.values()
    ]
    cells = [
        _cells_of_classifier(card) | _cells_of_detector(found)
        for card, found in zip(classifiers, detectors, strict=True)
    ]
    heads = [f"`{sets}`" for sets in DEFAULT_MODELS]
    rows = [f"| | {' | '.join(heads)} |", "|---|---|---|"]
    rows.append("| weights | " + " | ".join(f"`{a}`, `{b}`" for a, b in _NAMES) + " |")
    for what in dict.fromkeys(key for column in cells for key in column):
        rows.append(f"| {what} | " + " | ".join(column.get(what, NOT_THERE) for column in cells) + " |")
    return "\n".join(rows)


def _cells_of_classifier(card: ModelCard | None) -> dict[str, str]:
    return {
        f"{score.source}, {appearance(score.label).short}": f"{score.predicted.get(score.label, 0):,} of "
        f"{score.n:,} correct ({score.recall:.1%})"
        for score in (card.test if card else ())
    }


def _cells_of_detector(card: DetectorCard | None) -> dict[str, str]:
    ways = {"photo": "photos", "live": "live video"}
    return {
        f"{score.source}, faces in {ways[score.way]}": f"{score.found:,} of {score.n:,} found, "
        f"{score.false:,} false, AP50 {score.ap50:.1%}"
        for score in (card.test if card else ())
    }


def runs_table(runs: Path = SHIPPED_RUNS) -> str:
    """Markdown table of the recorded trainings that were measured, one row a run."""
    rows = [
        "| run | recipe | network, input | body started from | epochs x pictures | minutes "
        "| right on test (95% interval by group), or faces found |",
        "|---|---|---|---|---|---|---|",
    ]
    for folder in sorted(path.parent for path in runs.glob(f"*/{CONFIG_FILE}")):
        if not (folder / METRICS_FILE).is_file():
            continue  # begun a moment ago
        if not (tested := _tested(folder)):
            continue
        config = read_config(folder)
        epochs = (read_detection_epochs if config.task == "detect" else read_epochs)(folder)
        parts = [epoch for part in sorted(folder.glob("parts/*")) for epoch in read_epochs(part)]
        said = config.settings
        pictures = said["pictures_per_epoch"] or config.split_sizes["train"]
        weights = said.get("backbone_weights", "ImageNet")
        rows.append(
            f"| `{folder.name}` | `{config.recipe}` "
            f"| {config.architecture}, {said['size']} px "
            f"| {'nothing' if weights == 'none' else 'ImageNet'} "
            f"| {len(epochs) + len(parts)} x {pictures:,} "
            f"| {sum(epoch.seconds for epoch in [*epochs, *parts]) / 60:.0f} | {tested} |"
        )
    return "\n".join(rows)


def _tested(folder: Path) -> str:
    """What the test part said of a run, "" if it was not asked."""
    if (folder / DETECTION_FILE).is_file():
        found = read_detection_evaluation(folder)
        return "; ".join(
            f"AP50 of {score.n:,} faces of {score.source}: "
            f"{'at least ' if score.source in found.incomplete else ''}{score.ap50:.1%}"
            for score in found.scores
            if score.way == "photo"
        )
    said = []
    for name, what in (("", ""), (REAL, "real photos alone: ")):
        if not (folder / file_name(EVALUATION_FILE, name)).is_file():
            continue
        test = read_evaluation(folder, name)
        low, high = test.bootstrap.accuracy if test.bootstrap else test.interval
        hits, drawn = round(test.accuracy * test.n), test.subgroups.get("drawn", {}).get("drawn", (0, 0))[1]
        share = f", {rate(drawn, test.n):.0%} of them drawn" if drawn else ""
        said.append(f"{what}{hits:,} of {test.n:,}{share}: {test.accuracy:.1%} ({low:.1%} to {high:.1%})")
    return "; ".join(said)


def cross_table(table: CrossSource) -> str:
    """Markdown table of mean recall: a row for each source trained on, a column for each tested on."""
    rows = ["| trained on | " + " | ".join(table.sources) + " |", "|---" * (len(table.sources) + 1) + "|"]
    for trained in table.sources:
        pairs = [table.mean_recall(trained, tested) for tested in table.sources]
        shown = [f"{mean:.1%} of {n:,}" if n else "no examples" for mean, n in pairs]
        rows.append("| " + " | ".join([trained, *shown]) + " |")
    return "\n".join(rows)


def speed_table(measured: Path = MEASURED) -> str:
    """Markdown table of whole programs over some of the walls and over real pictures."""
    told = json.loads(measured.read_text(encoding="utf-8"))["rows"]
    rows = [comparison.Row(**row) for row in told if row["scenes"] in WALLS or row["megapixels"] is None]
    firsts = {row.scenes: row for row in reversed(rows)}
    return "\n".join(table_lines(comparison.HEAD, [row.cells(firsts[row.scenes]) for row in rows]))


def starts_table(measured: Path = MEASURED) -> str:
    """Markdown table of whole programs' cold starts."""
    told = json.loads(measured.read_text(encoding="utf-8"))["starts"]
    each = [starts.Starts(one["program"], tuple(starts.Start(**s) for s in one["each"])) for one in told]
    return "\n".join(table_lines(starts.HEAD, [one.cells(each[0]) for one in each]))


def class_names_table() -> str:
    rows = ["| label | names, in any case, with spaces, dashes, underscores or none |", "|---|---|"]
    rows += [f"| `{label}` | {', '.join(names)} |" for label, names in CLASS_NAMES.items()]
    return "\n".join([*rows, f"| left out and counted | {', '.join(NOTHING_SAID)} |"])


BLOCKS: dict[Path, dict[str, Callable[[], str]]] = {
    ROOT / "README.md": {
        "figures": lambda: figures(read_card(SHIPPED / DEFAULT)),
        "weights": weights_table,
        "speed": speed_table,
        "starts": starts_table,
    },
    ROOT / "training" / "README.md": {
        "runs": runs_table,
        "sources": lambda: "\n\n".join(
            cross_table(read_cross_source(p.parent))
            for p in sorted(SHIPPED_RUNS.glob(f"*/{CROSS_SOURCE_FILE}"))
        ),
    },
    ROOT / "docs" / "training.md": {"class names": class_names_table},
}


def rewritten(text: str, name: str, block: str) -> str:
    """The text with `block` between the markers of `name`."""
    return between(text, start(name), END, block)


def between(text: str, first: str, last: str, block: str) -> str:
    """The text with `block` between two markers. Raises `ValueError` where one is missing."""
    before, marker, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not marker or not end:
        raise ValueError(f"no markers {first} ... {last}")
    return f"{before}{marker}\n{block}\n{end}{after}"


def main() -> int:
    changed = 0
    for path, blocks in BLOCKS.items():
        old = text = path.read_text(encoding="utf-8")
        for name, block in blocks.items():
            text = rewritten(text, name, block())
        changed |= text != old
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
    return changed if "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
