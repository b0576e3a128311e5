"""What a visitor has chosen: the identity of a comparison, which everything that is shown of it carries."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from demo.widgets.examples import EXAMPLE_NAMES, open_example
from demo.widgets.pictures import open_upload, was_sent
from srcnn.imaging.picture import ImageError, Picture
from srcnn.variants.catalogue import ARTICLE_NETWORK


@dataclass(frozen=True)
class Choice:
    """A picture and the network that enlarges it.

    picture: the name of an example, or of the visitor's file. path: where that file lies; empty for an example.
    language: what the visitor reads, as the browser names it ("en", "zh-CN"). as_is: the picture itself is enlarged;
    else it is reduced first, so that there is a truth to hold the results against.
    """

    picture: str
    path: str
    scale: int
    loss: str
    ensemble: bool = False
    network: str = ARTICLE_NETWORK
    language: str = "en"
    as_is: bool = False

    @property
    def token(self) -> str:
        """The choice as the page writes it (`choiceOf` in page.js), character for character."""
        return json.dumps([*asdict(self).values()], ensure_ascii=False, separators=(",", ":"))

    @property
    def is_example(self) -> bool:
        return not self.path

    @property
    def is_there(self) -> bool:
        """Whether the picture is still on the server."""
        return self.is_example or Path(self.path).exists()

    def open(self, max_pixels: int, keep_metadata: bool = False) -> Picture:
        """The picture. Raises ImageError where there is none, or none any more."""
        if self.is_example:
            return open_example(self.picture)
        return open_upload(self.path, max_pixels, keep_metadata)


def read_choice(token: str) -> Choice:
    """What the page has sent. Raises ImageError where no picture is chosen, or one that was not sent here."""
    try:
        picture, path, scale, loss, ensemble, network, language, as_is = json.loads(token or "")
        settings = int(scale), str(loss), bool(ensemble), str(network), str(language), bool(as_is)
        choice = Choice(str(picture), str(path), *settings)
    except (TypeError, ValueError):
        raise ImageError("There is no picture yet: upload one or choose an example.") from None
    if choice.path:
        if not was_sent(choice.path):
            raise ImageError("There is no such upload here; upload the picture itself.")
    elif choice.picture not in EXAMPLE_NAMES:
        raise ImageError("There is no picture yet: upload one or choose an example.")
    return choice


def choice_of_file(file: str | None, *settings: object) -> Choice:
    """The choice of a program, which sends a file. Raises ImageError where it sends none."""
    if not file:
        raise ImageError("There is no picture yet: upload one or choose an example.")
    return Choice(Path(file).name, file, *settings)
