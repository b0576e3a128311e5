"""The Hugging Face Hub: the only file of the package that uses the network.

Every function raises HubError, one sentence that says what is wrong and what to do. It never holds a token or an
address, which the client's own messages may.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitOperationAdd,
    HfApi,
    constants,
    get_cached_repo_tree,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

from srcnn.files import written_whole
from srcnn.hub_errors import HubError, check_name, check_namespace, explained, within

CONFIG, WEIGHTS = constants.CONFIG_NAME, constants.SAFETENSORS_SINGLE_FILE  # the Hub counts downloads of the first
PATIENCE = 3.0  # seconds to wait for one answer, where there is something else to go on with
LOADING = 60.0  # seconds in which a variant, less than a megabyte, is there or not
SENDING = 600.0  # seconds in which the files of a variant or a Space are sent or not
README = "README.md"
COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class Snapshot:
    """Files of a repository in the cache, all of one commit; `notice` says why it is not asked for a newer one."""

    repository: str
    commit: str
    folder: Path
    notice: str = ""


@dataclass(frozen=True)
class Offer:
    """A model repository as the Hub lists it; `card` is the metadata at the head of its README."""

    repository: str
    commit: str
    private: bool
    card: dict


@dataclass(frozen=True)
class Sent:
    """What of a folder went to a repository, or would go; `kept`: of the Hub's own files that differ, those left."""

    repository: str
    files: list[str]
    kept: list[str]
    where: str = ""  # the commit, or the address of the pull request


def pull(
    repository: str,
    revision: str = "main",
    seconds: float = LOADING,
    check: Callable[[Path], Any] = lambda folder: None,
    **client: Any,
) -> Snapshot:
    """The config and the weights of a variant at a branch, a tag or a commit, equal to their checksums.

    A commit that is in the cache is not asked for; of another revision in the cache one request asks for its commit.
    What the Hub does not give within `seconds`, or what `check` raises ValueError for, is replaced by the copy of the
    cache, with a notice. Raises HubError where there is none. `client`: cache_dir, token and local_files_only as of
    hf_hub_download.
    """
    check_name(repository)
    kept = cached(repository, revision, client.get("cache_dir"))
    try:
        with explained(f"{repository} could not be fetched"):
            found = within(seconds, lambda: fetch(repository, revision, kept, **client))
        if kept and kept.commit != found.commit:
            check(found.folder)
            remember(found, revision)
        return found
    except (HubError, ValueError) as error:
        if kept is None:
            raise
        return instead(kept, error, bool(client.get("local_files_only")))


def fetch(repository: str, revision: str, kept: Snapshot | None, **client: Any) -> Snapshot:
    """`pull` by the client alone. It takes a copy of the cache without a word where the Hub does not answer, and lets
    a branch of the cache point to a new commit before its files are there: so it is given commits only, if it can."""
    if kept and not COMMIT.fullmatch(revision) and not client.get("local_files_only"):
        url, counted = hf_hub_url(repository, CONFIG, revision=revision), {constants.X_HF_DOWNLOAD_COUNTER: "1"}
        there = get_hf_file_metadata(url, token=client.get("token"), timeout=PATIENCE, headers=counted)
        revision = there.commit_hash or revision
    if kept and kept.commit == revision:
        return kept
    folder = Path(hf_hub_download(repository, CONFIG, revision=revision, **client)).parent
    hf_hub_download(repository, WEIGHTS, revision=folder.name, **client)
    check_files(folder, (CONFIG, WEIGHTS), repository)
    return Snapshot(repository, folder.name, folder)


def cached(repository: str, revision: str, cache_dir: str | Path | None = None) -> Snapshot | None:
    """The copy in the cache, if it is whole: nothing is asked over the network."""
    found = try_to_load_from_cache(repository, CONFIG, cache_dir, revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    try:
        check_files(folder, (CONFIG, WEIGHTS), repository)
    except OSError:
        return None
    return Snapshot(repository, folder.name, folder)


def instead(kept: Snapshot, error: Exception, offline: bool = False) -> Snapshot:
    """The copy of the cache, with a notice of what went wrong; who wants to be offline is not told that they are."""
    if offline or constants.is_offline_mode():
        return kept
    text = f"{str(error).splitlines()[0]} The copy in the cache is used, of commit {kept.commit[:7]}."
    return replace(kept, notice=text)


def remember(found: Snapshot, revision: str) -> None:
    """Let a branch or tag of the cache point to a commit, now that it is whole. A full disk only loses that."""
    if not COMMIT.fullmatch(revision):
        reference = found.folder.parent.parent / "refs" / revision
        with suppress(OSError):
            reference.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(reference) as temporary:
                temporary.write_text(found.commit)


def pull_whole(repository: str, revision: str = "main", kind: str = "model", part: str = "") -> Snapshot:
    """Every file of a repository, or of its folder (or the one file) `part`, equal to their checksums.

    A commit in the cache is not asked for. Where the Hub does not give the files, the copy of the cache, with a notice;
    raises HubError where there is none.
    """
    check_name(repository)
    seconds = LOADING if kind == "model" else None  # a dataset takes its time
    try:
        with explained(f"{repository} could not be fetched"):
            found = within(seconds, lambda: fetch_whole(repository, revision, kind, part))
    except HubError as error:
        try:
            return instead(fetch_whole(repository, revision, kind, part, local=True), error)
        except Exception:
            raise error from None
    remember(found, revision)
    return found


def fetch_whole(repository: str, revision: str, kind: str, part: str, local: bool = False) -> Snapshot:
    """`pull_whole` by the client alone, of the Hub or, with `local`, of the cache."""
    if not local and not COMMIT.fullmatch(revision):
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
    check_files(folder, files, repository)
    return Snapshot(repository, folder.name, folder)


def dataset(repository: str, revision: str | None, part: str) -> Path:
    """A dataset repository's folder or file `part` ("": all of it), fetched into the cache.

    A copy of before is taken where the Hub does not give it, and the log says so. Raises HubError.
    """
    snapshot = pull_whole(repository, revision or "main", "dataset", part)
    if snapshot.notice:
        logging.getLogger("srcnn").warning(snapshot.notice)
    if not (snapshot.folder / part).exists():
        raise HubError(f"The dataset {repository} has no {part}; look at its files on the Hub.")
    return snapshot.folder / part


def download(repository: str, file: str) -> Path:
    """One file of a model repository, from the cache where it lies there. Raises HubError."""
    check_name(repository)
    found = try_to_load_from_cache(repository, file)
    if isinstance(found, str):
        return Path(found)
    with explained(f"{file} of {repository} could not be downloaded"):
        path = Path(hf_hub_download(repository, file))
        check_files(path.parent, [path], repository)
        return path


def offered(namespace: str, seconds: float = LOADING) -> list[Offer]:
    """The variants of SRCNN that a user or an organisation has on the Hub: one request, answered within `seconds`.

    Raises HubError.
    """
    check_namespace(namespace)

    def ask() -> list[Offer]:  # HfApi.list_models does the same, but tries again for longer than anybody waits
        query = {"author": namespace, "filter": "srcnn", "expand": ["sha", "private", "cardData"], "limit": 1000}
        address = f"{constants.ENDPOINT}/api/models"
        answer = get_session().get(address, params=query, headers=build_hf_headers(), timeout=seconds)
        hf_raise_for_status(answer)
        return [
            Offer(model["id"], model["sha"], bool(model["private"]), model.get("cardData") or {})
            for model in answer.json()
        ]

    with explained(f"The variants of {namespace} could not be listed"):
        return sorted(within(seconds, ask), key=lambda offer: offer.repository)


def send(
    repository: str,
    files: Mapping[str, Path | bytes],
    *,
    kind: str = "model",
    message: str,
    replaceable: Callable[[str], bool],
    private: bool = False,
    pull_request: bool = False,
    dry_run: bool = False,
) -> Sent:
    """Bring a repository up to date in one commit with those of `files` (contents by path) that differ there.

    The repository is made if there is none. Its README.md stays as it is if people wrote it: unless `replaceable` says
    that its text may go, or it is the one that the Hub made. With `dry_run` nothing is changed. Files that only the
    Hub has stay. Raises HubError; the repository then is as it was.
    """
    check_name(repository)
    api = HfApi()

    def work() -> Sent:
        there = describe(api, repository, kind)
        hashes = checksums(there)
        changed = [path for path, content in sorted(files.items()) if not matches(content, hashes.get(path))]
        kept = []
        if README in changed and README in hashes and not may_go(api, repository, kind, there.sha, replaceable):
            changed.remove(README)
            kept.append(README)
        if dry_run or not changed:
            return Sent(repository, changed, kept)
        if there is None:
            sdk = "gradio" if kind == "space" else None
            api.create_repo(repository, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk)
        commit = api.create_commit(
            repository,
            [CommitOperationAdd(path, files[path]) for path in changed],
            commit_message=message,
            repo_type=kind,
            create_pr=pull_request,
            parent_commit=there.sha if there else None,
        )
        return Sent(repository, changed, kept, commit.pr_url or f"commit {commit.oid[:7]}")

    with explained(f"{repository} could not be brought up to date"):
        return within(SENDING, work)


def describe(api: HfApi, repository: str, kind: str) -> Any:
    """The repository's commit and its files' checksums, or None where it is not there."""
    try:
        return api.repo_info(repository, repo_type=kind, files_metadata=True)
    except GatedRepoError:
        raise
    except RepositoryNotFoundError:
        return None


def checksums(info: Any) -> dict[str, str]:
    """By path, of what `describe` gives: sha256 of a large file, git's sha1 of any other."""
    return {each.rfilename: each.lfs.sha256 if each.lfs else each.blob_id for each in info.siblings} if info else {}


def may_go(api: HfApi, repository: str, kind: str, commit: str, replaceable: Callable[[str], bool]) -> bool:
    """Whether the repository's README.md may be replaced."""
    readme = hf_hub_download(repository, README, repo_type=kind, revision=commit)
    if replaceable(Path(readme).read_text("utf-8", errors="replace")):
        return True
    return len(api.list_repo_commits(repository, repo_type=kind, revision=commit)) == 1  # the Hub's own first commit


def matches(content: Path | bytes, checksum: str | None) -> bool:
    """Whether the Hub has these bytes under this checksum: sha256 of a large file, git's sha1 of any other."""
    data = content if isinstance(content, bytes) else content.read_bytes()
    if checksum is None:
        return False
    if len(checksum) == 64:
        return hashlib.sha256(data).hexdigest() == checksum
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == checksum


def check_files(folder: Path, names: Iterable[str | Path], repository: str) -> None:
    """The cache keeps a file under its checksum. Those that do not match it are thrown away.

    Raises HubError then, FileNotFoundError where a file is not there.
    """
    damaged = []
    for file in [folder / name for name in names]:
        kept = file.resolve(strict=True)
        if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", kept.name) and not matches(kept, kept.name):
            file.unlink()
            kept.unlink(missing_ok=True)
            damaged.append(file.name)
    if damaged:
        raise HubError(f"{', '.join(damaged)} of {repository} came damaged and was thrown away; try again.")


def collect(namespace: str, title: str, description: str, repositories: Sequence[str]) -> str:
    """Add model repositories to the namespace's collection of this title, which is made if there is none.

    Returns its address. What is there already is not sent again. Raises HubError.
    """
    check_namespace(namespace)
    api = HfApi()

    def work() -> str:
        found = [each for each in api.list_collections(owner=namespace) if each.title == title]
        made = found[0] if found else api.create_collection(title, namespace=namespace, description=description)
        collection = api.get_collection(made.slug)  # a list of collections shows some of their items only
        there = {item.item_id for item in collection.items}
        for repository in repositories:
            if repository not in there:
                api.add_collection_item(made.slug, repository, "model", exists_ok=True)
        return collection.url

    with explained(f"The collection {title} of {namespace} could not be brought up to date"):
        return within(SENDING, work)


def set_variable(space: str, name: str, value: str) -> None:
    """An environment variable of a Space, where it has another value. Raises HubError."""
    api = HfApi()

    def work() -> None:
        current = api.get_space_variables(space).get(name)
        if current is None or current.value != value:
            api.add_space_variable(space, name, value)

    with explained(f"The variable {name} of {space} could not be set"):
        within(SENDING, work)
