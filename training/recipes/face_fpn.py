"""The detector that ships: finds faces, masked or bare, down to some 10 pixels.

    python -m training.detection.teach --data IMAGES --faces FACES --output taught.csv --teacher yunet=ONNX \\
        --teacher scrfd=ONNX --facemesh TFLITE
    python -m training.train face_fpn --data IMAGES --faces FACES --taught taught.csv --face-free FOLDER \\
        --backbone-weights WEIGHTS
    python -m training.export runs/RUN face_fpn
    python -m training.detection.operating_point face_fpn --data IMAGES --taught taught.csv \\
        --face-free FOLDER --incomplete SOURCE
    python -m training.evaluate face_fpn --data IMAGES --record

Cost: some 25 minutes on two CPU cores for 26 epochs. What ships (`face_fpn-v4`) is of an earlier state of the
recipe, without the pyramid's way up and without turned heads, and came in steps, each from the best epoch of
the one before (`--start-from`): 17, 9, 2 and 14 epochs.
What it finds: `models/face_fpn/detector.json`.
"""

from training.recipes._base import Phase
from training.recipes._detector import AboutDetector, DetectionRecipe

ABOUT = AboutDetector(
    summary="our detector: best for masked and small faces",
    limits=(
        "Faces under some 10 pixels, or seen from behind, are not found; of those under 16 pixels a part is: "
        "see the counts by height in the dashboard.",
        "It learned from photos of crowds, of groups and of single people, of three collections. Thermal or "
        "infrared pictures were not tried.",
        "Now and then it takes a hand, a thing or a pattern for a face; the classifier leaves most out.",
        "It was not measured by skin tone, age or gender: the test pictures do not say them.",
        "It finds faces and does not know whose they are.",
    ),
    licence="weights: research and non-commercial use",
    licence_notes=(
        "Trained on public collections of photos, none of which clears the rights of the people shown.",
        "The images of andrewmvd are CC0 by third parties' word, those of jolignier and karan_unmasked "
        "name no licence; the single faces pasted into them are of ashish12k, which draws on CelebA, and of "
        "utkface (both for non-commercial research), of maskedfacenet_a, maskedfacenet_b and kary_part2 "
        "(CC BY-NC-SA), of chandrika4k and rmanaem (MIT), and of collections that name no licence.",
        "Faces that nobody had labelled, boxes and the five points were taught by SCRFD (for non-commercial "
        "research), YuNet (MIT) and FaceMesh (Apache 2.0). Photos without a face are ImageNet's, for "
        "research. Started from ImageNet weights of MobileNetV2 (Apache 2.0).",
    ),
)

RECIPE = DetectionRecipe(
    name="face_fpn",
    about=ABOUT,
    phases=(
        Phase("all layers but the first", 40, optimizer="adamw", learning_rate=1.5e-3, schedule="cosine"),
    ),
)
