"""Keras beside Streamlit, where Keras answers: on a GPU."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import script_runner

from ui.server.patches import declare

_CLEANING = declare(
    "keras-session",
    "streamlit.runtime.scriptrunner.script_runner:_clean_problem_modules",
    "fdc093c6a6e4",
    "Streamlit clears Keras's session after every run, while the shared model answers in it",
)


def keep_keras_session() -> None:
    """Stop Streamlit from clearing Keras's session after every run of a script or a fragment.

    It does so whenever Keras is imported in the server, for scripts that build models. Here the model is
    shared and answers at that very moment: one viewer falls from 27 to 1 pictures a second. Raises
    `RuntimeError` when the installed Streamlit has no such step.
    """
    _CLEANING.found()
    script_runner._clean_problem_modules = lambda: None
