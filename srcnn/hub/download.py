"""Reading from the Hugging Face Hub. Only this file and upload.py use the network.

Every function raises HubError, one sentence that says what is wrong and what to do. It never holds a token or an
address, which the client's own messages may.
"""

import hashlib
import io
import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from huggingface_hub import (
    HfApi,
    constants,
    get_cached_repo_tree,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

from srcnn.atomic_files import write_atomically
from srcnn.hub.errors import HubError, call_hub
from srcnn.hub.names import check_namespace, check_repository, check_revision

CONFIG_FILE = constants.CONFIG_NAME  # the Hub counts its downloads as those of the variant
WEIGHTS_FILE = constants.SAFETENSORS_SINGLE_FILE
_ANSWER_SECONDS = 3.0  # to wait for one answer, where there is a copy to go on with
_VARIANT_SECONDS = 60.0  # a variant, less than a megabyte, is there by then, or it will not come
COMMIT_PATTERN = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository in the cache, all of one commit.

    notice: why it is a copy of before and not what the Hub has now; empty where the Hub gave it or was not asked.
    earlier: the copy of another commit that the cache had of the same branch or tag until now; None where it had none.
    """

    repository: str
    commit: str
    folder: Path
    notice: str = ""
    earlier: "Snapshot | None" = None


@dataclass(frozen=True)
class Offer:
    """A model repository as the Hub lists it; `card` is the metadata at the head of its README."""

    repository: str
    commit: str
    private: bool
    card: dict
    files: tuple[str, ...] = ()


def download_variant(
    repository: str, revision: str = "main", seconds: float = _VARIANT_SECONDS, **client: Any
) -> Snapshot:
    """Fetch the config and the weights of a variant at a branch, a tag or a commit, equal to their checksums.

    A commit that is in the cache is not asked for; of a branch or a tag in the cache one request asks for its commit.
    Where the Hub does not give the files within `seconds`, the copy in the cache is returned, with a notice. Where it
    gives another commit than the cache had, that copy is returned as `earlier`, and the cache's branch points to it
    until `accept_commit` is called. Raises HubError where there is no copy. client: cache_dir, token and
    local_files_only as of hf_hub_download.
    """
    check_repository(repository), check_revision(revision)
    kept = find_cached(repository, revision, client.get("cache_dir"))
    try:
        found = call_hub(
            f"{repository} could not be fetched", seconds, lambda: _fetch_variant(repository, revision, kept, **client)
        )
    except HubError as error:
        if kept is None:
            raise
        return _use_cached(kept, error, bool(client.get("local_files_only")))
    return replace(found, earlier=kept) if kept and kept.commit != found.commit else found


def _fetch_variant(repository: str, revision: str, kept: Snapshot | None, **client: Any) -> Snapshot:
    """`download_variant` by the client alone.

    The client takes a copy of the cache without a word where the Hub does not answer, and lets a branch of the cache
    point to a new commit before its files are there. So it is given commits only, where one is known.
    """
    if kept and not COMMIT_PATTERN.fullmatch(revision) and not client.get("local_files_only"):
        url, counted = hf_hub_url(repository, CONFIG_FILE, revision=revision), {constants.X_HF_DOWNLOAD_COUNTER: "1"}
        there = get_hf_file_metadata(url, token=client.get("token"), timeout=_ANSWER_SECONDS, headers=counted)
        revision = there.commit_hash or revision
    folder = Path(hf_hub_download(repository, CONFIG_FILE, revision=revision, **client)).parent
    hf_hub_download(repository, WEIGHTS_FILE, revision=folder.name, **client)
    _check_cached_files(folder, (CONFIG_FILE, WEIGHTS_FILE), repository)
    return Snapshot(repository, folder.name, folder)


def find_cached(repository: str, revision: str, cache_dir: str | Path | None = None) -> Snapshot | None:
    """The copy in the cache, if it is whole: nothing is asked over the network."""
    found = try_to_load_from_cache(repository, CONFIG_FILE, cache_dir, revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    try:
        _check_cached_files(folder, (CONFIG_FILE, WEIGHTS_FILE), repository)
    except OSError:
        return None
    return Snapshot(repository, folder.name, folder)


def _use_cached(kept: Snapshot, error: Exception, offline: bool = False) -> Snapshot:
    """The copy in the cache, with a notice of what went wrong; who wants to be offline is not told that they are."""
    return kept if offline or constants.is_offline_mode() else explain_cached_copy(kept, error)


def explain_cached_copy(kept: Snapshot, error: Exception) -> Snapshot:
    """A copy in the cache with a notice that says why it is used: the first line of the error."""
    text = f"{str(error).splitlines()[0]} The copy in the cache is used, of commit {kept.commit[:7]}."
    return replace(kept, notice=text)


def accept_commit(found: Snapshot, revision: str) -> None:
    """Let a branch or a tag of the cache point to a commit, whose files are whole. A full disk only loses that."""
    if not COMMIT_PATTERN.fullmatch(revision):
        reference = found.folder.parent.parent / "refs" / revision
        with suppress(OSError):
            reference.parent.mkdir(parents=True, exist_ok=True)
            with write_atomically(reference) as temporary:
                temporary.write_text(found.commit)


def download_repository(repository: str, revision: str = "main", kind: str = "model", part: str = "") -> Snapshot:
    """Every file of a repository, or of its folder (or the one file) `part`, equal to their checksums.

    A commit in the cache is not asked for. Where the Hub does not give the files, the copy of the cache, with a notice;
    raises HubError where there is none.
    """
    check_repository(repository), check_revision(revision)
    seconds = _VARIANT_SECONDS if kind == "model" else None  # a dataset takes its time
    try:
        found = call_hub(
            f"{repository} could not be fetched", seconds, lambda: _fetch_repository(repository, revision, kind, part)
        )
    except HubError as error:
        try:
            return _use_cached(_fetch_repository(repository, revision, kind, part, local=True), error)
        except Exception:
            raise error from None
    accept_commit(found, revision)
    return found


def _fetch_repository(repository: str, revision: str, kind: str, part: str, local: bool = False) -> Snapshot:
    """`download_repository` by the client alone, of the Hub or, with `local`, of the cache."""
    if not local and not COMMIT_PATTERN.fullmatch(revision):
        revision = HfApi().repo_info(repository, repo_type=kind, revision=revision, timeout=10).sha
    folder = Path(
        snapshot_download(
            repository,
            repo_type=kind,
            revision=revision,
            allow_patterns=[part, f"{part}/**"] if part else None,
            ignore_patterns=[".gitattributes"],
            local_files_only=local,
        )
    )
    get_cached_repo_tree(repository, repo_type=kind, revision=folder.name)  # or nobody knows whether this is all of it
    files = [file for file in [folder / part, *(folder / part).rglob("*")] if file.is_file()]
    _check_cached_files(folder, files, repository)
    return Snapshot(repository, folder.name, folder)


def download_dataset(repository: str, revision: str | None, part: str) -> Path:
    """A dataset repository's folder or file `part` ("": all of it), fetched into the cache.

    A copy of before is taken where the Hub does not give it, and the log says so. Raises HubError.
    """
    snapshot = download_repository(repository, revision or "main", "dataset", part)
    if snapshot.notice:
        logging.getLogger("srcnn").warning(snapshot.notice)
    if not (snapshot.folder / part).exists():
        raise HubError(f"The dataset {repository} has no {part}; look at its files on the Hub.")
    return snapshot.folder / part


def download_file(repository: str, file: str) -> Path:
    """One file of a model repository, from the cache where it lies there. Raises HubError."""
    check_repository(repository)
    found = try_to_load_from_cache(repository, file)
    if isinstance(found, str):
        return Path(found)

    def fetch() -> Path:
        path = Path(hf_hub_download(repository, file))
        _check_cached_files(path.parent, [path], repository)
        return path

    return call_hub(f"{file} of {repository} could not be downloaded", None, fetch)


def list_variants(namespace: str, seconds: float = _VARIANT_SECONDS) -> list[Offer]:
    """The variants of SRCNN that a user or an organisation has on the Hub: one request, answered within `seconds`.

    Raises HubError.
    """
    check_namespace(namespace)

    def ask() -> list[Offer]:  # HfApi.list_models does the same, but tries again for longer than anybody waits
        query = {
            "author": namespace,
            "filter": "srcnn",
            "expand": ["sha", "private", "cardData", "siblings"],
            "limit": 1000,
        }
        address = f"{constants.ENDPOINT}/api/models"
        answer = get_session().get(address, params=query, headers=build_hf_headers(), timeout=seconds)
        hf_raise_for_status(answer)
        return [
            Offer(
                model["id"],
                model["sha"],
                bool(model["private"]),
                model.get("cardData") or {},
                tuple(each["rfilename"] for each in model.get("siblings") or []),
            )
            for model in answer.json()
        ]

    offers = call_hub(f"The variants of {namespace} could not be listed", seconds, ask)
    return sorted(offers, key=lambda offer: offer.repository)


def has_checksum(content: Path | bytes, checksum: str | None) -> bool:
    """Whether the Hub has these bytes under this checksum: sha256 of a large file, git's sha1 of any other."""
    if checksum is None:
        return False
    in_memory = isinstance(content, bytes)
    size = len(content) if in_memory else content.stat().st_size
    digest = hashlib.sha256() if len(checksum) == 64 else hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with io.BytesIO(content) if in_memory else content.open("rb") as stream:  # a dataset's file may be gigabytes
        return hashlib.file_digest(stream, lambda: digest).hexdigest() == checksum


def _check_cached_files(folder: Path, names: Iterable[str | Path], repository: str) -> None:
    """The cache keeps a file under its checksum. Those that do not match it are thrown away.

    Raises HubError then, FileNotFoundError where a file is not there.
    """
    damaged = []
    for file in [folder / name for name in names]:
        kept = file.resolve(strict=True)
        if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", kept.name) and not has_checksum(kept, kept.name):
            file.unlink()
            kept.unlink(missing_ok=True)
            damaged.append(file.name)
    if damaged:
        raise HubError(f"{' and '.join(damaged)} of {repository} came damaged; try again.")
