"""Writing to the Hugging Face Hub: repositories, collections, the variables of a Space.

Every function raises HubError: one sentence that says what is wrong and what to do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from srcnn.hub.download import has_checksum
from srcnn.hub.errors import call_hub
from srcnn.hub.names import check_namespace, check_repository

_UPLOAD_SECONDS = 600.0  # the files of a variant or a Space are sent by then, or they will not be
README_FILE = "README.md"


@dataclass(frozen=True)
class Upload:
    """What of a folder went to a repository, or would go; `kept`: of the Hub's own files that differ, those left."""

    repository: str
    files: list[str]
    kept: list[str]
    where: str = ""  # the commit, or the address of the pull request


def upload_files(
    repository: str,
    files: Mapping[str, Path | bytes],
    *,
    kind: str = "model",
    space_sdk: str = "gradio",
    message: str,
    replaceable: Callable[[str], bool],
    private: bool = False,
    pull_request: bool = False,
    dry_run: bool = False,
) -> Upload:
    """Bring a repository up to date in one commit with those of `files` (contents by path) that differ there.

    The repository is made if there is none; `space_sdk` is what a new Space runs by. Its README.md stays as it is if
    people wrote it: unless `replaceable` says that its text may go, or it is the one that the Hub made. With `dry_run`
    nothing is changed. Files that only the Hub has stay. Raises HubError; the repository then is as it was.
    """
    check_repository(repository)
    api = HfApi()

    def work() -> Upload:
        there = _describe_repository(api, repository, kind)
        hashes = _checksums_by_path(there)
        changed = [path for path, content in sorted(files.items()) if not has_checksum(content, hashes.get(path))]
        kept = []
        if (
            README_FILE in changed
            and README_FILE in hashes
            and not _may_replace_readme(api, repository, kind, there.sha, replaceable)
        ):
            changed.remove(README_FILE)
            kept.append(README_FILE)
        if dry_run or not changed:
            return Upload(repository, changed, kept)
        if there is None:
            sdk = space_sdk if kind == "space" else None
            api.create_repo(repository, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk)
        commit = api.create_commit(
            repository,
            [CommitOperationAdd(path, files[path]) for path in changed],
            commit_message=message,
            repo_type=kind,
            create_pr=pull_request,
            parent_commit=there.sha if there else None,
        )
        return Upload(repository, changed, kept, commit.pr_url or f"commit {commit.oid[:7]}")

    return call_hub(f"{repository} could not be brought up to date", _UPLOAD_SECONDS, work)


def _describe_repository(api: HfApi, repository: str, kind: str) -> Any:
    """The repository's commit and its files' checksums, or None where it is not there."""
    try:
        return api.repo_info(repository, repo_type=kind, files_metadata=True)
    except GatedRepoError:
        raise
    except RepositoryNotFoundError:
        return None


def _checksums_by_path(info: Any) -> dict[str, str]:
    """By path, of what `_describe_repository` gives: sha256 of a large file, git's sha1 of any other."""
    return {each.rfilename: each.lfs.sha256 if each.lfs else each.blob_id for each in info.siblings} if info else {}


def _may_replace_readme(
    api: HfApi, repository: str, kind: str, commit: str, replaceable: Callable[[str], bool]
) -> bool:
    """Whether the repository's README.md may be replaced."""
    readme = hf_hub_download(repository, README_FILE, repo_type=kind, revision=commit)
    if replaceable(Path(readme).read_text("utf-8", errors="replace")):
        return True
    return len(api.list_repo_commits(repository, repo_type=kind, revision=commit)) == 1  # the Hub's own first commit


def update_collection(namespace: str, title: str, description: str, repositories: Sequence[str]) -> str:
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

    return call_hub(f"The collection {title} of {namespace} could not be brought up to date", _UPLOAD_SECONDS, work)


def set_space_variable(space: str, name: str, value: str) -> None:
    """An environment variable of a Space, where it has another value. Raises HubError."""
    api = HfApi()

    def work() -> None:
        current = api.get_space_variables(space).get(name)
        if current is None or current.value != value:
            api.add_space_variable(space, name, value)

    call_hub(f"The variable {name} of {space} could not be set", _UPLOAD_SECONDS, work)
