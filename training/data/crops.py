"""The pictures of examples, of files or packed by `training.pack`: read, cropped, brought to one size."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import groupby, islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.errors import ImageError
from core.images import crop_face, read_image, to_input
from core.results import Frame
from core.text import printable
from training.data.example import Example
from training.data.formats.packed import Pack, open_pack

log = logging.getLogger(__name__)

_FACES = 32  # of one file, cropped by one thread after one reading
_FILES = 64  # read before their crops are given away: 2,048 crops of 160 pixels, 157 MB, at most


def load_crop(example: Example, crop_scale: float) -> np.ndarray:
    """The face's crop (H, W, 3) uint8 RGB. Raises `ImageError`; `RecordError` if packed otherwise."""
    if example.row is None:
        return _crop(read_image(example.path), example, crop_scale)
    with closing(open_pack(example.path)) as pack:
        pack.require(0, crop_scale)
        return pack.crop(example.row)


def load_crops(
    examples: Sequence[Example], size: int, crop_scale: float
) -> tuple[np.ndarray, list[Example], list[str]]:
    """(N, size, size, 3) uint8 RGB, the examples they show, and what could not be read.

    Raises `RecordError` if examples are packed at another scale or smaller.
    """
    crops = np.empty((len(examples), size, size, 3), np.uint8)  # filled in place: they are most of the memory
    kept: list[Example] = []
    unreadable: list[str] = []
    read = read_crops(examples, size, crop_scale)
    bar = tqdm(read, "reading pictures", len(examples), unit=" faces", disable=None, delay=1)
    for example, crop in zip(examples, bar, strict=True):
        if isinstance(crop, str):
            log.warning(crop)
            unreadable.append(crop)
        else:
            crops[len(kept)] = crop
            kept.append(example)
    return crops[: len(kept)], kept, unreadable


def read_crops(examples: Sequence[Example], size: int, crop_scale: float) -> Iterator[np.ndarray | str]:
    """Of each example, in their order, its crop (size, size, 3) uint8 RGB, or why there is none.

    Faces of one photo that follow each other take one reading. Raises `RecordError` as `load_crops`.
    """
    with ExitStack() as stack:
        packs: dict[Path, Pack] = {}
        for path in {example.path for example in examples if example.row is not None}:
            packs[path] = stack.enter_context(closing(open_pack(path)))
            packs[path].require(size, crop_scale)
        pool = stack.enter_context(ThreadPoolExecutor())

        def read(faces: Sequence[Example]) -> list[np.ndarray | str]:
            return _of_one_file(faces, packs.get(faces[0].path), size, crop_scale)

        work = _by_file(examples)
        while files := list(islice(work, _FILES)):
            for crops in pool.map(read, files):
                yield from crops


def _by_file(examples: Sequence[Example]) -> Iterator[list[Example]]:
    for _, faces in groupby(examples, lambda example: example.path):
        while some := list(islice(faces, _FACES)):
            yield some


def _of_one_file(
    faces: Sequence[Example], pack: Pack | None, size: int, crop_scale: float
) -> list[np.ndarray | str]:
    try:
        frame = None if pack else read_image(faces[0].path)
        if frame and frame.note:
            log.warning("%s: %s", printable(faces[0].path.name), frame.note)
    except ImageError as problem:
        return [str(problem)] * len(faces)
    found: list[np.ndarray | str] = []
    for face in faces:
        try:
            if frame is not None:
                crop = _crop(frame, face, crop_scale)
            else:
                assert pack and face.row is not None  # noqa: S101 - a face of a pack has its row there
                crop = pack.crop(face.row)
            found.append(to_input(crop, size))
        except ImageError as problem:
            found.append(str(problem))
    return found


def _crop(frame: Frame, example: Example, crop_scale: float) -> np.ndarray:
    if example.box is None:
        return frame.rgb
    x1, y1, x2, y2 = example.box
    if max(x2 - x1, y2 - y1) > max(frame.width, frame.height):  # else a slip in a digit fills the memory
        raise ImageError(
            f"{example.path.name}: box {example.box} is larger than the picture. Correct its row."
        )
    try:
        return crop_face(frame, example.box, crop_scale)
    except ValueError as problem:
        raise ImageError(f"{example.path.name}: {problem}. Correct its row in the manifest.") from None
