"""Where the bytes of a picture come from, by its name alone."""

import pytest

from core.bulk import reading, storage
from core.bulk.entries import Entry
from core.bulk.reading import PictureReader


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        ("s3://bucket/a.jpg", b"the store's"),
        ("gs://bucket/a.jpg", b"the store's"),
        ("az://bucket/a.jpg", b"the store's"),
        ("https://example.org/a.jpg", b"the web's"),
        ("ftp://example.org/a.jpg", b"the web's"),  # which refuses it
    ],
)
def test_an_object_is_its_stores_and_not_the_webs(source, whose, monkeypatch):
    monkeypatch.setattr(storage, "read", lambda address, max_bytes: b"the store's")
    monkeypatch.setattr(reading, "fetch_image", lambda url: b"the web's")
    assert PictureReader().read(Entry(source)) == whose
