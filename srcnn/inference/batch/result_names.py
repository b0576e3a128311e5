"""What the results of a run are called: no two alike, on any file system."""

import unicodedata
from collections import Counter
from pathlib import Path


def name_results(names: list[Path], suffix: str) -> list[Path]:
    """The path of each picture's result below the folder of the results.

    names: the pictures' paths. `a/b.jpg` becomes `a/b.png`; where there is an `a/b.bmp`, too, it becomes
    `a/b.jpg.png`; and where that is there as well, `a/b.jpg (2).png`. Names that differ in case or in the form of their
    Unicode only are one on many disks, and so they are here.
    """
    short = [name.with_suffix(suffix) for name in names]
    count = Counter(map(_as_on_disk, short))
    results, taken = [], set()
    for name, plain in zip(names, short, strict=True):
        result = plain if count[_as_on_disk(plain)] == 1 else name.with_name(f"{name.name}{suffix}")
        stem, number = result.stem, 1
        while _as_on_disk(result) in taken:
            number += 1
            result = result.with_name(f"{stem} ({number}){suffix}")
        taken.add(_as_on_disk(result))
        results.append(result)
    return results


def _as_on_disk(path: Path) -> str:
    return unicodedata.normalize("NFC", path.as_posix().casefold())
