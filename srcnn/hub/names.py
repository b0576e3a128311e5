"""Names of repositories, namespaces and revisions, checked before anything is asked over the network."""

import re

from huggingface_hub import constants
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

from srcnn.hub.errors import HubError

_NAME_RULES = "letters, digits, '-', '_' and '.', with no '--' or '..' and neither '-' nor '.' at an end"


def check_repository(repository: str) -> str:
    """Return NAMESPACE/NAME if the Hub would take it, before anything is asked over the network.

    Raises HubError otherwise.
    """
    if repository.count("/") != 1 or not _is_repository_name(repository):
        raise HubError(f"{repository[:200]!r} is no name of a repository: write NAMESPACE/NAME, {_NAME_RULES}.")
    return repository


def space_address(space: str) -> str:
    """The page of the Space NAMESPACE/NAME on the Hub. Raises HubError for a name that the Hub would not take."""
    return f"{constants.ENDPOINT}/spaces/{check_repository(space)}"


def check_namespace(namespace: str) -> str:
    """Return the name of a user or an organisation if the Hub would take it. Raises HubError otherwise."""
    if "/" in namespace or not _is_repository_name(f"{namespace}/srcnn"):
        raise HubError(f"{namespace[:200]!r} is no name of a user or an organisation: write {_NAME_RULES}.")
    return namespace


def check_revision(revision: str) -> str:
    """Return the name of a branch, tag or commit that stays in the folder of the cache where it becomes a path.

    Raises HubError otherwise.
    """
    if not re.fullmatch(r"[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*", revision) or len(revision) > 200:
        raise HubError(f"{revision[:200]!r} is no name of a branch, a tag or a commit: write one that the Hub shows.")
    return revision


def _is_repository_name(repository: str) -> bool:
    try:
        validate_repo_id(repository)
    except HFValidationError:
        return False
    return True
