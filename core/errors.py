"""What can go wrong, in words fit for the screen.

    MaskwiseError
    ├── ImageError      not a picture, truncated, too large, or a URL that may not be read
    ├── VideoError      a film could not be read or written
    ├── NoRoomError     the memory for visitors' pictures is full
    ├── DetectorError   a face detector is not available here
    ├── ModelError      weights absent, altered or unusable
    ├── JobError        many pictures at once: a run that cannot begin or go on
    ├── RecordError     a card or run record that cannot be read or written
    └── SettingsError   what an operator set cannot be used

A message says what happened and what to do next. Pages and the command line catch `MaskwiseError` only:
anything else is a bug and stays loud.
"""


class MaskwiseError(Exception):
    """Base of every error that Maskwise raises on purpose."""


class ImageError(MaskwiseError):
    """A picture could not be read. The message starts with its name."""


class VideoError(MaskwiseError):
    """A film could not be read, or what was made of it not be written. The message starts with its name."""


class NoRoomError(MaskwiseError):
    """A picture does not fit beside those that are held. What is held is kept."""


class DetectorError(MaskwiseError):
    """A face detector cannot be offered on this machine."""


class ModelError(MaskwiseError):
    """A model cannot be used: weights absent, altered, or no engine for them."""


class RecordError(MaskwiseError):
    """A model card, run record or manifest is broken. The message names file, field and remedy."""


class JobError(MaskwiseError):
    """A run over many pictures cannot begin or go on. The message says what is kept."""


class SettingsError(MaskwiseError):
    """What an operator of the app set cannot be used. The message says where it is set and how."""
