"""The faces that a recipe learns from and chooses by, in memory."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.detection import load_detector
from core.errors import DetectorError, RecordError
from core.labels import DEPICTION, ClassSet, LabelSet
from training.data.crops import load_crops
from training.data.example import Example, Manifest
from training.data.formats.class_names import subtype_of
from training.data.near_duplicates import near_duplicate_groups
from training.data.partition import validates, with_near_duplicates
from training.recipes import Recipe
from training.synthesis import (
    LABELS,
    SUBTYPE_OF,
    SUBTYPE_SHARE,
    add_depictions,
    add_lookalikes,
    add_masks,
    cloths,
    find_landmarks,
    portraits,
    unmask_faces,
    variants,
)

log = logging.getLogger(__name__)

_MOST_MASKED = 5_000  # masked faces that are unmasked in part, three times each: bounds memory
_MOST_CLOTHS = 1_500  # as many as make no mask too common
_FACES_A_DEPICTION = 6  # of so many faces one is made a depiction
STORED_SCALE = 1.25  # crops are held somewhat larger than the body sees them, so that zooming in adds no blur


@dataclass(frozen=True, slots=True)
class Faces:
    """N faces: `crops` (N, S, S, 3) uint8 RGB, `class_indices` (N,) int in the annotations, a source each.

    The annotations of a `ClassSet` begin with its labels. Without finer classes there are no others.
    """

    crops: np.ndarray
    class_indices: np.ndarray
    sources: tuple[str, ...]
    synthetic: np.ndarray

    def __len__(self) -> int:
        return len(self.class_indices)

    def only(self, wanted: np.ndarray) -> Faces:
        """Those of which `wanted` (N,) bool is true."""
        sources = tuple(source for source, keep in zip(self.sources, wanted, strict=True) if keep)
        return Faces(self.crops[wanted], self.class_indices[wanted], sources, self.synthetic[wanted])

    def relabelled(self, labels: LabelSet, label_of: Mapping[str, str], to: LabelSet) -> Faces:
        """The same faces under another label set."""
        table = np.array([to.index(label_of[label]) for label in labels])
        return replace(self, class_indices=table[self.class_indices])


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a run is trained on. `groups` are those of both parts; nothing of them may be tested on."""

    training: Faces
    validation: Faces
    groups: frozenset[str]
    sha256: str

    def relabelled(self, labels: LabelSet, label_of: Mapping[str, str], to: LabelSet) -> Dataset:
        return replace(
            self,
            training=self.training.relabelled(labels, label_of, to),
            validation=self.validation.relabelled(labels, label_of, to),
        )

    @property
    def sources(self) -> dict[str, int]:
        """How many real pictures of each source are learned from."""
        real = zip(self.training.sources, self.training.synthetic, strict=True)
        return dict(sorted(Counter(source for source, synthetic in real if not synthetic).items()))

    def source_labels(self, classes: ClassSet) -> dict[str, dict[str, int]]:
        """How many pictures are learned from, by source and label (or what is no face), drawn ones too."""
        counts: dict[str, Counter[str]] = {}
        groups = classes.annotation_groups()[self.training.class_indices].tolist()
        for source, group in zip(self.training.sources, groups, strict=True):
            counts.setdefault(source, Counter())[classes.groups[group]] += 1
        return {source: dict(sorted(faces.items())) for source, faces in sorted(counts.items())}

    @property
    def sizes(self) -> dict[str, int]:
        return {
            "train": int((~self.training.synthetic).sum()),
            "drawn": int(self.training.synthetic.sum()),
            "validation": len(self.validation),
        }


def load_dataset(
    recipe: Recipe,
    manifest: Manifest,
    *,
    yunet: Path | None = None,
    only_sources: Sequence[str] = (),
    held_out_sources: Sequence[str] = (),
    limit: int | None = None,
) -> Dataset:
    """Read the parts of `manifest` that may be learned from. Raises `RecordError` when a part is left empty.

    Rows of split "validation" validate where there are any, else a share of the groups, near-duplicates being
    of one group. `held_out_sources` only validate; `only_sources` leaves all others out. `limit` bounds the
    pictures, for a rehearsal. Synthetic masks are added where the recipe asks for them and a detector with
    landmarks is at hand.
    """
    examples = [
        e
        for e in manifest.examples
        if may_be_learned(e)
        and (not only_sources or e.source in only_sources or e.source in held_out_sources)
    ]
    if limit:
        some = np.random.default_rng(recipe.seed).permutation(len(examples))[:limit]
        examples = [examples[i] for i in sorted(some)]
    faces, examples = load_faces(recipe, examples)
    if any(e.split == "validation" for e in examples):
        chosen = [e.split == "validation" or e.source in held_out_sources for e in examples]
    else:
        together = with_near_duplicates(examples, near_duplicate_groups(faces.crops))
        chosen = [validates(e, recipe.validation_share, held_out_sources) for e in together]
    validation = faces.only(np.array(chosen, bool))
    training = _with_synthetic(recipe, faces.only(~np.array(chosen, bool)), yunet)
    log.info(
        "%d pictures to train on, %d of them synthetic, %d to validate on",
        len(training),
        training.synthetic.sum(),
        len(validation),
    )
    groups = recipe.class_set.annotation_groups()[validation.class_indices]
    labelled = int((groups < len(recipe.labels)).sum())  # what is no face says nothing of labels
    if not len(training) or not labelled:
        raise RecordError(
            f"{len(training)} pictures to train on and {labelled} faces to validate on are too few. "
            "Add pictures; those of one group, and near-duplicates, count as one."
        )
    return Dataset(training, validation, frozenset(e.group for e in examples), manifest.sha256)


def may_be_learned(example: Example) -> bool:
    """Not so the test part, nor parts of other names, which may be kept for another question."""
    return example.split in ("", "train", "validation")


def load_faces(recipe: Recipe, examples: Sequence[Example]) -> tuple[Faces, list[Example]]:
    """Those of `examples` that can be read, at the size that training holds them."""
    side = max(recipe.size, round(recipe.seen * STORED_SCALE))
    crops, examples, _ = load_crops(examples, side, recipe.crop_scale)
    faces = Faces(
        crops,
        np.array([recipe.class_set.annotation(e.label, subtype_of(e.subtype)) for e in examples], np.int64),
        tuple(e.source for e in examples),
        np.array([e.synthetic for e in examples], bool),
    )
    return faces, examples


def _with_synthetic(recipe: Recipe, faces: Faces, yunet: Path | None) -> Faces:
    """The faces and, after them, what is made of them: synthetic masks and look-alikes on the bare ones,
    masked ones unmasked in part, depictions.
    """
    if not recipe.synthetic_share or "without_mask" not in recipe.labels.labels or not len(faces):
        return faces
    try:
        detector = load_detector("yunet", yunet_path=yunet)
    except DetectorError as problem:
        log.warning("No synthetic masks are made, since faces need landmarks for it. %s", problem)
        return faces
    bare, masked = (_real(recipe, faces, label) for label in ("without_mask", "with_mask"))
    masked = masked[np.random.default_rng(recipe.seed).permutation(len(masked))[:_MOST_MASKED]]
    bare_points, masked_points = (find_landmarks(crops, detector) for crops in (bare, masked))
    cloth = cloths(masked[:_MOST_CLOTHS], masked_points[:_MOST_CLOTHS])
    wearings = variants(recipe.subtype_share or SUBTYPE_SHARE)
    masks, ways, _ = add_masks(bare, bare_points, recipe.seed, wearings, cloths=cloth)
    skins, unmasked = unmask_faces(
        portraits(masked, masked_points), portraits(bare, bare_points), recipe.seed
    )
    alike, kinds = add_lookalikes(bare, bare_points, recipe.seed)
    seen = np.concatenate([bare[::_FACES_A_DEPICTION], masked[::_FACES_A_DEPICTION]])
    count = len(seen) if DEPICTION in recipe.class_set.groups else 0
    depictions, of = add_depictions(seen, recipe.seed, count)
    made = [
        _made(recipe, masks, ways, "synthetic"),
        _made(recipe, skins, unmasked, "unmasked"),
        _made(recipe, alike, kinds, "lookalike"),
        _made(recipe, depictions, of, "depiction"),
    ]
    del bare, masked, masks, skins, alike, seen, depictions  # most of the memory, and all is joined now
    return _joined([faces, *made])


def _real(recipe: Recipe, faces: Faces, label: str) -> np.ndarray:
    """(N, S, S, 3) of those with that label that nobody drew on."""
    if label not in recipe.labels.labels:
        return faces.crops[:0]
    return np.asarray(faces.crops[(faces.class_indices == recipe.labels.index(label)) & ~faces.synthetic])


def _made(recipe: Recipe, pictures: np.ndarray, made: Sequence[str], source: str) -> Faces:
    """Those that the recipe has a label for; `made` is what was drawn in each picture."""
    wanted = np.array([LABELS[way] in recipe.class_set.groups for way in made], bool)
    class_indices = [
        recipe.class_set.annotation(LABELS[way], SUBTYPE_OF.get(way, ""))
        for way, keep in zip(made, wanted, strict=True)
        if keep
    ]
    return Faces(
        pictures if wanted.all() else pictures[wanted],
        np.array(class_indices, np.int64),
        (source,) * len(class_indices),
        np.ones(len(class_indices), bool),
    )


def _joined(parts: list[Faces]) -> Faces:
    """All parts that are not empty, in their order. Empties the list, so that each part can be freed."""
    parts[:] = [part for part in parts if len(part)]
    sizes = [len(part) for part in parts]
    class_indices = np.concatenate([part.class_indices for part in parts])
    sources = tuple(source for part in parts for source in part.sources)
    synthetic = np.concatenate([part.synthetic for part in parts])
    crops = np.empty((sum(sizes), *parts[0].crops.shape[1:]), np.uint8)
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        crops[end - size : end] = parts.pop(0).crops
    return Faces(crops, class_indices, sources, synthetic)
