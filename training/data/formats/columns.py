"""What other people call the columns of a CSV with a picture, a class and a box in each row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from core.errors import RecordError
from core.files import number
from core.results import Box
from core.text import printable
from training.data.formats.readings import CORNERS, MIDDLES, SIDES

_PICTURE = (
    *("path", "filename", "filepath", "file", "imagepath", "imagename", "imagefilename", "image", "imgpath"),
    *("imgname", "img", "imageid", "name", "picture", "photo"),
)
_LABEL = ("label", "class", "classname", "classlabel", "category", "categoryname", "labelname", "target")
_PARTS = ("split", "set", "subset", "partition")
_LEFT_TOP = (
    *(("x", "y"), ("x1", "y1"), ("x0", "y0"), ("xmin", "ymin"), ("minx", "miny"), ("left", "top")),
    *(("xleft", "ytop"), ("leftx", "topy"), ("startx", "starty"), ("xstart", "ystart"), ("xtl", "ytl")),
    *(("tlx", "tly"), ("ulx", "uly"), ("topleftx", "toplefty"), ("xtopleft", "ytopleft")),
    *(("upperleftx", "upperlefty"), ("col1", "row1")),
)
_RIGHT_BOTTOM = (
    *(("x2", "y2"), ("x1", "y1"), ("xmax", "ymax"), ("maxx", "maxy"), ("right", "bottom"), ("xbr", "ybr")),
    *(("xright", "ybottom"), ("rightx", "bottomy"), ("endx", "endy"), ("xend", "yend"), ("brx", "bry")),
    *(("lrx", "lry"), ("bottomrightx", "bottomrighty"), ("xbottomright", "ybottomright")),
    *(("lowerrightx", "lowerrighty"), ("col2", "row2")),
)
_MIDDLE = (
    *(("cx", "cy"), ("xc", "yc"), ("xcenter", "ycenter"), ("xcentre", "ycentre"), ("xmid", "ymid")),
    *(("centerx", "centery"), ("centrex", "centrey"), ("midx", "midy")),
)
_WIDTH_HEIGHT = (("w", "h"), ("width", "height"))
_BEFORE = ("", "bbox", "boundingbox", "bndbox", "box", "bb", "face", "facebox", "rect", "roi", "region")
_SIZE = (("width", "height"), ("imagewidth", "imageheight"), ("imgwidth", "imgheight"), ("imgw", "imgh"))
_BOX_LIKE = re.compile(
    r"box|[xy](min|max|center|centre|left|right|top|bottom|mid|start|end)|(min|max|start|end|mid)[xy]|rect|"
    r"polygon|points|region|coord|segmentation|^([xy][0-3]?|[wh]|c[xy]|[xy]c|left|top|right|bottom)$"
)
_NUMBER = r"[+-]?\d*\.?\d+(?:e[+-]?\d+)?"
_KEY = r"(?:[\"']?[a-z_]\w*[\"']?\s*[:=]\s*)?"
_FOUR_NUMBERS = re.compile(  # `40 30 100 90`, `[40, 30, 60, 60]`, `{"x": 40, ...}`
    rf"[\s\[({{]*{_KEY}{_NUMBER}(?:[\s,;]+{_KEY}{_NUMBER}){{3,}}[\s\])}}]*", re.IGNORECASE
)
_FLAGS = {-1.0, 0.0, 1.0}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what, by their names as they stand in the header; empty where there is none.

    `box` holds four of them; `kind` says what they are, as in `readings`. `size` is that of the picture.
    """

    picture: str
    label: str
    part: str
    box: tuple[str, ...]
    kind: str
    size: tuple[str, ...]
    unread: tuple[str, ...]

    def box_of(self, row: Mapping[str, str]) -> Box | None:
        """(x1, y1, x2, y2), None where the row has none. Raises `ValueError`."""
        cells = [row.get(column, "").strip() for column in self.box]
        if not any(cells):
            return None
        if not all(cells):
            raise ValueError(f"no number in {self.box[cells.index('')]}")
        a, b, c, d = map(number, cells)
        if self.kind == CORNERS:
            return a, b, c, d
        return (a, b, a + c, b + d) if self.kind == SIDES else (a - c / 2, b - d / 2, a + c / 2, b + d / 2)


def understood(
    header: Sequence[str], also: Iterable[str] = (), rows: Sequence[Mapping[str, str]] = ()
) -> Columns:
    """What a table's columns are. `also` are read by whoever asks, whatever they hold; `rows` are the first.

    Raises `RecordError` where two columns have one name, or where one that is not read looks like a part of a
    box, by its name or by what it holds: the whole picture would be taken for the face.
    """
    if sum(map(_is_number, header)) > 1:
        raise RecordError(
            f"The first line, {printable(', '.join(header), 200)}, names no columns. Put a header above it, "
            "such as path,label,x1,y1,x2,y2 (left, top, right, bottom)."
        )
    if twice := next((column for column in header if column and header.count(column) > 1), ""):
        raise RecordError(f"Two columns are called {twice!r}. Rename or remove the one that is not meant.")
    spelled: dict[str, str] = {}
    for column in header:
        spelled.setdefault(re.sub(r"[\W_]", "", column), column)
    picture = next((spelled[name] for name in _PICTURE if name in spelled), "")
    labels = [spelled[name] for name in _LABEL if name in spelled and spelled[name] != picture]
    in_words = (column for column in labels if not all(map(_is_number, _cells(rows, column))))
    label = next(in_words, labels[0] if labels else "")
    part = next((spelled[name] for name in _PARTS if name in spelled), "")
    kind, names = next(
        ((kind, names) for kind, names in _boxes() if all(name in spelled for name in names)), ("", ())
    )
    size = next((s for s in _SIZE if all(name in spelled for name in s) and not {*s} & {*names}), ())
    read = {picture, label, part, *also, *(spelled[name] for name in (*names, *size))}
    unread = tuple(column for column in spelled.values() if column and column not in read)
    if not names and (suspects := _like_boxes(unread, rows)):
        raise RecordError(
            f"The columns {', '.join(suspects)} look like a box, but it cannot be told how to read them. "
            "Name the box x1,y1,x2,y2 (left, top, right, bottom), or x,y,w,h (left, top, width, height). If "
            "the picture is the face, remove the columns."
        )
    return Columns(
        picture, label, part, tuple(spelled[n] for n in names), kind, tuple(spelled[n] for n in size), unread
    )


def _boxes() -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind, firsts, seconds in (
        (CORNERS, _LEFT_TOP, _RIGHT_BOTTOM),
        (SIDES, _LEFT_TOP, _WIDTH_HEIGHT),
        (MIDDLES, _MIDDLE, _WIDTH_HEIGHT),
    ):
        for before, first, second in product(_BEFORE, firsts, seconds):
            if first != second:
                yield kind, tuple(before + name for name in (*first, *second))


def _like_boxes(unread: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[str]:
    """By name; or text of four numbers; or four columns of numbers, either of shares or of more than that."""
    named = [column for column in unread if _BOX_LIKE.search(re.sub(r"[\W_]", "", column))]
    cells = {column: _cells(rows, column) for column in unread}
    lists = [column for column, found in cells.items() if found and all(map(_FOUR_NUMBERS.fullmatch, found))]
    numbers = {
        column: [number(cell) for cell in found]
        for column, found in cells.items()
        if found and all(map(_is_number, found))
    }
    measures = {c: max(n) for c, n in numbers.items() if min(n) >= 0 and not {*n} <= _FLAGS}
    shares = [column for column, largest in measures.items() if largest <= 1]
    pixels = [column for column, largest in measures.items() if largest > 1]
    alike = next((group for group in (pixels, shares) if len(group) >= 4), [])
    return [column for column in unread if column in {*named, *lists, *alike}]


def _cells(rows: Sequence[Mapping[str, str]], column: str) -> list[str]:
    return [cell for row in rows if (cell := row.get(column, "").strip())]


def _is_number(cell: str) -> bool:
    try:
        return abs(number(cell)) < float("inf")
    except ValueError:
        return False
