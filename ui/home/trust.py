"""How accurate a model is, in words, from the counts in its card."""

from __future__ import annotations

from core.errors import RecordError
from core.labels import appearance
from core.metrics import format_interval, percent, rate, wilson
from core.models import ModelCard
from core.review import Rate, class_report
from core.runs import Evaluation, catalog, read_evaluation
from ui.wording import plain


def headline(card: ModelCard) -> str:
    """Markdown: recall of each label over all test faces, with n and interval. Empty without test faces.

    Intervals are the dashboard's where the model's run is at hand.
    """
    lines, reported = [], _reported(card)
    for label in card.label_set:
        scores = [score for score in card.test if score.label == label]
        hits, n = sum(score.predicted.get(label, 0) for score in scores), sum(score.n for score in scores)
        if n:
            look = appearance(label)
            found = reported.get(label)
            interval = found.interval if found and found.n == n else wilson(hits, n)
            lines.append(
                f"- {look.icon} **{plain(look.short)}**: {hits:,} of {n:,} correct, {percent(rate(hits, n))} "
                f"(95% interval {format_interval(interval)})"
            )
    if not lines:
        return ""
    sources = len({score.source for score in card.test})
    return (
        f"Faces that training never saw, from {sources} {'collection' if sources == 1 else 'collections'}, "
        "by true label:\n\n" + "\n".join(lines) + "\n\nThe collections differ, and your photos "
        "differ from all of them."
    )


def _reported(card: ModelCard) -> dict[str, Rate]:
    """Recall by label as the dashboard's Report has it."""
    folder = catalog.folders().get(card.trained_by)
    try:
        evaluation: Evaluation | None = read_evaluation(folder) if folder else None
    except RecordError:  # the dashboard says what is wrong with it
        return {}
    found = evaluation and class_report.from_evaluation(evaluation)
    return {row.label: row.recall for row in found.labels} if found else {}
