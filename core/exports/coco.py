"""Results as COCO JSON."""

from __future__ import annotations

import json
from typing import Any

from core.exports.names import NamedResults, category, labels_of, with_file_names
from core.labels import CANNOT_TELL


def to_coco(results: NamedResults) -> str:
    """COCO object detection, with a score like its result files. `bbox` is x, y, width, height in pixels.

    The category is the label, or `cannot_tell`. `score` is the detector's, of its being a face; `class_score`
    is the probability of the category, null where it cannot be told. What the model itself said of the face
    stays in `attributes`: answer, its probability, label, probabilities, subtype, why it cannot be told.
    """
    categories = {name: number for number, name in enumerate([*labels_of(results), CANNOT_TELL], 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, (name, result) in enumerate(with_file_names(results), 1):
        images.append({"id": image_id, "file_name": name, "width": result.width, "height": result.height})
        for face in result.faces:
            plain = face.as_json()
            x1, y1, x2, y2 = plain["box"]
            width, height = round(x2 - x1, 1), round(y2 - y1, 1)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": categories[category(face)],
                    "bbox": [x1, y1, width, height],
                    "area": round(width * height, 2),
                    "segmentation": [],
                    "iscrowd": 0,
                    "score": plain["score"],
                    "class_score": None if face.cannot_tell else round(face.prediction.probability, 4),
                    "attributes": {
                        key: plain[key]
                        for key in (
                            "answer",
                            "confidence",
                            "label",
                            "probabilities",
                            "subtype",
                            "cannot_tell",
                        )
                    }
                    | {"model": result.model, "detector": result.detector},
                }
            )
    dataset = {
        "info": {"description": "Faces and how they wear a mask, as Maskwise answered"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [{"id": n, "name": name, "supercategory": "face"} for name, n in categories.items()],
    }
    return json.dumps(dataset, ensure_ascii=False, allow_nan=False, indent=2)
