"""Entry of the app, twice: the server around the script, then the script that each visit runs.

`streamlit run app.py` imports this file as a module for `app`, and runs it as a script for every visitor.
"""

import logging

import streamlit as st

if __name__ == "__main__":
    from ui import look
    from ui.home import FAVICON
    from ui.router import route

    st.set_page_config(page_title="Maskwise", page_icon=FAVICON)
    page = route()
    if page.url_path:  # all but Home: tabs, history and screen readers tell pages apart by their title
        st.set_page_config(page_title=f"{page.title} · Maskwise")
    look.apply()
    page.run()
else:
    from ui.server import heap

    heap.begin_with_one()  # first of all: what was imported before is imported again

    from ui.live import socket
    from ui.server import stack

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stack.prepare()
    for connection in ("aioice", "aiortc", "streamlit_webrtc"):
        logging.getLogger(connection).setLevel(logging.WARNING)  # else visitors' addresses are in the log
    # streamlit-webrtc looks for a script's run, and there is none where the socket has it connect.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    app = st.App(
        __file__,
        routes=[*socket.routes(), *stack.routes()],
        middleware=stack.middleware(),
        lifespan=stack.lifespan,
    )
