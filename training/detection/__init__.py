"""A detector of our own: pseudo-labels, training tiles, loss, fitting, export and evaluation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
