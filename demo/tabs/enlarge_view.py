"""What Enlarge shows of its results: sliders, what was done, and files to download."""

import html
import zipfile
from pathlib import Path

from demo.server.cleanup import note_written
from demo.tabs.enlarging import Enlarged
from demo.texts.language import Reader, remark_text, text_for
from demo.widgets.html import notice
from demo.widgets.pictures import address_of, new_folder, reduction_texts
from demo.widgets.slider import slider_html


def results_html(results: list[Enlarged], failures: list[str], reader: Reader) -> str:
    """failures: what went wrong, as HTML. Raises OSError where there is no room for the ZIP."""
    if not results:
        return "".join(failures)
    several = len(results) > 1
    file = _pack_zip(results) if several else results[0].file
    label = text_for("download_zip" if several else "download_png", reader)
    download = (
        f"<a class='download' href='{html.escape(address_of(file))}' download='{html.escape(file.name)}'>{label}</a>"
    )
    options = "".join(f"<option>{html.escape(f'{each.name} ({sizes_text(each)})')}</option>" for each in results)
    which = f"<label>{text_for('which', reader)} <select class='which'>{options}</select></label>" if several else ""
    sliders = "".join(_slider_html(each, number, reader) for number, each in enumerate(results))
    return f"{''.join(failures)}{note_html(results, reader)}<p class='downloads'>{download}{which}</p>{sliders}"


def note_html(results: list[Enlarged], reader: Reader) -> str:
    """What was done."""
    sizes = sizes_text(results[0])
    told = [
        text_for("all_became", reader, n=len(results)) if len(results) > 1 else text_for("became", reader, sizes=sizes)
    ]
    if any(each.fell_back for each in results):
        told.append(text_for("fell_back", reader))
    lost = [notice(remark_text(each.name, loss, reader)) for each in results for loss in each.losses]
    told += reduction_texts([each.result for each in results], reader)
    return f"<p>{' '.join(told)}</p>{''.join(lost)}"


def sizes_text(result: Enlarged) -> str:
    return " → ".join(f"{width} × {height}" for width, height in (result.before, result.after))


def _slider_html(result: Enlarged, number: int, reader: Reader) -> str:
    pictures = {"bicubic": result.bicubic, "result": result.result}
    titles = {"bicubic": text_for("bicubic", reader), "result": result.network}
    slider = slider_html(f"enlarged-{number}", pictures, titles, ("bicubic", "result"), reader, choose=False)
    return slider.replace("<figure ", "<figure hidden ", 1) if number else slider


def _pack_zip(results: list[Enlarged]) -> Path:
    """All pictures in a ZIP, no two of one name on any file system. PNG is compressed already."""
    path, taken = new_folder() / "enlarged.zip", set()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for result in results:
            name, number = result.file.name, 1
            while name.lower() in taken:
                number += 1
                name = f"{result.file.stem} ({number}){result.file.suffix}"
            taken.add(name.lower())
            archive.write(result.file, name)
    note_written(path.stat().st_size)
    return path
