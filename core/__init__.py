"""Maskwise without a screen: from a picture to an answer for each face.

What a script needs is here, and is imported when it is first used. This runs as it stands, on a sample
picture; `read_image` takes bytes or a path:

>>> from core import load_pipeline, read_image
>>> from core.images import to_jpeg
>>> from core.mask_rendering import sample_frame
>>> photo = to_jpeg(sample_frame("worn_right").rgb)
>>> pipeline = load_pipeline()
>>> result = pipeline.check(read_image(photo))
>>> [face.answer for face in result.faces]
['with_mask']
>>> result.faces[0].prediction.by_label["without_mask"] < 0.1
True

Every error that is raised on purpose is a `MaskwiseError`. Pictures are RGB, boxes are pixels of the picture.
"""

import os

import lazy_loader

__version__ = "0.1.0"

# From its import on, ONNX Runtime reports to its maker: a lasting device id and a database of events in the
# user's cache, and a connection. Ended here, since whatever imports it (tf2onnx does too) imports core first,
# and whatever the variable said before: nothing leaves this machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
