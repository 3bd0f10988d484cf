import pytest

from core.bulk.kinds import Kind, kind_of

CASES = {
    "me.jpg": Kind.PICTURE,
    "ME.HEIC": Kind.PICTURE,
    "a/b.c/me.tiff": Kind.PICTURE,
    "clip.MP4": Kind.VIDEO,
    "a\\clip.mov": Kind.VIDEO,
    "photos.zip": Kind.ARCHIVE,
    "photos.tar.gz": Kind.ARCHIVE,
    ".DS_Store": Kind.LITTER,
    "a/._me.jpg": Kind.LITTER,
    "__MACOSX/me.jpg": Kind.LITTER,
    "a/Thumbs.db": Kind.LITTER,
    "notes.txt": Kind.OTHER,
    "jpg": Kind.OTHER,
    "": Kind.OTHER,
    "me.jpg.exe": Kind.OTHER,
}


@pytest.mark.parametrize(("name", "kind"), CASES.items())
def test_a_file_is_what_its_name_says(name, kind):
    assert kind_of(name) is kind
