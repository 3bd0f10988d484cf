"""What the READMEs say is so."""

import re

import pytest

from bench.readme import BLOCKS, END, ROOT, rewritten, runs_table, start
from bench.screenshots import PAGES


@pytest.mark.parametrize(
    ("path", "name"),
    [(path, name) for path, blocks in BLOCKS.items() for name in blocks],
    ids=lambda v: v if isinstance(v, str) else v.parent.name,
)
def test_figures_are_those_of_the_records(path, name):
    text, block = path.read_text(encoding="utf-8"), BLOCKS[path][name]()
    assert len(block.splitlines()) > 2
    assert rewritten(text, name, block) == text, "Run python -m bench.readme."


def test_rewriting_touches_the_block_alone():
    old = f"before\n{start('figures')}\nold\n{END}\nbetween\n{start('runs')}\nold\n{END}\nafter\n"
    new = f"before\n{start('figures')}\nold\n{END}\nbetween\n{start('runs')}\nnew\n{END}\nafter\n"
    assert rewritten(old, "runs", "new") == new
    with pytest.raises(ValueError, match="no markers"):
        rewritten("text without a block", "runs", "new")


NOT_TRAINED_YET = {"face_fpn_open", "mask3_open"}  # take out once there is a record


def test_every_recipe_has_a_recorded_run():
    table = runs_table()
    for path in (ROOT / "training" / "recipes").glob("[a-z]*.py"):
        recorded = f"| `{path.stem}` |" in table
        assert recorded != (path.stem in NOT_TRAINED_YET), (
            f"{path.stem} was never trained to a record, or now is"
        )


PICTURES = sorted((ROOT / "docs/pictures").iterdir())
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_says_first_what_maskwise_is_then_shows_it_then_has_it_run():
    """In place of a bound on its length: a stranger reads the top of it, and looks up the rest."""
    what, picture, run = (
        README.index(part) for part in ("Maskwise tells whether", "](docs/pictures/", "make app")
    )
    assert what < picture < run < README.index("\n## What")
    assert README.count("\n", 0, run) < 25


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_every_picture_is_shown_with_words_and_is_small(picture):
    shown = re.search(rf"!\[(.+)\]\(docs/pictures/{picture.name}\)", README)
    assert shown and len(shown[1]) > 20, "words for whoever does not see it"
    assert picture.stat().st_size < 200_000


def test_each_page_has_a_picture():
    assert {path.stem for path in PICTURES} == set(PAGES)
