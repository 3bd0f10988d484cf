"""Crops of the faces that boxes name, in folders for training: no photo, nor a near-duplicate, on two sides.

    python -m training.split IMAGES CSV TRAIN VALID TEST [--output data] [--crop-scale S] [--incorrect …]

writes `data/{train,valid,test}/{mask,no-mask}/`. CSV is `name,x1,x2,y1,y2,classname` as in Kaggle's
wobotintelligence set, the folder of its JSON annotations, or another format of `training.data.formats`.
TRAIN, VALID and TEST are percentages of the faces and add to 100; each label is shared out so, as groups
allow.

A crop is the box itself, not squared; `--crop-scale 1.5` takes the square that our recipes learn from. A mask
worn incorrectly counts as no-mask, since it does not do what a mask is for; `--incorrect` says otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.contrib.concurrent import thread_map

from core import terminal
from core.errors import ImageError, RecordError
from core.images import crop_face, read_image, to_jpeg
from core.labels import MASK_3
from core.results import Frame
from training.data import (
    READERS,
    Example,
    add_reading_options,
    how_to_read,
    near_duplicate_groups,
    one_line_errors,
    read_manifest,
    require_known_names,
    with_near_duplicates,
)

PARTS = ("train", "valid", "test")
MASK, NO_MASK, INCORRECT, LEAVE_OUT = "mask", "no-mask", "incorrect-mask", "leave-out"
PREVIEW_SIDE = 128  # pixels: enough to tell near-duplicates by, and 10,000 photos fit into half a gigabyte
JPEG_QUALITY = 95  # a crop is compressed twice; here the second time is not seen


@dataclass(frozen=True, slots=True)
class Written:
    """Crops by part and folder, photos that have a near-duplicate, and what could not be read."""

    counts: Mapping[str, Counter[str]]
    near_duplicates: int
    problems: tuple[str, ...]


def split(
    examples: Sequence[Example],
    folders: Mapping[str, str],
    percentages: Sequence[float],
    output: Path,
    crop_scale: float | None = None,
) -> Written:
    """Write each example's crop under `output` into its part and the folder of its label.

    Raises `RecordError` when `output` holds something, or when no photo can be read.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise RecordError(f"{output}: is there already. Remove it, or choose another place with --output.")
    photos: dict[Path, list[tuple[int, Example]]] = defaultdict(list)
    for number, example in enumerate(examples):
        photos[example.path].append((number, example))
    previews, problems = _previews(list(photos))
    if not previews:
        raise RecordError(f"None of {len(photos)} photos can be read. {problems[0] if problems else ''}")
    group_of = dict(zip(previews, near_duplicate_groups(list(previews.values())), strict=True))
    side = parts([e for path in previews for _, e in photos[path]], group_of, percentages)
    for part in PARTS:
        for folder in sorted(set(folders.values())):
            (output / part / folder).mkdir(parents=True, exist_ok=True)

    def write(path: Path) -> tuple[Counter[str], list[str]]:
        return _write_crops(photos[path], folders, output / side[path], crop_scale)

    counts: dict[str, Counter[str]] = {part: Counter() for part in PARTS}
    written = thread_map(write, previews, desc="cropping", unit=" photos", disable=None)
    for path, (names, failed) in zip(previews, written, strict=True):
        counts[side[path]].update(names)
        problems += failed
    sizes = Counter(group_of.values())
    return Written(counts, sum(sizes[group] > 1 for group in group_of.values()), tuple(problems))


def parts(
    examples: Sequence[Example], group_of: Mapping[Path, int], percentages: Sequence[float]
) -> dict[Path, str]:
    """The part of each photo. Near-duplicates and photos of one group of the data stay together.

    Large groups go first, each to the part that lacks its labels most: so rare labels come into all parts.
    """
    members = _joined(examples, group_of)
    total = Counter(example.label for example in examples)
    lacking = {
        part: {k: n * p / 100 for k, n in total.items()} for part, p in zip(PARTS, percentages, strict=True)
    }
    open_parts = [part for part, percentage in zip(PARTS, percentages, strict=True) if percentage > 0]
    side: dict[Path, str] = {}
    for group in sorted(members, key=lambda group: (-len(group), _draw(group[0]))):
        labels = Counter(example.label for example in group)
        need = {p: sum(n * lacking[p][k] / total[k] for k, n in labels.items()) for p in open_parts}
        part = max(open_parts, key=need.__getitem__)
        for label, n in labels.items():
            lacking[part][label] -= n
        side.update((example.path, part) for example in group)
    return side


def _joined(examples: Sequence[Example], group_of: Mapping[Path, int]) -> list[list[Example]]:
    """Examples in sets that share no photo, near-duplicate or group of the data with each other."""
    sets: dict[str, list[Example]] = defaultdict(list)
    together = with_near_duplicates(examples, [group_of[example.path] for example in examples])
    for example, joined in zip(examples, together, strict=True):
        sets[joined.group].append(example)
    return list(sets.values())


def _draw(example: Example) -> bytes:
    """An order that looks random and is always the same for a photo."""
    return hashlib.sha256(os.fsencode(example.path.name)).digest()


def _previews(paths: Sequence[Path]) -> tuple[dict[Path, np.ndarray], list[str]]:
    def preview(path: Path) -> np.ndarray | str:
        try:
            return read_image(path, max_side=PREVIEW_SIDE).rgb
        except ImageError as problem:
            return str(problem)

    read = thread_map(preview, paths, desc="looking for near-duplicates", unit=" photos", disable=None)
    found = list(zip(paths, read, strict=True))
    return {p: r for p, r in found if not isinstance(r, str)}, [r for _, r in found if isinstance(r, str)]


def _write_crops(
    faces: Sequence[tuple[int, Example]], folders: Mapping[str, str], part: Path, crop_scale: float | None
) -> tuple[Counter[str], list[str]]:
    """Faces of one photo: how many went into each folder, and what could not be cropped.

    The number in a name keeps photos of one name apart.
    """
    counts: Counter[str] = Counter()
    problems: list[str] = []
    path = faces[0][1].path
    try:
        frame = read_image(path)
    except ImageError as problem:  # its preview could be read, but it may be damaged further down
        return counts, [str(problem)]
    for number, example in faces:
        folder = folders[example.label]
        try:
            crop = _crop(frame, example, crop_scale)
        except ValueError as problem:
            problems.append(f"{path.name}: {problem}")
        else:
            jpeg = to_jpeg(crop, quality=JPEG_QUALITY, full_colour=True)
            (part / folder / f"{path.stem}_{number}.jpg").write_bytes(jpeg)
            counts[folder] += 1
    return counts, problems


def _crop(frame: Frame, example: Example, crop_scale: float | None) -> np.ndarray:
    """(H, W, 3) uint8 RGB. Raises `ValueError` when the box leaves the frame."""
    if example.box is None:
        return frame.rgb
    x1, y1, x2, y2 = map(round, example.box)
    if not (0 <= x1 < x2 <= frame.width and 0 <= y1 < y2 <= frame.height):
        raise ValueError(f"box {x1, y1, x2, y2} is empty or leaves the {frame.width} x {frame.height} photo")
    return crop_face(frame, example.box, crop_scale) if crop_scale else frame.rgb[y1:y2, x1:x2]


def _report(
    written: Written, output: Path, left_out: Mapping[str, int], problems: Sequence[str]
) -> Iterator[str]:
    for part in PARTS:
        each = ", ".join(f"{folder} {n}" for folder, n in sorted(written.counts[part].items()))
        yield f"{output / part}: {each or 'no face'}"
    yield f"{written.near_duplicates} photos have a near-duplicate; those are on one side."
    if left_out:
        yield "Left out by class name: " + ", ".join(f"{name} {n}" for name, n in sorted(left_out.items()))
    if problems:
        yield f"{len(problems)} rows, files or photos could not be used:"
        yield from (f"  {problem}" for problem in problems)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.split", description="Crop faces into three parts."
    )
    parser.add_argument("images", type=Path, help="the folder of the photos")
    parser.add_argument(
        "boxes", type=Path, metavar="CSV", help="boxes: a CSV, a folder of JSON, or another format"
    )
    for part in PARTS:
        parser.add_argument(part, type=float, metavar=part.upper(), help="percentage of the faces")
    parser.add_argument("--output", type=Path, default=Path("data"), help="a new folder; default data")
    parser.add_argument("--crop-scale", type=float, help="a square of so many times the box's longer side")
    parser.add_argument("--incorrect", choices=(NO_MASK, MASK, INCORRECT, LEAVE_OUT), default=NO_MASK)
    parser.add_argument("--format", choices=sorted({*READERS} - {"packed"}), help="default: found out")
    add_reading_options(parser)
    options = parser.parse_args(arguments)
    percentages = [getattr(options, part) for part in PARTS]
    if not math.isclose(sum(percentages), 100, abs_tol=1e-6) or min(percentages) < 0:
        parser.error(
            f"{' + '.join(f'{p:g}' for p in percentages)} is not 100: give three percentages that add to 100"
        )
    if options.crop_scale is not None and not 0 < options.crop_scale <= 10:
        parser.error(f"--crop-scale {options.crop_scale:g}: give a number above 0 and up to 10")
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    with_mask, incorrect_mask, without_mask = MASK_3
    folders = {with_mask: MASK, without_mask: NO_MASK, incorrect_mask: options.incorrect}
    with one_line_errors(parser):
        manifest = read_manifest(options.boxes, **how_to_read(options))
        require_known_names(manifest, MASK_3)
        manifest = manifest.only(MASK_3)
        left_out = Counter(manifest.left_out)
        examples = [e for e in manifest.examples if folders[e.label] != LEAVE_OUT]
        left_out[incorrect_mask] += len(manifest.examples) - len(examples)
        folders = {label: folder for label, folder in folders.items() if folder != LEAVE_OUT}
        written = split(examples, folders, percentages, options.output, options.crop_scale)
    incorrect = sum(e.label == incorrect_mask for e in examples)
    if incorrect and options.incorrect != INCORRECT:
        print(
            f"{incorrect} masks worn incorrectly count as {options.incorrect}. "
            f"--incorrect {INCORRECT} keeps them apart."
        )
    if len(kinds := {folders[example.label] for example in examples}) == 1:
        print(f"All faces are {kinds.pop()}: a training needs another label beside it.")
    print("\n".join(_report(written, options.output, +left_out, [*manifest.problems, *written.problems])))
    print(*(f"note: {note}" for note in manifest.notes), sep="\n", end="\n" if manifest.notes else "")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
