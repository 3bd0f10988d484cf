"""The audit fails on a known vulnerability, passes without, and never takes silence for a good answer."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.supply import audit

VULNERABILITY = {
    "id": "PYSEC-2026-1",
    "details": "Made for a test.",
    "affected": [
        {
            "package": {"name": "old", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
OSV = ["--vulnerability-service", "osv", "--timeout", "5", "--osv-url"]


@pytest.fixture
def lock(tmp_path, monkeypatch):
    path = tmp_path / "requirements.lock"
    path.write_text("".join(f"{line} --hash=sha256:{'0' * 64}\n" for line in ("old==1.0", "new==2.0")))
    monkeypatch.setattr(audit, "DEV_LOCK", path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return path


@pytest.fixture
def database():
    """Starts a database on this machine that knows what it is given: `database({"old": […]})`."""
    servers = []

    def start(known, status=200):
        class Answers(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps({"vulns": known.get(asked["package"]["name"], [])}).encode())

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Answers))
        threading.Thread(target=servers[-1].serve_forever).start()
        return [*OSV, f"http://127.0.0.1:{servers[-1].server_port}/v1/query"]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_known_vulnerability_fails(lock, database, monkeypatch, capsys):
    monkeypatch.setattr(audit, "DATABASES", {"ours": database({"old": [VULNERABILITY]})})
    assert audit.main() == 1
    assert capsys.readouterr().out == "old 1.0: PYSEC-2026-1, mended in 1.1\n"


def test_one_that_does_not_concern_us_can_be_ignored(lock, database, monkeypatch, capsys):
    monkeypatch.setattr(audit, "DATABASES", {"ours": database({"old": [VULNERABILITY]})})
    monkeypatch.setattr(audit, "IGNORED", {"PYSEC-2026-1": "made for a test"})
    assert audit.main() == 0
    assert capsys.readouterr().out == "ours knows no vulnerability of 2 packages.\n"


def test_a_database_that_does_not_answer_is_not_taken_for_one_that_knows_nothing(
    lock, database, monkeypatch, capsys
):
    broken, closed = database({}, status=503), [*OSV, "http://127.0.0.1:1/v1/query"]
    monkeypatch.setattr(audit, "DATABASES", {"broken": broken, "closed": closed})
    assert audit.main() == 0
    said = capsys.readouterr().out
    assert "broken could not be asked" in said and "closed could not be asked" in said
    assert "NOT AUDITED" in said and "knows no vulnerability" not in said


def test_a_lock_that_cannot_be_read_is_an_error(lock):
    lock.write_text("old>=1\n")
    with pytest.raises(RuntimeError, match="pip-audit failed"):
        audit.query_databases([*OSV, "http://127.0.0.1:1/v1/query"])
