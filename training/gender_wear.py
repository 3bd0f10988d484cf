"""Data for the eight labels of `gender_wear8`: synthetic masks at three heights on faces of known gender.

    python -m training.gender_wear --data MANIFEST --output FOLDER [--yunet ONNX] [--variants N]

MANIFEST has a column `gender` (female or male) and labels of mask3. Bare faces give `no_mask` and, with
synthetic masks, the three ways of wearing; faces with a mask give `covers_nose_and_mouth`. Masks worn
incorrectly are left out, because mask3 does not tell in which of the two ways. So are rows of split `test`.

FOLDER/<label>/<number>.jpg
FOLDER/manifest.csv     to train on, and a balanced test part: as many faces of each label
FOLDER/real.csv         the real photos among the faces kept for testing, not balanced

All pictures of a group are on one side. Column `drawn` says which masks are synthetic.
"""

from __future__ import annotations

import argparse
import csv
import io
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core import terminal
from core.detection import FaceDetector, load_detector
from core.errors import RecordError
from core.images import to_jpeg
from core.labels import GENDER_WEAR_8, WEAR_4
from core.mask_rendering import WEARINGS
from core.records import write_text
from training.data import Example, load_crops, one_line_errors, place, read_manifest
from training.synthesis import add_masks, find_landmarks

log = logging.getLogger(__name__)

GENDERS = ("female", "male")
COVERED, *_, BARE = WEAR_4
WEARING_OF = {"with_mask": COVERED, "without_mask": BARE}
CROP_SCALE = 1.5  # that of the recipes, for faces with a box in a larger photo
CHUNK = 200  # faces in memory at once
SIDES = 32, 512  # pixels: a mask shows on less no more, and CHUNK faces of more fill the memory
JPEG_QUALITY = 92
TEST_SHARE, VALIDATION_SHARE = 0.2, 0.1
COLUMNS = ("path", "label", "split", "source", "group", "face_px", "gender", "drawn")


@dataclass(frozen=True, slots=True)
class Picture:
    """A row of the new manifest."""

    path: str
    label: str
    split: str
    source: str
    group: str
    face_px: float
    gender: str
    synthetic: bool


def build(
    data: Path, output: Path, detector: FaceDetector, *, variants: int = 2, size: int = 160, seed: int = 0
) -> tuple[Picture, ...]:
    """Write pictures and manifests to a new folder; returns the rows of both. Raises `MaskwiseError`."""
    examples = _usable(read_manifest(data).examples)
    if not any(e.label == "without_mask" for e in examples):
        raise RecordError(
            f"{data}: no bare face with a gender to draw on. It needs rows of label without_mask with the "
            "column gender, female or male."
        )
    _make_folders(output)
    pictures: list[Picture] = []
    with tqdm(total=len(examples), unit=" faces", desc="drawing", disable=None) as bar:
        for start in range(0, len(examples), CHUNK):
            chunk = examples[start : start + CHUNK]
            for crop, picture in _pictures(chunk, detector, variants, size, seed + start):
                named = replace(picture, path=f"{picture.label}/{len(pictures):06}.jpg")
                (output / named.path).write_bytes(to_jpeg(crop, quality=JPEG_QUALITY))
                pictures.append(named)
            bar.update(len(chunk))
    kept = [p for p in pictures if p.split != "test"]
    test = [p for p in pictures if p.split == "test"]
    balanced = _balanced(test, seed)
    if not balanced:
        log.warning(
            "No test part in manifest.csv: some label has no face there. Give more faces of each gender."
        )
    _write_manifest(output / "manifest.csv", kept + balanced)
    _write_manifest(output / "real.csv", [p for p in test if not p.synthetic])
    return tuple(pictures)


def _usable(examples: Sequence[Example]) -> list[Example]:
    """Bare and masked faces of known gender that are not kept for testing already."""
    named = [replace(e, gender=e.gender.strip().lower()) for e in examples]
    return [e for e in named if e.gender in GENDERS and e.label in WEARING_OF and e.split != "test"]


def _make_folders(output: Path) -> None:
    try:
        if output.exists() and any(output.iterdir()):
            raise RecordError(
                f"{output} is not empty. Give another --output, so that nothing is overwritten."
            )
        for label in GENDER_WEAR_8:
            (output / label).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise RecordError(
            f"{output}: no folder can be made there ({problem.strerror}). Give another --output."
        ) from None


def _pictures(
    examples: Sequence[Example], detector: FaceDetector, variants: int, size: int, seed: int
) -> Iterator[tuple[np.ndarray, Picture]]:
    crops, examples, _ = load_crops(examples, size, CROP_SCALE)
    for crop, example in zip(crops, examples, strict=True):
        yield crop, _row(example, WEARING_OF[example.label])
    bare = [i for i, e in enumerate(examples) if e.label == "without_mask"]
    landmarks = find_landmarks(crops[bare], detector)
    for drawn, wearing, face in zip(
        *add_masks(crops[bare], landmarks, seed, WEARINGS * variants), strict=True
    ):
        yield drawn, replace(_row(examples[bare[face]], wearing), synthetic=True)


def _row(example: Example, wearing: str) -> Picture:
    # Photos are re-used between sources: the group's own name, without the source, keeps them on one side.
    group = example.group.removeprefix(f"{example.source}/")
    at = place(f"gender_wear/{group}")
    return Picture(
        path="",
        label=f"{example.gender}_{wearing}",
        split="test" if at < TEST_SHARE else "validation" if at < TEST_SHARE + VALIDATION_SHARE else "train",
        source=example.source,
        group=group,
        face_px=example.face_px,
        gender=example.gender,
        synthetic=False,
    )


def _balanced(pictures: Sequence[Picture], seed: int) -> list[Picture]:
    """As many of each label, chosen at random."""
    rng = np.random.default_rng(seed)
    n = min(Counter(p.label for p in pictures)[label] for label in GENDER_WEAR_8)
    chosen = []
    for label in GENDER_WEAR_8:
        members = [p for p in pictures if p.label == label]
        chosen += [members[i] for i in sorted(rng.permutation(len(members))[:n])]
    return chosen


def _write_manifest(path: Path, pictures: Sequence[Picture]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for p in pictures:
        face_px = "" if np.isnan(p.face_px) else f"{p.face_px:.0f}"
        writer.writerow([p.path, p.label, p.split, p.source, p.group, face_px, p.gender, int(p.synthetic)])
    write_text(path, buffer.getvalue())


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def _side(text: str) -> int:
    side = int(text)
    if not SIDES[0] <= side <= SIDES[1]:
        raise argparse.ArgumentTypeError(f"give {SIDES[0]} to {SIDES[1]} pixels")
    return side


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.gender_wear", description="Draw eight labels.")
    parser.add_argument("--data", type=Path, required=True, metavar="MANIFEST")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument("--yunet", type=Path, help="face detector, whose points say where a mask goes")
    parser.add_argument(
        "--variants", type=_at_least_one, default=2, help="masks of each height on a face (default 2)"
    )
    parser.add_argument("--size", type=_side, default=160, help="of the pictures, pixels (default 160)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        pictures = build(
            options.data,
            options.output,
            load_detector("yunet", yunet_path=options.yunet),
            variants=options.variants,
            size=options.size,
            seed=options.seed,
        )
    for split in ("train", "validation", "test"):
        print(split)
        for label in GENDER_WEAR_8:
            real, drawn = (
                sum(p.label == label and p.split == split and p.synthetic is how for p in pictures)
                for how in (False, True)
            )
            print(f"  {label:30} {real:6} real {drawn:6} drawn")
    print(f"Train on {options.output / 'manifest.csv'}, whose test part is balanced.")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
