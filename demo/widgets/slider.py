"""Two pictures over each other with a handle between them; static/slider.js moves it."""

import html
import json

from demo.texts.language import Reader, text_for
from demo.widgets.pictures import PictureFile

Titles = dict[str, str]  # what a picture is called, by its key


def slider_html(
    name: str,
    pictures: dict[str, PictureFile],
    titles: Titles,
    sides: tuple[str, str],
    reader: Reader,
    choose: bool = True,
) -> str:
    """A slider, named for the page's scripts.

    pictures: by key, all of one shape. titles: also of pictures that are not there yet, but can be asked for.
    sides: the keys of those on the left and on the right at first. choose: whether the visitor can choose others.
    """
    facts = {key: picture.for_page() | {"title": titles[key]} for key, picture in pictures.items()}
    largest = max(pictures.values(), key=lambda picture: picture.width)
    label = " | ".join(titles[side] for side in sides)
    ends = [_select_html(place, titles, side, reader) for place, side in zip(("left", "right"), sides, strict=True)]
    bar = _button_html("swap", "⇄", reader).join(
        ends if choose else [f"<b>{html.escape(titles[side])}</b>" for side in sides]
    )
    zoom = _button_html("out", "−", reader) + _button_html("in", "+", reader)
    layers = "".join(
        f"<div class='layer {place}'><div>"
        f"<img src='{facts[side]['source']}' alt='{html.escape(titles[side])}' draggable='false'></div></div>"
        for place, side in zip(("left", "right"), sides, strict=True)
    )
    handle = f"<input type='range' min='0' max='100' value='50' aria-label='{text_for('slider_handle', reader)}'>"
    return (
        f"<figure class='slider' data-name='{name}' data-sides='{html.escape(','.join(sides))}' "
        f"data-pictures='{html.escape(json.dumps(facts))}' aria-label='{html.escape(label)}' "
        f"style='--ratio: {largest.width / largest.height:.5f}'>"
        f"<figcaption>{bar}<span class='zoom'>{zoom}</span></figcaption>"
        f"<div class='stage'>{layers}<div class='line'></div>{handle}</div></figure>"
    )


def _select_html(place: str, titles: Titles, chosen: str, reader: Reader) -> str:
    options = "".join(
        f"<option value='{html.escape(key)}'{' selected' if key == chosen else ''}>{html.escape(title)}</option>"
        for key, title in titles.items()
    )
    return f"<select aria-label='{text_for(f'slider_{place}', reader)}'>{options}</select>"


def _button_html(what: str, sign: str, reader: Reader) -> str:
    label = text_for(f"slider_{what}", reader)
    return f"<button type='button' data-do='{what}' aria-label='{label}' title='{label}'>{sign}</button>"
