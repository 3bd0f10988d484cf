"""The server around the script: what it lets in, what it keeps and for how long, and who may do what."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
