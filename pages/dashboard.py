"""Dashboard: how far to trust a model, from the records of its training."""

import streamlit as st

from ui.dashboard import views
from ui.dashboard.selection import picker, records
from ui.router import DASHBOARD, require_router

require_router(DASHBOARD)

st.set_page_config(layout="wide")  # charts and tables are as wide as the screen
st.title("Model dashboard", anchor=False)
selected = picker.choose(records.runs())
if not selected:
    st.stop()
views.show(selected)
