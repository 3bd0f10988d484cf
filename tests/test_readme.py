"""What the READMEs say is so."""

import json
import re
import shutil

import pytest

from bench.readme import BLOCKS, END, NOT_THERE, ROOT, rewritten, runs_table, start, weights_table
from bench.screenshots import PAGES
from core.models import SHIPPED


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


def test_both_sets_of_weights_stand_side_by_side_once_both_are_there(tmp_path):
    for name in ("mask3", "face_fpn"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    one = weights_table(tmp_path).splitlines()
    assert len(one) > 10 and all(row.endswith(f"| {NOT_THERE} |") for row in one[3:])
    for name, file in (("mask3", "card.json"), ("face_fpn", "detector.json")):
        folder = shutil.copytree(SHIPPED / name, tmp_path / f"{name}_open")
        card = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(card | {"test": card["test"][:1]}))
    both = weights_table(tmp_path).splitlines()
    assert [row.split(" | ")[:2] for row in both] == [row.split(" | ")[:2] for row in one]
    told = [row for row in both[3:] if not row.endswith(f"| {NOT_THERE} |")]
    assert len(told) == 2  # a row of each, whose figures are the same
    assert all(row.strip("| ").split(" | ")[1] == row.strip("| ").split(" | ")[2] for row in told)


def test_every_recipe_has_a_recorded_run():
    table = runs_table()
    for path in (ROOT / "training" / "recipes").glob("[a-z]*.py"):
        assert f"| `{path.stem}` |" in table, f"{path.stem} was never trained to a record"


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
