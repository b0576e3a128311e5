"""The small picture with a square on it by which a visitor chooses a detail; static/chooser.js moves the square."""

from srcnn.imaging.picture import Picture
from srcnn.visuals.crops import Detail

CHOOSER_HTML = "<div class='chooser' hidden><img alt='' draggable='false'><button type='button'></button></div>"


def square_shares(detail: Detail, picture: Picture) -> dict[str, float]:
    """Where the square lies and how large it is, as shares of the picture, which the detail is of."""
    rows, columns = detail.place
    return {
        "left": columns.start / picture.width,
        "top": rows.start / picture.height,
        "wide": (columns.stop - columns.start) / picture.width,
        "high": (rows.stop - rows.start) / picture.height,
    }
