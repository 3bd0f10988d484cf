"""Pictures whose names carry the label: `<id>_<type>_<subject>_<MALE|FEMALE>_<age>.jpg`, types 1 to 4.

So Kaggle's medical-masks sets are named. Their page says that type 1 is no mask and type 4 a mask over nose
and mouth; their users found it to be the other way round, the order of `WEAR_4`, which is the default.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import RecordError
from core.images import is_picture
from core.labels import WEAR_4
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Rows

CORRECTED, AS_PUBLISHED = "1234", "4321"
_NAME = re.compile(r"[^_]+_(?P<type>[1-4])_(?P<subject>[^_]+)_(?P<gender>male|female)_\d+", re.IGNORECASE)


def rows(data: Path, root: Path, type_order: str = CORRECTED) -> Rows:
    """Labels of gender_wear8. All pictures of a person are one group.

    `type_order` gives the place in `WEAR_4` for types 1 to 4 in turn. Raises `RecordError` if it does not.
    """
    if sorted(type_order) != list(CORRECTED):
        raise RecordError(
            f"Type order {type_order!r}: give each of the digits 1 to 4 once, the places of types 1 to 4 in "
            f"{', '.join(WEAR_4)}. {CORRECTED} is the corrected order, {AS_PUBLISHED} the published one."
        )
    pictures = Pictures(root)
    for path in walk(root):
        where = path.relative_to(root).as_posix()
        name = _NAME.fullmatch(path.stem)
        if not is_picture(path):
            yield where, "is not a picture"
        elif not name:
            yield where, "is not named <id>_<type 1 to 4>_<subject>_<MALE or FEMALE>_<age>"
        else:
            gender = name["gender"].lower()
            wearing = WEAR_4.labels[int(type_order[int(name["type"]) - 1]) - 1]
            label = f"{gender}_{wearing}"
            try:
                pictures.size(Path(where))
            except ValueError as problem:  # a third of these sets' files are something else
                yield where, str(problem)
            else:
                yield where, {"path": where, "label": label, "group": name["subject"], "gender": gender}


def is_named_so(path: Path) -> bool:
    return _NAME.fullmatch(path.stem) is not None
