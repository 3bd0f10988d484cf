"""Libraries of others that lie inside wheels, and their licences, which a package's own metadata leaves out.

As the wheels for Linux on x86-64 have them, in folders named *.libs. A library without a licence here is an
error: look it up, so that nothing new comes in unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata

GPL = "GPL-2.0-or-later"
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
GNU = "LGPL-3.0-or-later OR GPL-2.0-or-later"
LGPL2, LGPL3 = "LGPL-2.1-or-later", "LGPL-3.0-or-later"
BSD2, BSD3, MIT = "BSD-2-Clause", "BSD-3-Clause", "MIT"

LICENCES = {
    "SvtAv1Enc": "BSD-3-Clause-Clear",
    "Xau": "MIT-open-group",
    "aec": BSD2,
    "aom": BSD2,
    "asound": LGPL2,
    "avif": BSD2,
    "brotlicommon": MIT,
    "brotlidec": MIT,
    "crc32c": BSD3,
    "crypto": "OpenSSL",
    "dav1d": BSD2,
    "de265": LGPL3,
    "drm": MIT,
    "freetype": "FTL OR GPL-2.0-or-later",
    "gfortran": GCC,
    "gmp": GNU,
    "gnutls": LGPL2,
    "gomp": GCC,
    "harfbuzz": "MIT-Modern-Variant",
    "hdf5": BSD3,
    "hdf5_hl": BSD3,
    "heif": LGPL3,
    "hogweed": GNU,
    "jpeg": "IJG AND BSD-3-Clause",
    "lcms2": MIT,
    "lzma": "0BSD",
    "mp3lame": "LGPL-2.0-or-later",
    "nettle": GNU,
    "opencore-amrnb": "Apache-2.0",
    "opencore-amrwb": "Apache-2.0",
    "openblasp-r0": BSD3,
    "openjp2": BSD2,
    "opus": BSD3,
    "png16": "libpng-2.0",
    "quadmath": LGPL2,
    "scipy_openblas": BSD3,
    "scipy_openblas64_": BSD3,
    "sharpyuv": BSD3,
    "ssl": "OpenSSL",
    "sz": BSD2,
    "tiff": "libtiff",
    "unistring": GNU,
    "vpl": MIT,
    "vpx": BSD3,
    "webp": BSD3,
    "webpdemux": BSD3,
    "webpmux": BSD3,
    "x264": GPL,
    "x265": GPL,
    "xcb": "X11",
    "xcb-shape": "X11",
    "xcb-shm": "X11",
    "xcb-xfixes": "X11",
    "zstd": "BSD-3-Clause OR GPL-2.0-only",
}
# FFmpeg's own libraries have the licence that they were configured for; `avcodec_license()` tells it.
FFMPEG = ("avcodec", "avdevice", "avfilter", "avformat", "avutil", "swresample", "swscale")
FFMPEG_LICENCES = {"av": LGPL3, "opencv-python-headless": LGPL2}

_LIBRARY = re.compile(r"[\w.]+\.libs/lib([\w-]+?)-[0-9a-f]{8}\b.*\.so.*")


def bundled(name: str) -> dict[str, str]:
    """Licences by library inside the installed wheel of a package. Raises `LookupError`."""
    files = map(str, metadata.files(name) or [])
    return {found: _licence(name, found) for found in sorted(set(_names(files)), key=str.lower)}


def _names(files: Iterable[str]) -> list[str]:
    return [match[1] for file in files if (match := _LIBRARY.fullmatch(file))]


def _licence(name: str, library: str) -> str:
    if library in FFMPEG:
        return FFMPEG_LICENCES[name]
    if library not in LICENCES:
        raise LookupError(f"{name} has lib{library} in its wheel: write its licence into supply/bundled.py")
    return LICENCES[library]
