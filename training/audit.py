"""How many test pictures have a near-duplicate among those that training saw, and what it does to the result.

    python -m training.audit DATA [--against OTHER] [--model NAME] [--json]

Compares the test part of DATA with the parts that may be learned from, of DATA or of OTHER. With a model, its
accuracy on test faces with and without one. Near-duplicates are told by sight: see
`training.data.near_duplicates`.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core import terminal
from core.classification import Classifier, load_classifier
from core.errors import RecordError
from core.metrics import rate, wilson
from core.records import Record
from core.runs import Leakage
from training.data import Example, load_crops, may_be_learned, near_duplicates, one_line_errors, read_manifest
from training.evaluation import leakage_fields, prints_of

RANDOM_TEST_SHARE = 0.2


class SourceAudit(Record):
    source: str
    n: int
    twins: int


class Audit(Record):
    """`random_split_twins`: with a fifth of all pictures taken at random for testing, that many of those
    `random_split_n` would have had a near-duplicate in the rest.
    """

    leakage: Leakage
    sources: tuple[SourceAudit, ...]
    random_split_n: int
    random_split_twins: int


def audit(tested: Sequence[Example], learned: Sequence[Example], classifier: Classifier | None) -> Audit:
    """Compare the pictures of both. Raises `RecordError` when one has none that can be read."""
    prints, tested = prints_of(tested)
    seen, learned = prints_of(learned)
    if not len(prints) or not len(seen):
        raise RecordError(
            f"{len(prints)} pictures to test on and {len(seen)} to learn from: nothing to compare. "
            "Give data with a test part, or another data set by --against."
        )
    has_duplicate = near_duplicates.have_near_duplicate(prints, seen)
    groups = frozenset(e.group for e in learned)
    shared = [e.group for e in tested if e.group in groups]
    right = None if classifier is None else _correct(classifier, tested)
    sources = np.array([e.source for e in tested])
    together = near_duplicates.group(np.concatenate([prints, seen]))
    at_random = np.random.default_rng(0).random(len(together)) < RANDOM_TEST_SHARE
    return Audit(
        leakage=Leakage(
            n=len(tested),
            shared_groups=len(set(shared)),
            shared_faces=len(shared),
        ).model_copy(update=leakage_fields(has_duplicate, right)),
        sources=tuple(
            SourceAudit(source=s, n=int((sources == s).sum()), twins=int(has_duplicate[sources == s].sum()))
            for s in sorted(set(sources.tolist()))
        ),
        random_split_n=int(at_random.sum()),
        random_split_twins=int(np.isin(together[at_random], together[~at_random]).sum()),
    )


def _correct(classifier: Classifier, examples: Sequence[Example]) -> np.ndarray:
    card = classifier.card
    if unknown := {e.label for e in examples} - set(card.label_set):
        raise RecordError(f"{card.name} knows no label {', '.join(sorted(unknown))}. Choose another model.")
    crops, examples, _ = load_crops(examples, card.input_size, card.crop_scale)
    named = classifier.predict(list(crops)).labels.argmax(axis=1)
    return np.asarray(named == np.array([card.label_set.index(e.label) for e in examples]))


def as_text(audit: Audit) -> str:
    found = audit.leakage
    lines = [
        f"{found.twins} of {found.n} test faces have a near-duplicate in training; "
        f"{found.shared_faces} are of {found.shared_groups} groups that training has too"
    ]
    lines += [f"  {s.source:20} {s.twins:6} of {s.n}" for s in audit.sources]
    lines.append(
        f"split at random, {audit.random_split_twins} of {audit.random_split_n} test faces would have had one"
    )
    if found.twins is not None and found.hits_with_twin is not None and found.hits_without is not None:
        for said, hits, n in (
            ("with a near-duplicate", found.hits_with_twin, found.twins),
            ("without", found.hits_without, found.n - found.twins),
        ):
            low, high = wilson(hits, n)
            shown = f"{rate(hits, n):.1%} of {n} right ({low:.1%} to {high:.1%})" if n else "no examples"
            lines.append(f"  {said:22} {shown}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.audit", description="Look for test pictures that training saw."
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--against", type=Path, metavar="OTHER", help="what was learned from, if not DATA")
    parser.add_argument("--model", help="measure it on faces with and without a near-duplicate")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        manifest = read_manifest(options.data)
        other = read_manifest(options.against) if options.against else manifest
        tested = manifest.of_split("test") or (manifest.examples if options.against else ())
        learned = [e for e in other.examples if may_be_learned(e)]
        found = audit(tested, learned, load_classifier(options.model) if options.model else None)
    print(json.dumps(found.as_json()) if options.json else as_text(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
