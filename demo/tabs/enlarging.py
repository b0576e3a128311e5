"""What Enlarge computes: a picture made larger by a network, as files to look at and to download."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import spaces

from demo.answers import MAX_ENLARGED_PIXELS
from demo.job import Deadline, Job
from demo.training.trained import choose_variants
from demo.widgets.pictures import PictureFile, new_folder, open_upload, save_counted, write_for_page
from demo.widgets.settings import network_name
from srcnn.errors import Remark
from srcnn.imaging.picture import Picture
from srcnn.imaging.writing import list_losses
from srcnn.inference.upscaling import Canvas, upscale_in_bands
from srcnn.networks.base import AnyNetwork
from srcnn.variants.loading import average_networks


@dataclass(frozen=True)
class EnlargeSettings:
    """The network that enlarges."""

    scale: int
    loss: str
    ensemble: bool
    network: str

    def name_for(self, picture: str) -> str:
        """Of the file of a result: "photo-x3-srcnn-9-1-5-mse.png"."""
        network = network_name(self.network).lower().replace(" ", "-")
        turns = "-ensemble" if self.ensemble else ""
        return f"{Path(picture).stem}-x{self.scale}-{network}-{self.loss}{turns}.png"


@dataclass(frozen=True)
class Enlarged:
    """What became of a picture.

    network: what people call it. bicubic, result: for the page. file: the PNG to download. before, after: width and
    height. fell_back: on the CPU, because the GPU failed. losses: what the download lacks of the picture's file.
    """

    name: str
    network: str
    bicubic: PictureFile
    result: PictureFile
    file: Path
    before: tuple[int, int]
    after: tuple[int, int]
    fell_back: bool
    losses: tuple[Remark, ...]


@spaces.GPU
def enlarge_in_steps(
    file: str | None, settings: EnlargeSettings, deadline: Deadline
) -> Iterator[tuple[float, Enlarged | None]]:
    """Enlarge a picture. Yields the share done after each band, 0..1, and at last the result with it.

    Raises ImageError for a picture that cannot be used, VariantError where there is no such network, TimeUpError after
    the deadline, OSError where there is no room for the files.
    """
    deadline.check()
    picture = open_upload(file, MAX_ENLARGED_PIXELS // settings.scale**2, keep_metadata=True)
    members = choose_variants(settings.scale, settings.loss, settings.network)
    job = Job(members, deadline)
    for painted in job.steps(lambda models: _paint_both(picture, average_networks(models, settings.ensemble))):
        yield painted.share, None
    folder, name = new_folder(), Path(file).name
    download = folder / settings.name_for(name)
    save_counted(painted.result, download)
    yield (
        1.0,
        Enlarged(
            name,
            network_name(members[0].model.config.title),
            write_for_page(painted.bicubic, "bicubic", folder),
            write_for_page(painted.result, "result", folder, download),
            download,
            (picture.width, picture.height),
            (painted.result.width, painted.result.height),
            job.fell_back,
            (*painted.result.remarks, *list_losses(painted.result, download)),
        ),
    )


class Painted(NamedTuple):
    """A picture enlarged by bicubic and by the network; of both, a `share`, 0..1, is painted."""

    share: float
    bicubic: Picture
    result: Picture


def _paint_both(picture: Picture, model: AnyNetwork) -> Iterator[Painted]:
    """Enlarge a picture. Yields both pictures after each band; at last they are whole."""
    bicubic, result = Canvas(picture, model.scale), Canvas(picture, model.scale)
    for place, planes, luminance, share in upscale_in_bands(picture, model):
        bicubic.paint(place, planes)
        planes[0] = luminance
        result.paint(place, planes)
        yield Painted(share, bicubic.picture, result.picture)
