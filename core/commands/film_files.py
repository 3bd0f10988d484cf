"""The files that `video` writes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from core.errors import MaskwiseError, VideoError
from core.exports import chapters_to_vtt, frames_to_csv, people_to_csv
from core.files import written_whole
from core.reports import film_report
from core.video import (
    MAX_GIF_SECONDS,
    CheckAndDraw,
    Film,
    FilmAnswer,
    FilmCheck,
    FilmProgress,
    seconds_to_share,
    to_gif,
)


class FilmFiles:
    """Those that the options name. Raises `VideoError` where one cannot be written."""

    OPTIONS: ClassVar[dict[str, tuple[str, str]]] = {
        "output": ("OUT.mp4", "write the film with the answers drawn on it, H.264 and AAC"),
        "people": ("people.csv", "write a row for each person"),
        "frames": ("frames.csv", "write a row for each face of each analysed picture"),
        "gif": (
            "OUT.gif",
            f"write a GIF to share, at most 8 MB: --from to --to, or some seconds where that is more than "
            f"{MAX_GIF_SECONDS:g}",
        ),
        "report": ("OUT.html", "write one page with everybody in it, which opens without a network"),
        "chapters": ("OUT.vtt", "write chapters for the annotated film"),
    }

    def __init__(self, options: argparse.Namespace) -> None:
        given = {name: getattr(options, name) for name in self.OPTIONS}
        self._paths: dict[str, Path] = {name: path for name, path in given.items() if path}
        self._blur = options.blur
        self.is_checked = False  # whether the film is checked, and the other files are being written

    def check(self, film: Film) -> None:
        """Before the work: raises `VideoError` for a file that would replace the film, or cannot be made."""
        for name, path in self._paths.items():
            if film.is_same_file(path):
                raise VideoError(f"{path}: is the film itself. Give --{name} another name.")
            if path.is_dir() or not path.absolute().parent.is_dir():
                raise VideoError(
                    f"{path}: cannot be written, as its folder is not there. Choose another place."
                )
        if len({path.absolute() for path in self._paths.values()}) < len(self._paths):
            raise VideoError("Two files would have the same name. Give each another one.")

    def write(
        self, check: FilmCheck, told: Callable[[FilmProgress], object]
    ) -> tuple[FilmAnswer, list[MaskwiseError]]:
        """Check the film and write everything. The answer, and what could not be written.

        A `KeyboardInterrupt` while files are written ends that, unless the check was stopped by one before.
        """
        problems: list[MaskwiseError] = []
        if output := self._paths.get("output"):
            both = CheckAndDraw(check, output, blur=self._blur)
            answer = both.run(told)
            problems += [both.problem] if both.problem else []
        else:
            answer = check.run(told)
        makers: dict[str, Callable[[], Iterable[str | bytes]]] = {
            "people": lambda: [people_to_csv(answer)],
            "frames": lambda: frames_to_csv(answer),
            "gif": lambda: [to_gif(check.film, answer, *seconds_to_share(answer), blur=self._blur)],
            "report": lambda: [film_report(answer, blur=self._blur)],
            "chapters": lambda: [chapters_to_vtt(answer)],
        }
        self.is_checked = True
        left = [(self._paths[name], make) for name, make in makers.items() if name in self._paths]
        try:
            while left:
                try:
                    _write(left[0][0], left[0][1]())
                except MaskwiseError as problem:
                    problems.append(problem)
                left.pop(0)
        except KeyboardInterrupt:
            if check.is_stopped:
                raise
            problems += [VideoError(f"{path}: not written, as you ended it.") for path, _ in left]
        return answer, problems


def _write(path: Path, parts: Iterable[str | bytes]) -> None:
    """The whole file or none of it. CSV has the mark without which Excel spoils accents."""
    try:
        with written_whole(path) as part, part.open("wb") as file:
            if path.suffix.lower() == ".csv":
                file.write(b"\xef\xbb\xbf")
            for piece in parts:
                file.write(piece.encode() if isinstance(piece, str) else piece)
    except OSError as problem:
        raise VideoError(
            f"{path}: cannot be written ({problem.strerror}). Make room, or choose another place."
        ) from None
