import dataclasses
import math
import re

import pytest
from markdown_it import MarkdownIt

from core.decision import OperatingPoint
from core.labels import appearance
from core.models.card import ModelCard
from core.models.data_bill import DataSource
from core.models.detector_card import read_detector_card
from core.models.installed import SHIPPED, installed_models
from core.records.fields import Labels
from core.reports import model_card
from core.reports.markdown import MAX_TABLE, name
from core.review import confusion, slices
from core.runs.catalog import Run, folders, read_run
from core.runs.evaluation import Evaluation
from core.runs.evaluation_parts import AtMargin, CalibrationBin, LabelSlice, Slice
from core.runs.training import Calibration, Epoch, Leakage, RunConfig
from tests.shipped import DEFAULT_RUN

HOSTILE = (
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![](https://example.org/x.png)",
    "a|b\n\n# heading\n\n- item `code`",
    "x" * 100,
)
SAFE_TOKENS = re.compile(
    r"(paragraph|heading|table|thead|tbody|tr|th|td|bullet_list|list_item|strong)_(open|close)"
)


def shipped(name: str) -> Run:
    return read_run(name, folders()[name])


def card_of(name: str) -> ModelCard:
    return next(c for c in installed_models().values() if isinstance(c, ModelCard) and c.trained_by == name)


def body(run: Run, title: str, card: ModelCard | None = None, point: OperatingPoint | None = None) -> str:
    return next(s.body for s in model_card.sections(run, card, point) if s.title == title)


def hostile_run() -> Run:
    """Every text that a record has room for is a stranger's."""
    names = tuple(text for text in HOSTILE if text.isprintable())  # others are no labels
    first, second, *_ = names
    size = len(names)
    zeros = [[0] * size for _ in names]
    zeros[0][0], zeros[0][1] = 2, 1
    label_set = Labels(set=first, names=names)
    return Run(
        name="x/" + first,
        folder=folders()[DEFAULT_RUN],
        config=RunConfig(
            schema=1,
            id="x",
            recipe=second,
            settings={text: text for text in HOSTILE}
            | {"phases": [{"name": first, "trains": HOSTILE}, second], "sources": {first: second}},
            labels=label_set,
            seed=1,
            git_commit=first,
            versions={first: second},
            manifest_sha256=first,
            split_sizes={second: 3},
            device=HOSTILE[2],
            started=HOSTILE[3],
        ),
        epochs=(
            Epoch(
                epoch=0,
                phase=first,
                learning_rate=math.nan,
                loss=math.inf,
                accuracy=math.nan,
                val_loss=math.nan,
                val_accuracy=math.nan,
                score=math.nan,
                validation={first: (1, 2)},
                seconds=1,
            ),
        ),
        evaluations={
            "": Evaluation(
                schema=1,
                model="x",
                weights_sha256=first,
                manifest_sha256=second,
                labels=label_set,
                n=3,
                unreadable=HOSTILE,
                confusion={first: zeros},
                scores=(),
                accuracy=2 / 3,
                interval=(0, 1),
                calibration=(CalibrationBin(low=0, high=1, n=3, confidence=0.5, accuracy=2 / 3),),
                ece=math.nan,
                face_px_slices=(Slice(low=0, high=math.inf, n=3, hits=2),),
                mapped_from=first,
                left_out={second: 2},
                label_slices=(
                    LabelSlice(dimension=first, value=second, label=first, n=2, hits=1, cannot_tell=0),
                    LabelSlice(dimension="skin tone", value=first, label=second, n=1, hits=1, cannot_tell=0),
                ),
                kinds={first: {second: (1, 2)}, "drawn": {first: (1, 1)}},
                recorded_at=(first, second),
            ),
            HOSTILE[2]: shipped(DEFAULT_RUN).evaluation,
        },
        problems=(HOSTILE[1],),
    )


def test_the_sections_are_those_of_mitchell_and_how_to_do_it_again():
    titles = [section.title for section in model_card.sections(shipped(DEFAULT_RUN))]
    mitchell = [
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses",
        "Ethical considerations",
        "Caveats and recommendations",
    ]
    assert [title for title in titles if title in mitchell] == mitchell
    assert titles[-1] == "How to train it again"


def test_figures_are_those_of_the_record():
    run = shipped("gender_wear8-v3")
    found = run.evaluation
    said = body(run, "Quantitative analyses")
    low, high = found.bootstrap.accuracy
    assert (
        f"**Accuracy {found.accuracy:.1%} of 2,064 (95% interval {low:.1%} to {high:.1%}, by group)**" in said
    )
    assert f"gets {found.majority.accuracy:.1%} right" in said
    row = found.report.labels[0]
    assert f"| Mask on, female | {row.n} | {row.recall:.1%} |" in said
    worst = min(found.scores, key=lambda s: s.recall)
    assert f"| {worst.source} |" in said and f"{worst.recall:.1%} of {worst.n}" in said
    assert "### On mask3" in said and "### On real" in said
    assert f"ECE {found.ece:.3f} on these faces. Temperature 0.8585, fitted on 2,083" in said


def test_the_worst_source_and_slice_are_said_plainly():
    run = shipped(DEFAULT_RUN)
    said = body(run, "Quantitative analyses").partition("Where it is worst")[2].partition("By label")[0]
    worst = min((s for s in run.evaluation.scores if s.n >= slices.LEAST), key=lambda s: s.recall)
    assert f"“{appearance(worst.label).short}” in {name(worst.source)}" in said
    assert f"{worst.recall:.1%} of {worst.n}" in said
    lowest = slices.worst_first(run.evaluation)[0]
    assert f"{lowest.accuracy.value:.1%} of {lowest.accuracy.n} right" in said


def test_slices_by_label_are_told_and_the_worst_is_a_caveat():
    run = shipped(DEFAULT_RUN)
    counts = (
        ("how it is worn wrong", "under the chin", "incorrect_mask", 63, 45, 7),
        ("skin tone", "dark", "with_mask", 19, 2, 0),
    )
    fields = ("dimension", "value", "label", "n", "hits", "cannot_tell")
    found = run.evaluation.model_copy(
        update={"label_slices": tuple(LabelSlice(**dict(zip(fields, row, strict=True))) for row in counts)}
    )
    told = dataclasses.replace(run, evaluations={"": found})
    said = body(told, "Quantitative analyses")
    assert (
        "| how it is worn wrong: under the chin | Worn incorrectly | 71.4% of 63 | 59.3% to 81.1% | 11.1% |"
        in said
    )
    assert "a measurement of the picture, not of a person" in said
    worst = r"Worst: Worn incorrectly, under the chin, 71.4% of 63 right \(59.3% to 81.1%\)"
    assert worst in body(told, "Caveats and recommendations", card_of(DEFAULT_RUN)) and worst in said
    assert "- how it is worn wrong" in body(told, "Factors") and "- skin tone" in body(told, "Factors")
    without = dataclasses.replace(run, evaluations={"": found.model_copy(update={"label_slices": ()})})
    assert "Worst:" not in model_card.markdown(without)


def test_where_nothing_tells_nothing_is_called_the_worst():
    run = shipped(DEFAULT_RUN)
    empty = {f"{quantity}_slices": () for quantity in ("face_px", "sharpness", "brightness")}
    few = run.evaluation.model_copy(update={"scores": (), "subgroups": {}, **empty})
    assert "Where it is worst" not in body(
        dataclasses.replace(run, evaluations={"": few}), "Quantitative analyses"
    )


def test_slices_are_worst_first_and_few_faces_last():
    said = body(shipped(DEFAULT_RUN), "Quantitative analyses")
    slices = said.partition("By what the faces are like**, worst first")[2].partition("\n\n**")[0]
    told = [
        float(m[1]) for line in slices.splitlines() if (m := re.search(r"\| ([\d.]+)% of .*\|  \|$", line))
    ]
    assert len(told) > 5 and told == sorted(told)
    assert slices.rstrip(" *\n").endswith("too few to tell |")
    assert "| no examples | no interval |" in slices


def test_the_numbers_behind_the_charts_are_all_there():
    run = shipped(DEFAULT_RUN)
    said = model_card.numbers(run).body
    for epoch in run.epochs:
        assert f"| {epoch.epoch + 1} | {epoch.phase} | {epoch.learning_rate:.3g} | {epoch.loss:.4g} |" in said
    total = confusion.table(run.evaluation)
    assert total.sum() == run.evaluation.n
    assert f"| Worn incorrectly | {total[1, 0]} | {total[1, 1]} | {total[1, 2]} |" in said
    assert said.count("% to 100.0% |") >= sum(b.n > 0 and b.high == 1 for b in run.evaluation.calibration)


def test_a_long_table_says_what_it_leaves_out():
    run = shipped(DEFAULT_RUN)
    for n in (MAX_TABLE, MAX_TABLE + 1):
        config = run.config.model_copy(update={"settings": {"sources": {f"s{i}": i for i in range(n)}}})
        said = body(dataclasses.replace(run, config=config), "Training data")
        assert ("200 of 201 rows; the record has them all." in said) == (n > MAX_TABLE)
        assert ("| s199 | 199 |" in said) and "| s200 |" not in said
    long = dataclasses.replace(run, epochs=run.epochs[:1] * 1000)
    assert "200 of 1,000 rows" in model_card.numbers(long).body


def test_a_matrix_that_nobody_could_read_is_a_list_of_its_cells():
    names = tuple(f"label{i}" for i in range(20))
    table = [[5 * (i == k) + (i == 3 and k == 4) for k in range(20)] for i in range(20)]
    run = shipped(DEFAULT_RUN)
    small = run.evaluation.model_copy(
        update={
            "labels": Labels(set="own", names=names),
            "confusion": {"a": tuple(map(tuple, table))},
            "n": 101,
        }
    )
    said = model_card.numbers(dataclasses.replace(run, evaluations={"": small})).body
    assert "| label3 | label4 | 1 |" in said and "| label0 | label0 | 5 |" in said


def test_what_people_wrote_comes_from_the_card_of_the_installed_model():
    run, card = shipped(DEFAULT_RUN), card_of(DEFAULT_RUN)
    assert "with a person in the loop" in body(run, "Intended use", card)
    assert "filters or fits" in body(run, "Caveats and recommendations", card)
    assert card.licence in body(run, "Ethical considerations", card)
    metrics = body(run, "Metrics", card)
    for threshold in card.quality.given.values():
        assert threshold.reason in metrics
    at = next(m for m in run.evaluation.margins if m.margin == card.quality.min_margin.value)
    assert f"it answers {at.answered / run.evaluation.n:.1%} of 1,976 faces" in metrics


@pytest.mark.parametrize("two_steps", [False, True])
def test_a_count_by_an_earlier_way_of_deciding_is_called_so(two_steps):
    run, card = shipped(DEFAULT_RUN), card_of(DEFAULT_RUN)
    counted = run.evaluation.model_copy(update={"two_steps": two_steps})
    metrics = body(dataclasses.replace(run, evaluations={"": counted}), "Metrics", card)
    assert ("decided by the most probable label as earlier versions did" in metrics) is not two_steps


def test_what_the_quality_gate_does_to_faces_at_a_door_is_told_where_it_was_counted():
    run = shipped(DEFAULT_RUN)
    (gate,) = (g for g in run.evaluation.gated if g.face_px == 48)
    said = body(run, "Quantitative analyses", card_of(DEFAULT_RUN))
    assert f"{1 - gate.answered / gate.n:.1%} of {gate.n:,} faces of 48 pixels and more" in said
    assert f"Of the others {gate.answered_hits / gate.answered:.1%} are right" in said
    assert "Quality gate" not in body(shipped("mask3-v1"), "Quantitative analyses")


def test_a_users_operating_point_is_told_beside_the_cards():
    run, card = shipped(DEFAULT_RUN), card_of(DEFAULT_RUN)
    assert "another one is in use" not in body(
        run, "Metrics", card, OperatingPoint(card.quality.min_margin.value)
    )
    said = body(run, "Metrics", card, OperatingPoint(0.1, 0.3))
    assert "another one is in use" in said and "30% of the probability" in said and "under 10 points" in said


def test_without_a_model_it_says_what_is_not_known_and_where_to_write_it():
    run = shipped("mobilenet_mask2-v1")
    for title, field in (
        ("Intended use", "intended_use"),
        ("Ethical considerations", "licence_notes"),
        ("Metrics", "quality"),
        ("Caveats and recommendations", "limits"),
    ):
        assert "Not known" in body(run, title) and f"`{field}`" in body(run, title)


def test_a_run_without_a_measure_says_so():
    said = model_card.markdown(shipped("cross_source-v1/andrewmvd"))
    assert said.count("Not measured yet. Export the run, then: `python -m training.evaluate MODEL") == 3
    assert "How right it is was never measured." in said


def test_a_run_without_an_epoch_says_so():
    run = dataclasses.replace(shipped(DEFAULT_RUN), epochs=(), evaluations={})
    assert "No epoch was recorded yet." in model_card.markdown(run)
    assert "| Best epoch | none yet |" in body(run, "How it was trained")


@pytest.mark.parametrize(
    ("leak", "says"),
    [
        (None, "was not recorded"),
        (Leakage(n=1976), "is not known"),
        (Leakage(n=1976, shared_groups=0, shared_faces=0), "0, with 0 of these 1,976 faces (0.0%)"),
        (
            Leakage(n=1976, shared_groups=1, shared_faces=2, twins=100, hits_with_twin=80, hits_without=938),
            "100 of 1,976 faces (5.1%). Right among those: 80.0% of 100 faces (71.1% to 86.7%). "
            "Right among the others: 50.0% of 1,876 faces",
        ),
    ],
)
def test_leakage_is_told_with_its_numbers(leak, says):
    run = shipped(DEFAULT_RUN)
    changed = run.evaluation.model_copy(update={"leakage": leak})
    assert says in body(dataclasses.replace(run, evaluations={"": changed}), "Evaluation data")


def test_what_speaks_against_the_figures_is_said():
    run = shipped(DEFAULT_RUN)
    leak = Leakage(n=1976, shared_groups=1, shared_faces=2, allowed=True)
    changed = run.evaluation.model_copy(
        update={"leakage": leak, "recorded_at": ("a", "b"), "weights_sha256": "other", "margins": ()}
    )
    run = dataclasses.replace(run, evaluations={"": changed}, problems=("config.json: broken",))
    said = body(run, "Caveats and recommendations", card_of(DEFAULT_RUN))
    for part in ("That was allowed", "read 2 times", "Other weights were measured", "config.json: broken"):
        assert part in said
    assert "What that does was not measured." in body(run, "Metrics", card_of(DEFAULT_RUN))


def test_an_operating_point_is_measured_by_hand():
    run = shipped(DEFAULT_RUN)
    changed = run.evaluation.model_copy(update={"margins": (AtMargin(margin=0.5, answered=988, hits=494),)})
    card = card_of(DEFAULT_RUN)
    half = card.quality.min_margin.model_copy(update={"value": 0.5})
    card = card.model_copy(update={"quality": card.quality.model_copy(update={"min_margin": half})})
    said = body(dataclasses.replace(run, evaluations={"": changed}), "Metrics", card)
    assert "answers 50.0% of 1,976 faces (47.8% to 52.2%)" in said
    assert "50.0% of 988 answers (46.9% to 53.1%) are right" in said


def test_settings_are_told_whatever_they_are():
    run = shipped(DEFAULT_RUN)
    config = run.config.model_copy(
        update={"settings": {"sources": [1], "phases": 3, "deep": [[[]]], "n": 10**4000, "nothing": None}}
    )
    said = body(dataclasses.replace(run, config=config), "How it was trained")
    assert "| nothing | none |" in said and len(said) < 5000
    assert "were not recorded" in body(dataclasses.replace(run, config=config), "Training data")


def test_calibration_that_was_not_recorded_is_not_made_up():
    run = shipped(DEFAULT_RUN)
    for update, says in (
        ({"temperature": None}, "Its temperature was not recorded"),
        ({"calibration_fit": None}, "how it was fitted was not recorded"),
        (
            {"calibration_fit": Calibration(schema=1, temperature=1, n=5, ece_before=0.25, ece_after=0.125)},
            "fitted on 5 validation faces; ECE went from 0.250 to 0.125",
        ),
    ):
        changed = run.evaluation.model_copy(update={"temperature": 1.5} | update)
        assert says in body(dataclasses.replace(run, evaluations={"": changed}), "Quantitative analyses")


def test_a_strangers_record_breaks_out_of_nothing():
    card = card_of(DEFAULT_RUN)
    hostile = card.model_copy(
        update={
            "summary": HOSTILE[0],
            "licence": HOSTILE[1],
            "intended_use": HOSTILE[2],
            "warning": HOSTILE[3],
            "limits": HOSTILE,
            "licence_notes": HOSTILE,
            "quality": card.quality.model_copy(
                update={"min_margin": card.quality.min_margin.model_copy(update={"reason": HOSTILE[0]})}
            ),
        }
    )
    said = model_card.markdown(hostile_run(), hostile)
    reader = MarkdownIt("gfm-like", {"linkify": False})
    kinds = set()
    for token in reader.parse(said):
        kinds.add(token.type)
        kinds |= {child.type for child in token.children or ()}
        codes = [token] if token.type == "fence" else token.children or ()
        for code in codes:
            assert code.type not in ("fence", "code_inline") or code.content != "code"
            assert code.type != "fence" or not any(stranger in code.content for stranger in HOSTILE)
    others = {kind for kind in kinds if not SAFE_TOKENS.fullmatch(kind)}
    assert others <= {"inline", "text", "text_special", "softbreak", "code_inline", "fence"}
    headings = [line for line in said.splitlines() if line.startswith("#")]
    assert not any(line == "# heading" for line in headings)
    assert "example.org" in said  # told as it is, not hidden


BILL = (
    DataSource(name="here", role="pictures", licence="CC0", use="any", pictures=9, faces={"with_mask": 9}),
    DataSource(name="![x](y)|", role="pictures", licence="<b>|", use="research"),
    DataSource(name="yunet", role="teacher", licence="MIT", use="any", pictures=4_000),
    DataSource(name="body", role="backbone", licence="Apache-2.0", use="any"),
)


def test_the_bill_of_data_is_told_with_licences_counts_and_whose_rights_nobody_clears():
    card = card_of(DEFAULT_RUN).model_copy(update={"data": BILL, "use": "research"})
    said = body(shipped(DEFAULT_RUN), "Training data", card)
    assert "| here | pictures | 9 | with_mask 9 | CC0 | any use |" in said.replace("\\_", "_")
    assert "| yunet | labels | 4,000 labels | – | MIT | any use |" in said
    assert "| body | weights to begin with | – | – | Apache-2.0 | any use |" in said
    assert "not counted | not counted | " in said and "![x]" not in said and "<b>" not in said
    assert "By these its weights are for research and non-commercial use." in said
    assert "No source clears the rights of the people shown in its pictures." in said
    assert body(shipped(DEFAULT_RUN), "Training data", card) in model_card.markdown(
        shipped(DEFAULT_RUN), card
    )


def test_of_a_detector_the_bill_of_data_is_told_too():
    run = next(read_run(name, folder) for name, folder in folders().items() if name.startswith("face_fpn-"))
    detector = read_detector_card(SHIPPED / "face_fpn").model_copy(update={"data": BILL[:1], "use": "any"})
    said = body(run, "Training data", detector)
    assert "| here | pictures | 9 |" in said
    assert "By these its weights are for any use, as far as the licences claimed go." in said


def test_without_a_bill_the_sources_are_told():
    card = card_of(DEFAULT_RUN).model_copy(update={"data": (), "use": "research"})
    said = body(shipped(DEFAULT_RUN), "Training data", card)
    assert "Bill of data" not in said and "| andrewmvd |" in said and "No source clears" in said
    detector = read_run("face_fpn-v4", folders()["face_fpn-v4"])
    assert "| andrewmvd | not counted |" in body(detector, "Training data")
