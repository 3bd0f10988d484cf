"""Keras beside Streamlit, where Keras answers: on a GPU."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import script_runner


def keep_keras_session() -> None:
    """Stop Streamlit from clearing Keras's session after every run of a script or a fragment.

    It does so whenever Keras is imported in the server, for scripts that build models. Here the model is
    shared and answers at that very moment: one viewer falls from 27 to 1 pictures a second. Raises
    `RuntimeError` when the installed Streamlit has no such step.
    """
    if not callable(getattr(script_runner, "_clean_problem_modules", None)):
        raise RuntimeError(
            "This version of Streamlit clears Keras's session in a way that is not known here. "
            "Install the version that requirements.txt names."
        )
    script_runner._clean_problem_modules = lambda: None
