"""The variants that a demo offers: those of a namespace of the Hub, each pinned to a commit, or the bundled ones.

Whatever the Hub does, there is an answer within seconds: what it does not give is taken from the cache, then from the
bundled folders, and `notice` says so.
"""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from huggingface_hub import constants

from srcnn.atomic_files import write_atomically
from srcnn.hub.download import COMMIT_PATTERN, WEIGHTS_FILE, download_variant, find_cached, list_variants
from srcnn.hub.errors import HubError
from srcnn.hub.names import check_namespace
from srcnn.inference.device import best_device
from srcnn.naming import LOSS_TITLES, LOSSES, PIXEL_LOSSES, RELEASED_NAME
from srcnn.networks.architectures import NETWORKS, load_network
from srcnn.networks.base import Network
from srcnn.networks.config import shorten_text
from srcnn.networks.srcnn import SRCNNConfig
from srcnn.variants.card_metadata import read_results
from srcnn.variants.loading import (
    BUNDLED_FOLDER,
    VariantError,
    bundled_names,
    check_variant_name,
    first_line,
    is_bundled,
    load_any_scale,
    read_card_metadata,
)

ARTICLE_NETWORK = SRCNNConfig().title  # the article's network
NAMESPACE_VARIABLE = "SRCNN_NAMESPACE"  # of the environment: where the demo looks for its variants
LIST_SECONDS, FETCH_SECONDS = 3.0, 15.0  # seconds for the list of the variants, then for all of them together


@dataclass(frozen=True)
class Variant:
    """A variant in use; without a repository it is the bundled one.

    folder: where its files lie, bundled or in the client's cache.
    results: what its card says of it, by scale and test set, as `read_results` gives it; empty where that is
        not known.
    """

    name: str
    model: Network = field(compare=False)  # the folder's
    folder: Path
    repository: str = ""
    commit: str = ""
    results: dict[int, dict[str, dict[str, float]]] = field(default_factory=dict, compare=False)

    @property
    def file(self) -> Path:
        return self.folder / WEIGHTS_FILE

    @property
    def size(self) -> int | None:
        """Bytes of its weights; None where somebody has emptied the cache since they were loaded."""
        with suppress(OSError):
            return self.file.stat().st_size
        return None

    def for_scale(self, scale: int) -> "Variant":
        """The variant used at one of its scales."""
        return replace(self, model=self.model.for_scale(scale))

    @property
    def origin(self) -> str:
        return f"{self.repository} at {self.commit[:7]}" if self.repository else "bundled"

    @property
    def address(self) -> str:
        """Its page on the Hub; empty for a bundled one."""
        return f"{constants.ENDPOINT}/{self.repository}/tree/{self.commit}" if self.repository else ""


@dataclass(frozen=True)
class Catalogue:
    """Members by name. `notice`: one sentence or two about what is not as it was asked for, or empty."""

    members: dict[str, Variant]
    notice: str = ""

    def networks(self) -> list[str]:
        """The titles of the networks that there are, the article's first: ["9-1-5", "9-5-5", "VDSR"]."""
        titles = {member.model.config.title: member.model.config for member in self.members.values()}
        order = list(NETWORKS)
        return sorted(titles, key=lambda title: (order.index(titles[title].architecture), title))

    def scales(self, network: str) -> list[int]:
        return sorted({scale for member in self.of(network) for scale in member.model.config.scales})

    def losses(self, network: str = ARTICLE_NETWORK, scale: int | None = None) -> dict[str, str]:
        """What a person can choose from: the losses of the variants of a network by their titles, and an average of
        those that aim at PSNR, where there are several. With `scale`, of those that are for it."""
        members = [member for member in self.of(network) if scale is None or scale in member.model.config.scales]
        there = {member.model.config.loss for member in members}
        found = {LOSS_TITLES[loss]: loss for loss in LOSSES if loss in there}
        pixel = {title: loss for title, loss in found.items() if loss in PIXEL_LOSSES}
        if len(pixel) > 1:
            found["Average of " + ", ".join(pixel)] = "+".join(pixel.values())
        return found

    def of(self, network: str) -> list[Variant]:
        return [member for member in self.members.values() if member.model.config.title == network]

    def find(self, scale: int, loss: str, network: str = ARTICLE_NETWORK) -> Variant | None:
        """The member for a scale, its model used at that."""
        for member in self.of(network):
            if member.model.config.loss == loss and scale in member.model.config.scales:
                return member.for_scale(scale)
        return None

    def choose_variants(self, scale: int, loss: str, network: str) -> list[Variant]:
        """The members of a choice of `networks`, `scales` and `losses`. Raises VariantError where one is missing."""
        found = {part: self.find(scale, part, network) for part in loss.split("+")}
        if missing := [part for part, member in found.items() if not member]:
            raise VariantError(
                "There is no variant of {network} for x{scale} with the loss {loss} here; "
                "choose another loss, network or scale.",
                network=shorten_text(network),
                scale=scale,
                loss=shorten_text(missing[0]),
            )
        return list(found.values())


def load_catalogue(namespace: str = "", current: Catalogue | None = None) -> Catalogue:
    """The bundled variants, or those that the namespace offers on the Hub now; `current` is what is in use already.

    Raises HubError for a namespace that cannot be one.
    """
    if not namespace:
        return Catalogue({name: load_bundled(name) for name in bundled_names()})
    check_namespace(namespace)
    end = time.monotonic() + LIST_SECONDS + FETCH_SECONDS
    try:
        offers = list_variants(namespace, LIST_SECONDS)
    except HubError as error:
        return _load_without_hub(namespace, current, str(error))
    released = {name: offer for offer in offers if RELEASED_NAME.fullmatch(name := offer.repository.split("/")[1])}
    earlier = read_record(namespace)

    def member(name: str) -> tuple[Variant | None, str]:
        try:
            offer = released[name]
            return _load_from_hub(offer.repository, offer.commit, end - time.monotonic(), offer.card), ""
        except (OSError, ValueError) as error:
            return _fallback_variant(namespace, name, current, earlier), first_line(error)

    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(released, pool.map(member, released), strict=True))
    members = {name: found for name, (found, _) in answers.items() if found}
    failed = {name: text for name, (_, text) in answers.items() if text}
    if not Catalogue(members).losses():
        nothing = f"{namespace} offers no variants on the Hub that this demo can use."
        return _load_without_hub(namespace, current, next(iter(failed.values()), nothing))
    _write_record(namespace, members)
    return _log_notice(Catalogue(members, failure_notice(failed, members)))


def _load_without_hub(namespace: str, current: Catalogue | None, text: str) -> Catalogue:
    """What is in use, else what was fetched the last time, else the bundled variants."""
    if current and current.members:
        return _log_notice(replace(current, notice=f"{text} The variants of before stay in use."))
    earlier = read_record(namespace)
    found = {name: _fallback_variant(namespace, name, None, earlier) for name in earlier}
    members = {name: member for name, member in found.items() if member}
    if any(member.repository for member in members.values()):
        return _log_notice(Catalogue(members, f"{text} The copies in the cache are used."))
    return _log_notice(
        Catalogue({name: load_bundled(name) for name in bundled_names()}, f"{text} The bundled variants are used.")
    )


def _load_from_hub(repository: str, commit: str, seconds: float, card: dict | None = None) -> Variant:
    """A variant of the Hub at a commit, and what its card says, where the listing brought that.

    Raises OSError or ValueError where it cannot be had or used.
    """
    name, folder = repository.split("/")[1], download_variant(repository, commit, max(seconds, 0.1)).folder
    model = check_variant_name(name, load_network(folder))
    return Variant(name, model.to(best_device()), folder, repository, commit, read_results(card))


def _fallback_variant(namespace: str, name: str, current: Catalogue | None, earlier: dict[str, str]) -> Variant | None:
    """In place of a variant that cannot be had: the one in use, the one of the last time, the bundled one, or none."""
    if current and name in current.members:
        return current.members[name]
    kept = find_cached(f"{namespace}/{name}", earlier[name]) if name in earlier else None
    if kept:
        try:
            return _load_from_hub(kept.repository, kept.commit, LIST_SECONDS)
        except (OSError, ValueError):
            pass
    return load_bundled(name) if is_bundled(name) else None


def load_bundled(name: str) -> Variant:
    results = {}
    with suppress(OSError, ValueError):  # whoever copies weights may leave out their cards
        results = read_results(read_card_metadata(name))
    return Variant(name, load_any_scale(name).to(best_device()), BUNDLED_FOLDER / name, results=results)


def failure_notice(failed: dict[str, str], members: dict[str, Variant]) -> str:
    """Why the first of the variants that could not be had was not, and what is there in place of each.

    {"srcnn-x3-mse": "me/srcnn-x3-mse could not be fetched: the connection broke off; try again."} ->
    "me/srcnn-x3-mse could not be fetched: the connection broke off; try again. Used instead: the bundled srcnn-x3-mse."
    """
    if not failed:
        return ""
    there = {name: members[name] for name in failed if name in members}
    parts = {
        "Used instead: an earlier copy of": [name for name, member in there.items() if member.repository],
        "Used instead: the bundled": [name for name, member in there.items() if not member.repository],
        "Left out:": [name for name in failed if name not in there],
    }
    sentences = [f"{text} {_name_or_count(names)}." for text, names in parts.items() if names]
    return " ".join([next(iter(failed.values())), *sentences])


def _name_or_count(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} variants"


def _log_notice(family: Catalogue) -> Catalogue:
    """Its notice goes to the log, too."""
    if family.notice:
        logging.getLogger("srcnn").warning(family.notice)
    return family


def record_file(namespace: str) -> Path:
    return Path(constants.HF_HOME) / "srcnn" / f"{namespace}.json"


def _write_record(namespace: str, members: dict[str, Variant]) -> None:
    """Keep which commits were in use, for a start without the Hub. A disk that is full only loses that."""
    commits = {name: member.commit for name, member in members.items() if member.repository}
    try:
        record_file(namespace).parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(record_file(namespace)) as temporary:
            temporary.write_text(json.dumps(commits, indent=2))
    except OSError as error:
        logging.getLogger("srcnn").warning(f"{record_file(namespace)} could not be written: {error.strerror}.")


def read_record(namespace: str) -> dict[str, str]:
    """Commits by name; empty where there is no record or a broken one."""
    try:
        commits = json.loads(record_file(namespace).read_text())
        return {
            name: commit
            for name, commit in commits.items()
            if RELEASED_NAME.fullmatch(name) and COMMIT_PATTERN.fullmatch(commit)
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
