"""An app that starts in a second, inside the server that Maskwise has around its own."""

import logging
import time
import uuid

import streamlit as st


@st.cache_resource(scope="session")
def secret_of_visit() -> str:
    return f"secret-{uuid.uuid4().hex}"


def late() -> bytes:
    time.sleep(0.3)
    return b"late"


if __name__ == "__main__":
    st.text(secret_of_visit())
    st.file_uploader("Files", accept_multiple_files=True)
    st.download_button("Download", lambda: b"made when asked for", "it.txt", on_click="ignore")
    st.download_button("Slow", late, "it.txt", on_click="ignore", key="slow")
else:
    from ui.server import stack

    stack.prepare()
    logging.basicConfig(level=logging.INFO)
    app = st.App(__file__, middleware=stack.middleware(), lifespan=stack.lifespan)
