"""People over time: tracking, votes, counting, alerts, door mode, live sessions and films."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
