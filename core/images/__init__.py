"""Pictures in and out: decoded under bounds, fetched from the web, cropped, resized and encoded."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
