"""What the configs of all networks have in common: what a variant's `config.json` may say, and what follows from it."""

import reprlib
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable

# What a stranger's files may ask for before they are refused; the largest released network has 1.5 million weights.
MAX_WEIGHTS = 10_000_000
MAX_SCALE = 16


class NetworkConfig(ABC):
    """Base of the configs, which are frozen dataclasses with at least these fields.

    architecture: which of `networks.NETWORKS` it describes.
    scale: the enlargement that the weights were trained for, or several, where one set of weights serves them all.
    loss: the loss that they were trained with.

    A config raises ValueError where its values do not describe a network.
    """

    architecture: str
    scale: int | tuple[int, ...] | None
    loss: str | None
    scale_rule = f"a whole number from 1 to {MAX_SCALE}"

    @property
    @abstractmethod
    def network(self) -> str:
        """The network as the names of its variants begin: "srcnn", "srcnn-955"."""

    @property
    @abstractmethod
    def title(self) -> str:
        """The network for people: "9-1-5"."""

    @property
    def size(self) -> str:
        """ "reduced" or "larger" than the paper's network; empty where that is not said."""
        return ""

    @property
    @abstractmethod
    def weights(self) -> int:
        """Those of the kernels, in which nearly all of a network's numbers are."""

    @abstractmethod
    def multiply_adds(self, scale: int) -> float:
        """Multiplications with a weight for each pixel of the enlarged picture."""

    @property
    def scales(self) -> tuple[int, ...]:
        """The enlargements that the weights were trained for; none where the config does not say."""
        if self.scale is None:
            return ()
        return self.scale if isinstance(self.scale, tuple) else (self.scale,)

    @property
    def name(self) -> str | None:
        """What a variant with this config is called: "srcnn-x3-mse"; "vdsr-mse" where it is for several scales."""
        if not self.scales or self.loss is None:
            return None
        scale = f"-x{self.scales[0]}" if len(self.scales) == 1 else ""
        return f"{self.network}{scale}-{self.loss}"

    def take_lists_as_tuples(self) -> None:
        """JSON has lists."""
        for name, value in vars(self).items():
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))

    def check_common(self) -> None:
        """The fields that every config has, and the size. Raises ValueError."""
        architecture = type(self).architecture
        self.check("architecture", f'"{architecture}"', lambda value: value == architecture)
        self.check("scale", self.scale_rule, self.is_scale)
        self.check("loss", "a name", lambda value: value is None or _is_short_name(value))
        if self.weights > MAX_WEIGHTS:
            raise ValueError(f"A network of {self.weights:,} weights is too large; {MAX_WEIGHTS:,} are the limit.")

    def is_scale(self, value: object) -> bool:
        return value is None or is_whole_number(1, MAX_SCALE)(value)

    def check(self, name: str, rule: str, fits: Callable[[object], bool]) -> None:
        if not fits(value := getattr(self, name)):
            raise ValueError(f"{name} must be {rule}, not {reprlib.repr(value)}.")


class DeepConfig(NetworkConfig):
    """Base of the configs of networks whose size is a depth and a number of channels.

    paper_size, paper_name: those of the paper's network, and how the names of its variants begin.
    """

    depth: int
    channels: int
    paper_size: tuple[int, int]
    paper_name: str

    @property
    def size(self) -> str:
        if (self.depth, self.channels) == self.paper_size:
            return ""
        depth, channels = self.paper_size
        return "reduced" if self.depth * self.channels**2 < depth * channels**2 else "larger"

    @property
    def network(self) -> str:
        """The paper's name; of another size vdsr-reduced-10x48."""
        return f"{self.architecture}-{self.size}-{self.depth}x{self.channels}" if self.size else self.paper_name

    @property
    def title(self) -> str:
        """VDSR-reduced-10x48."""
        return self.network.replace(self.architecture, self.architecture.upper())


def is_whole_number(least: int, most: int, odd: bool = False) -> Callable[[object], bool]:
    """JSON has true and 3.0, too, which Python counts as whole."""
    return lambda value: type(value) is int and least <= value <= most and (value % 2 == 1 or not odd)


def has_values(count: int, fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda values: isinstance(values, tuple) and len(values) == count and all(map(fits, values))


def _is_short_name(value: object) -> bool:
    return isinstance(value, str) and shorten_text(value) == value


def shorten_text(text: str) -> str:
    """What stands in a stranger's file, fit for one sentence: on one line, printable and not long."""
    return textwrap.shorten("".join(c if c.isprintable() else " " for c in text), 300, placeholder=" ...")
