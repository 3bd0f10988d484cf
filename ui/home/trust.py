"""How far to trust a model, in words, from the counts in its card."""

from __future__ import annotations

from core.labels import appearance
from core.metrics import rate, wilson
from core.models import ModelCard
from ui.wording import plain


def headline(card: ModelCard) -> str:
    """Markdown: recall of each label over all test faces, with n and interval. Empty without test faces."""
    lines = []
    for label in card.label_set:
        scores = [score for score in card.test if score.label == label]
        hits, n = sum(score.predicted.get(label, 0) for score in scores), sum(score.n for score in scores)
        if n:
            low, high = wilson(hits, n)
            look = appearance(label)
            lines.append(
                f"- {look.icon} **{plain(look.short)}**: {hits:,} of {n:,} named right, {rate(hits, n):.1%} "
                f"(95 % interval {low:.1%} to {high:.1%})"
            )
    if not lines:
        return ""
    sources = len({score.source for score in card.test})
    return (
        f"Faces that training never saw, from {sources} {'collection' if sources == 1 else 'collections'}, "
        "by what is true of them:\n\n" + "\n".join(lines) + "\n\nThe collections differ, and your photos "
        "differ from all of them."
    )
