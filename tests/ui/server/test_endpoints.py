"""Which of Streamlit's paths are answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import uuid
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.web.server.starlette import starlette_app
from websockets.exceptions import InvalidStatus

from bench.app_server import served_app
from core.errors import SettingsError
from tests.ui.server.conftest import SMALL_APP, Served
from ui.server import endpoints
from ui.server.endpoints import ENDPOINTS, ClosedEndpoints, is_closed, served_at

LEFT = {
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/_stcore/upload_file/{session_id}/{file_id}",
    "/media/{file_id:path}",
    "",  # files of Streamlit's page
}
CLOSED = {
    "/_stcore/metrics",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/agent/openapi.json",
    "/_stcore/bidi-components/{path:path}",
    "/_stcore/script-health-check",
    "/component/{path:path}",
    "/app/static/{path:path}",
    "/auth/login",
    "/auth/logout",
    "/oauth2callback",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def routes(monkeypatch) -> set[str]:
    """Paths of all that the installed Streamlit can be told to offer."""
    real = config.get_option
    switches = ("server.enableStaticServing", "server.scriptHealthCheckEnabled", "server.enableAgentApi")
    monkeypatch.setattr(config, "get_option", lambda name: name in switches or real(name))
    runtime = starlette_app.App(SMALL_APP)._create_runtime()
    try:
        return {route.path for route in starlette_app.create_streamlit_routes(runtime)}
    finally:
        type(runtime)._instance = None


def test_every_route_of_streamlit_is_left_or_closed(routes):
    """A version that adds one fails here, by its path."""
    assert routes == LEFT | CLOSED


def filled(route: str) -> str:
    return re.sub(r"{.*?}", "it", route)


@pytest.mark.parametrize("route", sorted(CLOSED))
def test_what_is_closed_says_404_to_every_method(route, small_server):
    for method in METHODS:
        answer = small_server.ask(method, filled(route))
        assert answer.status == 404, method
        assert answer.data in (b"Not found", b"")


@pytest.mark.parametrize("route", sorted(LEFT - {"/_stcore/stream"}))
def test_what_is_left_is_answered_by_streamlit(route, small_server):
    for method in METHODS:
        assert small_server.ask(method, filled(route) or "/").data != b"Not found", method


NEW = ("/_stcore/new", "/_stcore/", "/_stcore/health/")
ANOTHER_WAY = ("/%5Fstcore/metrics", "/_stcore/metrics%0A", "/oauth2callback%0A", "/_stcore/stream%0A")


@pytest.mark.parametrize("path", [*NEW, *ANOTHER_WAY])
def test_what_a_later_version_adds_is_closed_and_what_is_written_another_way(path, small_server):
    assert small_server.ask("GET", path).status == 404


@pytest.mark.parametrize("path", ["/_stcore/new", "/_stcore/stream%0A"])
def test_what_is_closed_takes_no_websocket(path, visit):
    with pytest.raises(InvalidStatus) as refused:
        visit(path=path)
    assert refused.value.response.status_code == 403


def test_no_other_site_may_steer_the_page(small_server):
    assert json.loads(small_server.ask("GET", "/_stcore/host-config").data)["allowedOrigins"] == []


def test_metrics_are_told_where_they_are_asked_for(monkeypatch):
    monkeypatch.setenv("MASKWISE_METRICS", "1")
    with served_app(("streamlit", "run", str(SMALL_APP))) as server:
        answer = Served(server).ask("GET", "/_stcore/metrics")
    assert answer.status == 200 and b"active_sessions" in answer.data


@pytest.mark.parametrize("asked", [None, "0", ""])
def test_metrics_are_off_unless_asked_for(asked, monkeypatch):
    monkeypatch.delenv("MASKWISE_METRICS", raising=False)
    if asked is not None:
        monkeypatch.setenv("MASKWISE_METRICS", asked)
    assert is_closed("/_stcore/metrics")


def test_metrics_are_not_told_where_the_setting_cannot_be_read(monkeypatch):
    monkeypatch.setenv("MASKWISE_METRICS", "true")
    with pytest.raises(SettingsError, match=r"METRICS.*`1`"):
        is_closed("/_stcore/metrics")


def test_visitors_can_sign_in_where_a_provider_is_set(monkeypatch):
    assert is_closed("/auth/login") and is_closed("/oauth2callback")
    secrets = SimpleNamespace(load_if_toml_exists=lambda: True, get={"auth": {"client_id": "it"}}.get)
    monkeypatch.setattr(endpoints, "secrets_singleton", secrets)
    assert not is_closed("/auth/login") and not is_closed("/oauth2callback")


def test_paths_are_found_below_the_apps_own_base(monkeypatch):
    monkeypatch.setattr(endpoints.st, "get_option", {"server.baseUrlPath": "/masks/"}.get)
    assert served_at("/media/") == "/masks/media/"
    assert served_at("") == "/masks"

    def answered(path: str) -> bool:
        reached = []

        async def app(scope, receive, send):
            reached.append(path)

        async def send(message):
            assert message.get("status", 404) == 404

        asyncio.run(ClosedEndpoints(app)({"type": "http", "path": path}, None, send))
        return bool(reached)

    assert answered("/masks/_stcore/health") and answered("/masks/check_photos")
    for closed in ("/masks/_stcore/metrics", "/masks/_stcore/new", "/_stcore/metrics"):
        assert not answered(closed)


def test_the_table_for_people_has_every_path():
    from tests.ui.server.test_patches import ROOT

    table = (ROOT / "docs/patches.md").read_text(encoding="utf-8")
    for endpoint in ENDPOINTS[:-1]:  # the last is all the others
        assert re.search(re.escape(f"`{endpoint.path}") + "…?`", table), endpoint.path


# --- uploads -------------------------------------------------------------------------------------


@pytest.fixture
def cookie(small_server) -> str:
    """Of a visitor who has been here: it holds the XSRF token."""
    said = small_server.ask("GET", "/_stcore/health").getheader("set-cookie")
    return said.partition(";")[0]


def multipart(data: bytes) -> dict:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        + data
        + b"\r\n--x--\r\n"
    )
    return {"body": body, "Content_Type": "multipart/form-data; boundary=x"}


def session_of(visitor) -> str:
    visitor.send(rerun_script={})
    came = visitor.until("script_finished")
    return next(m.new_session.initialize.session_id for m in came if m.WhichOneof("type") == "new_session")


def test_an_upload_needs_the_token_and_a_visit(visit, small_server, cookie):
    token = cookie.partition("=")[2]
    visitor = visit()
    visitor.send(file_urls_request={"request_id": "1", "file_names": ["a.jpg"]})
    url = visitor.until("file_urls_response")[-1].file_urls_response.file_urls[0].upload_url
    photo = multipart(b"a photo")
    for headers in (
        {},
        {"Cookie": cookie},
        {"X_Xsrftoken": token},
        {"Cookie": cookie, "X_Xsrftoken": "2|a|b|1"},
    ):
        assert small_server.ask("PUT", url, **photo, **headers).status == 403
        assert small_server.ask("DELETE", url, **headers).status == 403
    allowed = {"Cookie": cookie, "X_Xsrftoken": token}
    assert small_server.ask("PUT", url, **photo, **allowed).status == 204
    nobodys = f"/_stcore/upload_file/{uuid.uuid4()}/{uuid.uuid4()}"
    assert small_server.ask("PUT", nobodys, **photo, **allowed).status == 400


def test_no_visit_is_told_anothers_ids(visit):
    """Whoever would overwrite or delete another's upload has to guess two random ids."""
    visitors = [visit(), visit()]
    ids = [uuid.UUID(session_of(visitor)) for visitor in visitors]
    for visitor in visitors:
        visitor.send(file_urls_request={"request_id": "1", "file_names": ["a", "b"]})
        urls = visitor.until("file_urls_response")[-1].file_urls_response.file_urls
        ids += [uuid.UUID(url.file_id) for url in urls]
    assert all(one != other for one, other in itertools.combinations(ids, 2))
    assert {one.version for one in ids} == {4}  # random, by the standard 122 bits
