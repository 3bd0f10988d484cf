"""Entry of the app: privacy, logging, page set-up, navigation. `streamlit run app.py`."""

import logging

import streamlit as st

from ui.illustrations import FAVICON
from ui.privacy import keep_uploads_in_memory
from ui.router import route

keep_uploads_in_memory()
# Does nothing from the second run of this script on: the root logger then has its handler.
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
st.set_page_config(page_title="Maskwise", page_icon=FAVICON)
route().run()
