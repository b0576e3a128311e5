"""The variants that the demo runs now: the same for every visitor, and replaced as a whole."""

import threading

from srcnn import family
from srcnn.family import Family

_family = Family({})
_namespace = ""
_refreshing = threading.Lock()


def start(namespace: str) -> Family:
    """Take the variants of a namespace of the Hub, or the bundled ones. Raises HubError for no possible name."""
    global _family, _namespace
    _family, _namespace = family.gather(namespace), namespace
    return _family


def variants() -> Family:
    return _family


def namespace() -> str:
    return _namespace


def refresh() -> Family:
    """Ask the Hub again. What runs meanwhile goes on with the variants that it began with.

    Raises nothing: where the Hub does not answer, the notice says so.
    """
    global _family
    with _refreshing:
        _family = family.gather(_namespace, _family)
    return _family
