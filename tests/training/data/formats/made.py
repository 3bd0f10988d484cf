"""Pictures and annotations of them as other people's programs write them: eight photos, a face in each.

The face is the one block of colour in a grey picture of 160 x 120, at (40, 30) to (100, 90) in pixels.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 160, 120
BOX = (40, 30, 100, 90)
LABELS = ("with_mask", "without_mask") * 4
_STORED_TO_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture() -> Image.Image:
    rgb = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    rgb[BOX[1] : BOX[3], BOX[0] : BOX[2]] = (200, 30, 30)
    return Image.fromarray(rgb)


def photos(folder: Path, suffix: str = ".png", orientation: int = 1) -> list[str]:
    """Upright they all look the same; `orientation` is how the camera that stored them was held."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(len(LABELS)):
        upright = picture()
        upright.putpixel((0, 0), (number * 30, 0, 0))  # else the hash of all is one
        stored = upright.transpose(_STORED_TO_TURNED[orientation]) if orientation > 1 else upright
        exif = Image.Exif()
        exif[0x0112] = orientation
        names.append(f"p{number}{suffix}")
        stored.save(folder / names[-1], exif=exif)
    return names


def table(
    folder: Path, header: str, row: Callable[[str, str], Sequence[object]], separator: str = ","
) -> None:
    """data.csv, of a row for each photo by its name and label."""
    names = photos(folder)
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(header.split(","))
        writer.writerows(row(name, label) for name, label in zip(names, LABELS, strict=True))


def yolo(
    folder: Path,
    line: str = "{n} 0.4375 0.5 0.375 0.5",
    images: str = "images",
    labels: str = "labels",
    suffix: str = ".txt",
    orientation: int = 1,
) -> None:
    names = photos(folder / images, orientation=orientation)
    (folder / labels).mkdir(parents=True, exist_ok=True)
    for name, label in zip(names, LABELS, strict=True):
        text = line.format(n=LABELS.index(label)) + "\n"
        (folder / labels / name).with_suffix(suffix).write_text(text, encoding="utf-8")
    (folder / "classes.txt").write_text("with_mask\nwithout_mask\n")


def voc(folder: Path, annotations: str = "annotations", size: Sequence[object] = (WIDTH, HEIGHT)) -> None:
    names = photos(folder / "images")
    (folder / annotations).mkdir(parents=True, exist_ok=True)
    for name, label in zip(names, LABELS, strict=True):
        corners = "".join(
            f"<{side}>{v}.0</{side}>" for side, v in zip(("xmin", "ymin", "xmax", "ymax"), BOX, strict=True)
        )
        (folder / annotations / name).with_suffix(".xml").write_text(
            f"<annotation><filename>{name}</filename><size><width>{size[0]}</width><height>{size[1]}</height>"
            f"</size><object><name>{label}</name><bndbox>{corners}</bndbox></object></annotation>"
        )


def coco(folder: Path, id_of: Callable[[int], object] = int, **more: object) -> None:
    names = photos(folder)
    x1, y1, x2, y2 = BOX
    annotations = [
        {
            "id": n,
            "image_id": id_of(n),
            "category_id": LABELS.index(label) + 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
        }
        for n, label in enumerate(LABELS)
    ]
    annotations.append(annotations[0] | more) if more else None
    content = {
        "images": [
            {"id": n, "file_name": name, "width": WIDTH, "height": HEIGHT} for n, name in enumerate(names)
        ],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "with_mask"}, {"id": 2, "name": "without_mask"}],
    }
    (folder / "_annotations.coco.json").write_text(json.dumps(content))


def labelme(folder: Path) -> None:
    for n, (name, label) in enumerate(zip(photos(folder), LABELS, strict=True)):
        x1, y1, x2, y2 = BOX
        points = [[x1, y1], [x2, y2]] if n % 2 else [[x1, 60], [70, y1], [x2, 60], [70, y2]]
        shape = {"label": label, "points": points, "shape_type": "rectangle" if n % 2 else "polygon"}
        content: dict[str, object] = {"version": "5.0", "flags": {}, "shapes": [shape]}
        content |= {"imagePath": f"..\\pictures\\{name}", "imageData": "A" * 9_000}
        content |= {"imageHeight": HEIGHT, "imageWidth": WIDTH}
        (folder / name).with_suffix(".json").write_text(json.dumps(content))


def createml(folder: Path) -> None:
    place = {"x": 70, "y": 60, "width": 60, "height": 60}
    content = [
        {"image": name, "annotations": [{"label": label, "coordinates": place}]}
        for name, label in zip(photos(folder), LABELS, strict=True)
    ]
    (folder / "_annotations.createml.json").write_text(json.dumps(content))


def via(folder: Path, form: str = "json") -> None:
    rect = {"name": "rect", "x": 40, "y": 30, "width": 60, "height": 60}
    polygon = {"name": "polygon", "all_points_x": [40, 100, 70], "all_points_y": [30, 60, 90]}
    names = photos(folder)
    regions = [
        {"shape_attributes": (rect, polygon)[n % 2], "region_attributes": {"class": label}}
        for n, label in enumerate(LABELS)
    ]
    if form == "json":
        found = {
            f"{name}999": {"filename": name, "size": 999, "regions": [region], "file_attributes": {}}
            for name, region in zip(names, regions, strict=True)
        }
        (folder / "via_project.json").write_text(
            json.dumps({"_via_settings": {}, "_via_img_metadata": found})
        )
        return
    with (folder / "via.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes".split(
                ","
            )
        )
        for name, region in zip(names, regions, strict=True):
            shape, attributes = (json.dumps(region[key]) for key in ("shape_attributes", "region_attributes"))
            writer.writerow((name, 999, "{}", 1, 0, shape, attributes))


def cvat(folder: Path) -> None:
    images = "".join(
        f'<image id="{n}" name="{name}" width="{WIDTH}" height="{HEIGHT}"><box label="{label}" occluded="0" '
        f'xtl="40.0" ytl="30.0" xbr="100.0" ybr="90.0"/></image>'
        for n, (name, label) in enumerate(zip(photos(folder / "images"), LABELS, strict=True))
    )
    (folder / "annotations.xml").write_text(f"<annotations><version>1.1</version>{images}</annotations>")


def kitti(folder: Path) -> None:
    names = photos(folder / "images")
    (folder / "labels").mkdir()
    for name, label in zip(names, LABELS, strict=True):
        said = {"with_mask": "Mask", "without_mask": "No-Mask"}[label]
        lines = f"{said} 0.0 0 0.0 40.0 30.0 100.0 90.0 0 0 0 0 0 0 0\nDontCare 0 0 0 1 1 9 9 0 0 0 0 0 0 0\n"
        (folder / "labels" / name).with_suffix(".txt").write_text(lines)
