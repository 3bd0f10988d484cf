import math

import pandas as pd
from streamlit.testing.v1 import AppTest

from ui.chart import to_csv


def test_a_charts_data_comes_as_csv_that_starts_no_formula():
    data = pd.DataFrame({"=label": ["=1+1", "Maß"], "share": [0.5, math.nan]})
    text = to_csv(data).decode("utf-8-sig")
    assert to_csv(data).startswith(b"\xef\xbb\xbf")
    assert text.splitlines() == ["'=label,share", "'=1+1,0.5", "Maß,"]


def page():
    import pandas as pd
    import plotly.graph_objects as go

    from ui import chart

    figure = go.Figure(go.Bar(x=["a"], y=[1]), layout={"title": {"text": "Faces"}})
    chart.show(figure, "One *face*.", pd.DataFrame({"n": [1]}), key="faces")
    chart.table(pd.DataFrame({"n": [1]}), "A row.", key="rows")


def test_a_chart_has_a_sentence_and_its_data_beside_it():
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [caption.value for caption in app.caption] == [r"One \*face\*.", "A row."]
    assert [button.label for button in app.get("download_button")] == ["CSV", "CSV"]
