"""Runs and models in which every text that may be a stranger's is hostile."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

from core.models.installed import SHIPPED
from core.runs.catalog import SHIPPED_RUNS

TOKENS = (
    *("![p](http://evil.test/p.png)", "[l](http://evil.test)", "<i>evil</i>", "<img src=//evil.test/h.png>"),
    *("http://evil.test", "www.evil.test", "$evil$", ":material/face:", ":smile:", ":red[evil]", "**evil**"),
)
"""Each is read by Markdown, by HTML or by Streamlit."""
HOSTILE = [
    *("![](https://example.org/x.png)", "[click](https://example.org)", "<img src=x>", "*a* `b` $c$ ~~d~~"),
    *("https://example.org/x", "www.example.org", "a@example.org", "<https://example.org>", "[r]: //x\n[r]"),
    *(":material/face:", ":streamlit:", ":smile:", ":red[x]", ":blue-badge[x]", ":rainbow[x]", "$$x^2$$"),
    *("_a_ __b__", "# head", "- item", "+ item", "1. item", "2) item", "> quote", "a\n===", "a\n\n# b\n- c"),
    *(
        "&lt;b&gt;",
        "a -> b <- c",
        "| a |\n|---|\n| b |",
        "    code",
        "\\![](x)",
        "\\\\[l](x)",
        "[^1]\n\n[^1]: f",
    ),
    *("```\ncode", "~~~\ncode", "- [ ] t", "***", "---", "<!-- c -->", "&#33;[i](//x.org)"),
]
"""Each is text that Markdown or Streamlit would read something into."""
TEXT = "![p](http://evil.test/p.png) <img src=//evil.test/h.png> $evil$ :red[evil]"
LONG = " ".join((*TOKENS, "\u202eright to left\n# evil\n- evil"))
_FOLDER_NAME = "[l](x) $evil$ :smile: **evil** www.evil.test"  # no slash is in a file's name


def hostile_run(root: Path, source: str = "mask3-v1") -> Path:
    """A shipped run whose labels, sources, phases, recipe and so on are hostile, in a folder in `root`."""
    folder = root / f"{_FOLDER_NAME} {source}"
    shutil.copytree(SHIPPED_RUNS / source, folder, ignore=shutil.ignore_patterns("checkpoints"))
    config = json.loads((folder / "config.json").read_text())
    labels = {label: f"{number} {TEXT}" for number, label in enumerate(config["labels"]["names"])}
    for path in sorted(folder.rglob("*.json*")):
        lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
        plain = [_changed(json.loads(line), labels) for line in lines]
        if path.name.startswith("evaluation"):
            plain[0] |= {"label_slices": _slices(plain[0]["labels"]["names"]), "points_from": TEXT}
        changed = [json.dumps(record) for record in plain]
        path.write_text("\n".join(changed) + "\n")
    for path in folder.rglob("*.csv"):
        rows = [
            [labels.get(v, _source(v) if column == "source" else v) for column, v in row.items()]
            for row in csv.DictReader(io.StringIO(path.read_text()))
        ]
        header = next(csv.reader(io.StringIO(path.read_text())))
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([[labels.get(h, h) for h in header], *rows])
    return folder


def hostile_model(root: Path, name: str = "hostile") -> Path:
    """A shipped model of labels alone, which may be called anything; its card is hostile in every text."""
    folder = root / name
    shutil.copytree(SHIPPED / "gender_wear8", folder, ignore=shutil.ignore_patterns("*.keras"))
    card = json.loads((folder / "card.json").read_text())
    labels = {label: f"{number} {TEXT}" for number, label in enumerate(card["labels"]["names"])}
    card = _changed(card, labels)
    for field in ("summary", "architecture", "intended_use", "licence", "warning"):
        card[field] = LONG
    for field in ("limits", "licence_notes"):
        card[field] = [LONG]
    for threshold in filter(None, card["quality"].values()):
        threshold["reason"] = LONG
    card["weights"].pop("keras")
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def broken(root: Path, file: str) -> Path:
    """A folder whose `file` is no record, so that its error would quote a hostile text."""
    folder = root / f"{_FOLDER_NAME} broken"
    folder.mkdir()
    (folder / file).write_text(json.dumps({TEXT: 1}))
    return folder


_TEXTS = {"recipe", "device", "git_commit", "started", "phase", "mapped_from", "evaluated", "set"}
_SOURCES = {"split_sizes", "validation", "confusion", "left_out", "pictures"}


def _slices(labels: list[str]) -> list[dict[str, Any]]:
    counts = {"n": 30, "hits": 20, "cannot_tell": 1}
    return [{"dimension": d, "value": TEXT, "label": labels[0]} | counts for d in (TEXT, "skin tone")]


def _source(name: str) -> str:
    return f"{name} {TEXT}"


def _changed(value: Any, labels: dict[str, str], field: str = "") -> Any:
    if isinstance(value, dict):
        return {_key(k, labels, field): _changed(v, labels, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_changed(inner, labels, field) for inner in value]
    if isinstance(value, str):
        if value in labels:
            return labels[value]
        if field in ("source", "incomplete"):
            return _source(value)
        if field in _TEXTS:
            return f"{value[:20]} {TEXT}"
    return value


def _key(key: str, labels: dict[str, str], within: str) -> str:
    source, slash, label = key.partition("/")
    if slash and label in labels:
        return f"{source} {TEXT}/{labels[label]}"
    if within in _SOURCES and key not in labels:
        return _source(key)
    return labels.get(key, key)
