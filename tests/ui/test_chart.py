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
    assert [button.label for button in app.get("download_button")] == ["CSV: faces", "CSV: rows"]


def test_in_the_dark_marks_are_lighter_and_others_stay():
    import plotly.graph_objects as go

    from core.labels import BLUE, ORANGE
    from ui.chart import in_dark

    figure = go.Figure(
        [
            go.Scatter(x=[1], y=[1], marker={"color": BLUE}, line={"color": ORANGE}),
            go.Bar(x=[1, 2], y=[1, 2], marker={"color": [BLUE, ORANGE]}),
            go.Scatter(x=[1], y=[1]),
        ]
    )
    line, bar, _ = in_dark(figure).data
    assert (line.marker.color, line.line.color) == ("#4ba3dc", ORANGE)
    assert list(bar.marker.color) == ["#4ba3dc", ORANGE]
