"""Names of results: no two alike on any disk."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcnn.inference.batch.result_names import name_results


def named(*names: str, suffix: str = ".png") -> list[str]:
    return [result.as_posix() for result in name_results([Path(name) for name in names], suffix)]


@pytest.mark.parametrize(
    ("names", "results"),
    [
        (["a.jpg", "b/a.jpg"], ["a.png", "b/a.png"]),
        (["a.jpg", "a.png"], ["a.jpg.png", "a.png.png"]),
        (["a.jpg", "A.png"], ["a.jpg.png", "A.png.png"]),
        (["a.jpg", "A.JPG"], ["a.jpg.png", "A.JPG (2).png"]),
        (["Sub/a.jpg", "sub/a.jpg"], ["Sub/a.jpg.png", "sub/a.jpg (2).png"]),
        (["\u00e9.jpg", "e\u0301.jpg"], ["\u00e9.jpg.png", "e\u0301.jpg (2).png"]),
        (["a.jpg", "a.png", "a.jpg.png"], ["a.jpg.png", "a.png.png", "a.jpg (2).png"]),
        (["none", "none.jpg"], ["none.png", "none.jpg.png"]),
    ],
)
def test_names_that_collide_become_distinct(names, results):
    assert named(*names) == results


NAMES = st.lists(
    st.sampled_from(["a", "A", "a.jpg", "A.JPG", "a.png", "a.jpg.png", "a.jpg (2)", "a.jpg (2).png", "s/a", "S/a.gif"])
    | st.text("aA\u00e9e\u0301.(2) ", min_size=1).filter(lambda text: text.strip(". ")),
    unique=True,
)


@given(NAMES, st.sampled_from([".png", ".jpg"]))
def test_no_two_results_are_one_file_on_any_disk(names, suffix):
    keys = [unicodedata.normalize("NFC", name.casefold()) for name in named(*names, suffix=suffix)]
    assert len(keys) == len(set(keys)) == len(names)
