"""Writes the README's figures from the shipped model's card, so that they cannot drift apart.

python -m bench.readme           rewrite the block between the markers
python -m bench.readme --check   exit 1 if it is not what the card says
"""

from __future__ import annotations

import sys

from core.cards import ModelCard, read_card
from core.labels import appearance
from core.models import DEFAULT, SHIPPED

README = SHIPPED.parent / "README.md"
START, END = "<!-- figures: python -m bench.readme -->", "<!-- end of figures -->"


def figures(card: ModelCard) -> str:
    """Markdown table of test recall, one row a source and label, with n and interval."""
    rows = [
        "| pictures from | true label | named right | recall | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for score in card.test:
        low, high = score.interval
        hits = score.predicted.get(score.label, 0)
        rows.append(
            f"| {score.source} | {appearance(score.label).short} (`{score.label}`) | {hits} of {score.n} "
            f"| {score.recall:.1%} | {low:.1%} to {high:.1%} |"
        )
    return "\n".join(rows)


def rewritten(readme: str, block: str) -> str:
    """The README with `block` between the markers."""
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{block}\n{END}{after}"


def main() -> int:
    old = README.read_text(encoding="utf-8")
    new = rewritten(old, figures(read_card(SHIPPED / DEFAULT)))
    if "--check" in sys.argv[1:]:
        return int(new != old)
    README.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
