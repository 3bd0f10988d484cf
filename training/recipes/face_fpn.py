"""The detector that ships: finds faces, masked or bare, down to some 10 pixels.

python -m training.detection.teach --data SCENES --faces FACES --output taught.csv --ultraface ONNX
python -m training.train face_fpn --data SCENES --faces FACES --taught taught.csv --backbone-weights WEIGHTS
python -m training.export runs/RUN face_fpn
python -m training.evaluate face_fpn --data SCENES --record
"""

from training.detection.recipe import AboutDetector, DetectionRecipe
from training.recipe import Phase

ABOUT = AboutDetector(
    summary="Maskwise's own: finds small and masked faces, and their points; always at hand",
    limits=(),
    licence="weights: research and non-commercial use",
    licence_notes=(),
)

RECIPE = DetectionRecipe(
    name="face_fpn",
    about=ABOUT,
    phases=(Phase("all layers but the first", 20, optimizer="adamw", learning_rate=1.5e-3, schedule="cosine"),),
)
