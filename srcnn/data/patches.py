"""Random patches of pictures, reduced and enlarged when they are drawn: a picture takes one byte a pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from srcnn.data.degradation import Truth
from srcnn.imaging.color import LUMINANCE_BLACK, LUMINANCE_GAIN
from srcnn.imaging.imresize import resizing_matrix

_KERNEL_REACH = 2  # low-resolution pixels that bicubic looks at on each side, in both directions
_FLAT_RANGE = -0.05, 1.05  # levels of flat patches: a little beyond black and white, so that these are learned, too


@dataclass(frozen=True)
class Example:
    """A picture as it is learned from at a scale, whose multiples its sides are cut to.

    wanted: (H, W) uint8 levels that are learned in place of the truth's, such as a teacher's; None: the truth's.
    """

    truth: Truth
    scale: int
    wanted: Tensor | None = None


class PatchSampler:
    """Draws random patches, turned and mirrored, from pictures that lie in memory as one long row of bytes.

    A batch is a few indexing operations and products of small matrices, so sampling costs little beside a training
    step. Every set is drawn equally often, whatever its size; within a set a picture is drawn by its area.
    """

    def __init__(
        self,
        sets: Sequence[Sequence[Example]],
        patch: int,
        upsampling: int,
        device: torch.device,
        turns: bool = True,
        flat: float = 0,
    ) -> None:
        """patch: side of a patch of the truth in pixels, a multiple of `upsampling`, which is the network's: 1 where it
        gets the enlarged picture, the scale where it gets the low-resolution one.
        flat: share of the patches that are flat greys instead, of every level as often as of any other.

        Below, P is the number of examples, N that of patches, S the side of a patch, L and T those of the parts of the
        low-resolution picture and of the truth that its input is made of.
        """
        examples = [example for each in sets for example in each]
        self.patch, self.step, self.device, self.flat = patch, upsampling, device, flat
        self.scale = torch.tensor([example.scale for example in examples])  # (P,), as all that follow
        sides = [[side - side % example.scale for side in example.truth.levels.shape] for example in examples]
        self.height, self.width = torch.tensor(sides).T
        self.pitch = torch.tensor([example.truth.levels.shape[1] for example in examples])  # pixels from row to row
        areas = (self.height * self.width).double().split([len(each) for each in sets])
        chances = torch.cat([area / area.sum() for area in areas]) / len(sets)
        self.chances = chances.cumsum(0)[:-1]  # (P - 1,): of each example or one before it
        self.levels, self.start = _join_planes([example.truth.levels for example in examples], device)
        self.low, self.low_start = _join_planes([example.truth.low for example in examples], device)
        # What is learned has the places of the truth in a row of its own, where it is not the truth's.
        self.wanted, self.wanted_start = self.levels, self.start
        if examples[0].wanted is not None:
            self.wanted, self.wanted_start = _join_planes([example.wanted for example in examples], device)
        grey = torch.tensor([example.truth.grey for example in examples], device=device)[:, None, None, None]
        self.gain, self.black = torch.where(grey, LUMINANCE_GAIN, 1.0), torch.where(grey, LUMINANCE_BLACK, 0.0)
        # Which row and column of a patch a pixel of the turned patch comes from: (8 or 1, 2, S, S).
        self.input_turns = dihedral_turns(patch // upsampling)[: 8 if turns else 1].to(device)
        self.truth_turns = dihedral_turns(patch)[: 8 if turns else 1].to(device)
        self.degradations = {
            scale: _Degradation(scale, patch, upsampling, device) for scale in set(self.scale.tolist())
        }

    def sample(
        self, count: int, generator: torch.Generator, rank: int = 0, processes: int = 1
    ) -> tuple[Tensor, Tensor]:
        """(input, truth), each (count / processes, 1, side, side) float32 in 0..1; the truth's side is `patch`.

        Several processes with the same generator share a batch: they draw the same patches, each cuts out its own.
        """
        # Draw pictures, places and turns for the whole batch, and keep this process's N of them: (N,) each. Where the
        # network gets the low-resolution picture, patches begin at its pixels.
        mine = slice(rank * count // processes, (rank + 1) * count // processes)
        chosen = torch.rand(count, dtype=torch.float64, generator=generator)[mine]
        image = torch.searchsorted(self.chances, chosen, right=True)  # multinomial takes longer than all else here
        random = torch.rand(3, count, generator=generator)[:, mine]
        top = (random[0] * ((self.height[image] - self.patch) // self.step + 1)).long() * self.step
        left = (random[1] * ((self.width[image] - self.patch) // self.step + 1)).long() * self.step
        turn = (random[2] * len(self.truth_turns)).long()
        if len(self.degradations) == 1:
            inputs, truths = self._cut(int(self.scale[0]), image, top, left, turn)
        else:
            inputs, truths = self._cut_at_each_scale(image, top, left, turn)
        if not self.flat:
            return inputs, truths
        # Some are flat greys instead. Pictures show few of them, and none below 16, where luminance is black.
        random = torch.rand(2, count, 1, 1, 1, generator=generator)[:, mine].to(self.device)
        least, most = _FLAT_RANGE
        is_flat, level = random[0] < self.flat, least + random[1] * (most - least)
        return torch.where(is_flat, level, inputs), torch.where(is_flat, level, truths)

    def _cut_at_each_scale(self, image: Tensor, top: Tensor, left: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
        """The patches of pictures of several scales, which all give the network enlarged ones."""
        inputs, truths = (torch.empty(len(image), 1, self.patch, self.patch, device=self.device) for _ in range(2))
        for scale in self.scale[image].unique().tolist():
            some = (self.scale[image] == scale).nonzero()[:, 0]
            inputs[some], truths[some] = self._cut(scale, image[some], top[some], left[some], turn[some])
        return inputs, truths

    def _cut(self, scale: int, image: Tensor, top: Tensor, left: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
        """The patches of pictures of one scale: (N, 1, side, side) each."""
        made = self.degradations[scale]
        if self.low is None:  # what lies outside of the picture is mirrored, as `imresize` does it
            rows = _mirror(made.truth_places(top), self.height[image]) * self.pitch[image, None]
            columns = _mirror(made.truth_places(left), self.width[image])
            rows += self.start[image, None]
        else:
            width = self.width[image, None] // scale
            rows = _mirror(made.low_places(top), self.height[image] // scale) * width
            columns = _mirror(made.low_places(left), width[:, 0])
            rows += self.low_start[image, None]
        corner = self.wanted_start[image] + top * self.pitch[image] + left
        phases = top % scale, left % scale
        # One transfer to the device for all that was drawn: (N, ...) each.
        numbers = torch.stack([image, turn, corner, self.pitch[image], *phases], dim=1)
        drawn = torch.cat([numbers, rows, columns], dim=1).to(self.device)
        (image, turn, corner, pitch, *phases), side = drawn[:, :6].T, rows.shape[1]
        rows, columns = drawn[:, 6 : 6 + side, None], drawn[:, None, 6 + side :]

        part = _take(self.levels if self.low is None else self.low, rows + columns)  # (N, T, T) or (N, L, L)
        inputs = made.make_input(part, *phases, reduced=self.low is not None)[:, None]  # (N, 1, side, side)
        turns = self.truth_turns.index_select(0, turn)  # (N, 2, S, S)
        inputs = _turn(inputs, turns if self.step == 1 else self.input_turns.index_select(0, turn))
        row, column = turns.unbind(1)  # (N, S, S) each
        truths = _take(self.wanted, corner[:, None, None] + row * pitch[:, None, None] + column)[:, None]
        gain, black = self.gain[image], self.black[image]
        return (inputs * gain + black) / 255, (truths * gain + black) / 255


class _Degradation:
    """How the input of a patch at one scale is made of the truth around it, or of the low-resolution picture.

    The part of the low-resolution picture begins at a pixel of it, and that of the truth where this pixel begins: so
    two matrices reduce every patch, and to enlarge it there is one for each place that a patch can have in a pixel.
    """

    def __init__(self, scale: int, patch: int, upsampling: int, device: torch.device) -> None:
        self.scale = scale
        self.enlarges = upsampling == 1
        self.valid_border = _KERNEL_REACH if self.enlarges else 0  # low-resolution pixels around those of the patch
        inner = (patch + scale - 2) // scale + 1 if self.enlarges else patch // scale
        self.low_side = inner + 2 * self.valid_border  # L
        self.truth_side = (self.low_side + 2 * _KERNEL_REACH) * scale  # T
        reduce = resizing_matrix(self.truth_side, 1 / scale).to_dense().float()[_KERNEL_REACH:-_KERNEL_REACH]  # (L, T)
        self.reduce = reduce.to(device)
        if self.enlarges:
            enlarge = resizing_matrix(self.low_side, scale).to_dense().float()  # (L * scale, L)
            first = self.valid_border * scale
            phases = [enlarge[first + phase : first + phase + patch] for phase in range(scale)]
            self.enlarge = torch.stack(phases).to(device)  # (scale, S, L)

    def low_places(self, first: Tensor) -> Tensor:
        """(N,) rows or columns of the truth where patches begin -> (N, L), those of the low-resolution picture."""
        return (first // self.scale - self.valid_border)[:, None] + torch.arange(self.low_side)

    def truth_places(self, first: Tensor) -> Tensor:
        """(N,) rows or columns of the truth where patches begin -> (N, T), those that their input depends on."""
        low = first // self.scale - self.valid_border - _KERNEL_REACH
        return (low * self.scale)[:, None] + torch.arange(self.truth_side)

    def make_input(self, part: Tensor, row_phase: Tensor, column_phase: Tensor, reduced: bool) -> Tensor:
        """(N, T, T) levels of the truth, or where they are `reduced`, (N, L, L) of the low-resolution picture ->
        (N, side, side), what the network gets."""
        if not reduced:
            reduce = self.reduce.expand(len(part), -1, -1)
            part = reduce.bmm(part).bmm(reduce.mT)
        if self.enlarges:
            down, along = (self.enlarge.index_select(0, phase) for phase in (row_phase, column_phase))
            part = down.bmm(part).bmm(along.mT)
        return part


def _mirror(places: Tensor, size: Tensor) -> Tensor:
    """Rows or columns, (N, T), of which some lie outside of pictures of (N,) pixels a side -> those inside that are
    mirrored there, the edge pixel repeated: ... 1 0 | 0 1 2 ... n-1 | n-1 ..."""
    size = size[:, None]
    places = places % (2 * size)
    return torch.where(places < size, places, 2 * size - 1 - places)


def _join_planes(planes: Sequence[Tensor | None], device: torch.device) -> tuple[Tensor | None, Tensor | None]:
    """Planes of bytes as one long row on the device, and where in it each begins: (R,) uint8 and (P,).

    A plane that is named several times is there once. None for planes that are None.
    """
    if planes[0] is None:
        return None, None
    starts, length = {}, 0
    for plane in planes:
        if id(plane) not in starts:
            starts[id(plane)] = length
            length += plane.numel()
    row = torch.empty(length, dtype=torch.uint8, device=device)
    for plane in planes:
        start = starts[id(plane)]
        row[start : start + plane.numel()] = plane.flatten()
    return row, torch.tensor([starts[id(plane)] for plane in planes])


def _take(row: Tensor, places: Tensor) -> Tensor:
    """The pixels of a long row at places of any shape, as float32; on a CPU ten times as fast as indexing with them."""
    return row.index_select(0, places.flatten()).view(places.shape).float()


def _turn(patches: Tensor, turns: Tensor) -> Tensor:
    """(N, 1, S, S) patches, each turned as the rows and columns that its pixels come from say: (N, 2, S, S)."""
    places = (turns[:, 0] * patches.shape[-1] + turns[:, 1]).flatten(1)
    return patches.flatten(1).gather(1, places).view_as(patches)


def dihedral_turns(patch: int) -> Tensor:
    """The eight turns and mirrorings of a square: (8, 2, patch, patch), the row and column each pixel comes from."""
    side = torch.arange(patch)
    grid = torch.stack(torch.meshgrid(side, side, indexing="ij"))
    turned = [torch.rot90(grid, quarter, dims=(1, 2)) for quarter in range(4)]
    return torch.stack(turned + [grid.flip(2) for grid in turned])
