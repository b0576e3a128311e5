"""docs/pictures.md says what is measured."""

from tests.support.picture_table import DOCUMENT, compose


def test_the_document_on_pictures_says_what_is_measured():
    assert DOCUMENT.read_text("utf-8") == compose(), "python -m tests.support.picture_table writes it anew"
