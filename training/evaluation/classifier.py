"""A classifier's evaluation on the test part of some data, and its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.classification import Classifier, load_classifier, measure_pixels
from core.decision import OperatingPoint, decide
from core.errors import RecordError
from core.label_maps import scoring
from core.labels import appearance
from core.metrics import calibration_bins, confusion, expected_calibration_error, rate, wilson
from core.models import CARD_FILE, ModelCard, folders, load_engine, read_card, write_card
from core.records import MAX_LINES, MAX_LONG_TEXT, Labels
from core.review import class_report
from core.runs import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    EVALUATION_FILE,
    SHIPPED_RUNS,
    CalibrationBin,
    Evaluation,
    FacePrediction,
    Refusals,
    file_name,
    read_calibration,
    read_evaluation,
    write_evaluation,
    write_predictions,
)
from training.data import (
    Example,
    Manifest,
    fingerprint,
    load_crops,
    may_be_learned,
    read_manifest,
    require_few_sources,
    shared_groups,
    tested_part,
)
from training.evaluation import measures
from training.evaluation.face_points import find_faces
from training.evaluation.label_slices import counted, dimensions
from training.evaluation.leakage import near_duplicate_counts
from training.evaluation.mask_colour import colour_of_mask
from training.evaluation.quality_gate import answers, gate_outcomes

# So that most slices of the test pictures known so far hold some hundred faces
FACE_PX_EDGES = (0.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, float("inf"))
SHARPNESS_EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, float("inf"))
BRIGHTNESS_EDGES = (0.0, 60.0, 90.0, 120.0, 150.0, 180.0, float("inf"))

FACES = "faces"  # that have a label

KeepFaces = Callable[[Evaluation, Sequence[Example], np.ndarray], None]


def open_classifier(model: str) -> tuple[Path, Classifier]:
    """A model by name or folder, with its folder. Raises `MaskwiseError`."""
    folder = Path(model)
    if not (folder / CARD_FILE).is_file():
        return folders().get(model, folder), load_classifier(model)
    card = read_card(folder)
    return folder, Classifier(card, load_engine(folder, card))


def evaluate_classifier(
    classifier: Classifier,
    data: Path | Manifest,
    runs: Path = SHIPPED_RUNS,
    *,
    allow_shared_groups: bool = False,
    look_for_near_duplicates: bool = False,
    keep_faces: KeepFaces | None = None,
) -> tuple[Evaluation, list[FacePrediction]]:
    """Evaluate on the test part of `data`.

    `look_for_near_duplicates`: by sight, among the pictures of `data` that may be learned from. `keep_faces`
    gets the evaluation, its faces as the data has them, and their crops (N, H, W, 3) uint8 RGB. Raises
    `RecordError` when there is no test part, when no label of it is the model's, and when it shares groups
    with what the model's run in `runs` learned from.
    """
    card = classifier.card
    manifest = read_manifest(data) if isinstance(data, Path) else data
    examples = tested_part(manifest)
    tested_sha256 = fingerprint(examples)
    reserved = card.class_set.reserved
    way = scoring(card.label_set, {e.label for e in examples} - {*reserved})
    known = {*way.of_data, *reserved}
    left_out = Counter(e.label for e in examples if e.label not in known)
    examples = [e for e in examples if e.label in known]
    run = runs / card.trained_by
    # Refused before pictures are read
    shared_groups(run, examples, allowed=allow_shared_groups)
    require_few_sources({e.source for e in examples})

    crops, as_in_data, unreadable = load_crops(examples, card.input_size, card.crop_scale)
    has_label = np.array([e.label in way.of_data for e in as_in_data], bool)
    if not has_label.any():
        raise RecordError(f"No picture could be read. {unreadable[0]}")
    by_model = classifier.predict(list(crops))
    refusals: tuple[Refusals, ...] = ()
    if reserved:
        kinds = [FACES if e.label in way.of_data else e.label for e in as_in_data]
        refusals = measures.refusals(kinds, by_model, card.refused_from)
    probabilities = by_model.labels[has_label] @ way.of_model
    if not has_label.all():  # else a copy of what is most of the memory
        crops = crops[has_label]
    as_in_data = [e for e, keep in zip(as_in_data, has_label, strict=True) if keep]
    examples = [replace(e, label=way.of_data[e.label]) for e in as_in_data]
    leakage = shared_groups(run, examples, allowed=allow_shared_groups)
    faces = [face_of(crop, card.crop_scale) for crop in crops]
    qualities = [measure_pixels(face) for face in faces]
    face_px = [e.face_px for e in examples]
    labels = way.labels.labels
    true = np.array([labels.index(e.label) for e in examples])
    said = decide(probabilities, labels, OperatingPoint())
    predicted, correct = said.class_index, said.class_index == true
    # What is calibrated is the most probable label, which the two steps do not always name
    confidence, sure = probabilities.max(axis=1), probabilities.argmax(axis=1) == true
    if look_for_near_duplicates and (learned := [e for e in manifest.examples if may_be_learned(e)]):
        leakage = leakage.model_copy(update=near_duplicate_counts(examples, learned, correct))
    found = find_faces(crops)
    sources = np.array([e.source for e in examples])
    tables = {
        source: confusion(true[sources == source], predicted[sources == source], len(labels))
        for source in sorted(set(sources))
    }
    evaluation = Evaluation(
        schema=1,
        model=card.name,
        weights_sha256=card.weights[classifier.engine.name].sha256,
        manifest_sha256=manifest.sha256,
        tested_sha256=tested_sha256,
        two_steps=True,
        labels=Labels(set=way.labels.name, names=labels),
        mapped_from=card.label_set.name if way.labels != card.label_set else None,
        classes=card.classes,
        refusals=refusals,
        n=len(true),
        unreadable=tuple(line[:MAX_LONG_TEXT] for line in unreadable[:MAX_LINES]),
        left_out=dict(sorted(left_out.items())),
        confusion={source: tuple(tuple(map(int, row)) for row in t) for source, t in tables.items()},
        scores=tuple(measures.scores(tables, labels)),
        report=class_report.report(confusion(true, predicted, len(labels)), labels),
        accuracy=rate(int(correct.sum()), len(true)),
        interval=wilson(int(correct.sum()), len(true)),
        bootstrap=measures.bootstrap(true, predicted, [e.group for e in examples], labels),
        majority=measures.baseline(true, labels),
        one_vs_rest=tuple(
            measures.one_vs_rest(label, probabilities[:, class_index], true == class_index)
            for class_index, label in enumerate(labels)
        ),
        margins=measures.margins(said.margin, correct, card.quality.min_margin.value),
        gated=gate_outcomes(face_px, qualities, said.margin, correct, card.quality),
        calibration=tuple(CalibrationBin.model_validate(b) for b in calibration_bins(confidence, sure)),
        ece=expected_calibration_error(confidence, sure),
        temperature=card.temperature,
        calibration_fit=read_calibration(run) if (run / CALIBRATION_FILE).is_file() else None,
        face_px_slices=measures.slices(np.array(face_px), correct, FACE_PX_EDGES),
        sharpness_slices=measures.slices(
            np.array([q["sharpness"] for q in qualities]), correct, SHARPNESS_EDGES
        ),
        brightness_slices=measures.slices(
            np.array([q["brightness"] for q in qualities]), correct, BRIGHTNESS_EDGES
        ),
        kinds={
            "source": measures.by_value([e.source for e in examples], correct),
            "gender": measures.by_value([e.gender or "not known" for e in examples], correct),
            "drawn": measures.by_value(["drawn" if e.synthetic else "real" for e in examples], correct),
            "mask colour": measures.by_value(
                [
                    colour_of_mask(face) if appearance(e.label).worn in ("properly", "wrongly") else "no mask"
                    for face, e in zip(faces, examples, strict=True)
                ],
                correct,
            ),
        },
        label_slices=counted(
            dimensions(as_in_data, crops, found),
            labels,
            true,
            correct,
            answers(crops, found.faces, face_px, qualities, said.margin, card.quality),
        ),
        points_from=found.detector or None,
        leakage=leakage,
    )
    if keep_faces:
        keep_faces(evaluation, as_in_data, crops)
    return evaluation, [
        FacePrediction(
            source=example.source,
            id=str(number),
            label=example.label,
            probabilities=tuple(map(float, row)),
            face_px=example.face_px,
            **quality,
        )
        for number, (example, row, quality) in enumerate(zip(examples, probabilities, qualities, strict=True))
    ]


def face_of(crop: np.ndarray, crop_scale: float) -> np.ndarray:
    """The middle of a crop: about the box of the face, which the quality gate measures too."""
    side = crop.shape[0]
    margin = round((side - side / crop_scale) / 2)
    return crop[margin : side - margin, margin : side - margin]


def record_classifier(
    folder: Path,
    card: ModelCard,
    evaluation: Evaluation,
    predictions: list[FacePrediction],
    runs: Path = SHIPPED_RUNS,
    name: str = "",
) -> None:
    """Write the evaluation into the model's run; without a `name` also the counts into its card in `folder`.

    A model trained elsewhere has no run: its evaluation lies beside its card.
    """
    if not name and evaluation.mapped_from:
        raise RecordError(
            f"The data speaks of {evaluation.labels.set}, the card of {evaluation.mapped_from}. "
            "Keep it under a name of its own: --record-as NAME."
        )
    run = runs / card.trained_by
    target = run if (run / CONFIG_FILE).is_file() else folder
    before: tuple[str, ...] = ()
    if (target / file_name(EVALUATION_FILE, name)).is_file():
        before = read_evaluation(target, name).recorded_at
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_evaluation(target, evaluation.model_copy(update={"recorded_at": (*before, now)}), name)
    write_predictions(target, evaluation.labels.names, predictions, name)
    if not name:
        write_card(folder, card.model_copy(update={"test": evaluation.scores}))
