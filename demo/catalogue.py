"""The variants that the demo runs now: the same for every visitor, and replaced as a whole."""

import functools
import logging
import threading

from srcnn.inference.device import best_device
from srcnn.networks.vgg19 import FeatureError, Features
from srcnn.variants.catalogue import Family, gather

_family = Family({})
_namespace = ""
_feature_source = ""
_refreshing = threading.Lock()


def start(namespace: str, feature_source: str = "") -> Family:
    """Take the variants of a namespace of the Hub, or the bundled ones. Raises HubError for no possible name.

    feature_source: a file or a Hub repository with VGG-19's weights, for perceptual distances; empty for none.
    """
    global _family, _namespace, _feature_source
    _feature_source = feature_source
    _family, _namespace = gather(namespace), namespace
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
        _family = gather(_namespace, _family)
    return _family


@functools.cache
def features() -> Features | None:
    """What measures perceptual distances; None where there is no source or it is of no use, which the log says."""
    if not _feature_source:
        return None
    try:
        return Features(_feature_source).to(best_device())
    except FeatureError as error:
        logging.getLogger("srcnn").warning(str(error))
        return None
