"""The variants that the demo runs now: the same for every visitor, and replaced as a whole."""

import functools
import logging
import threading

from srcnn.inference.device import best_device
from srcnn.networks.vgg19 import FeatureError, Features
from srcnn.variants.catalogue import Catalogue, load_catalogue

_family = Catalogue({})
_namespace = ""
_feature_source = ""
_refreshing = threading.Lock()
_version = 1


def start_catalogue(namespace: str, feature_source: str = "") -> Catalogue:
    """Take the variants of a namespace of the Hub, or the bundled ones. Raises HubError for no possible name.

    feature_source: a file or a Hub repository with VGG-19's weights, for perceptual distances; empty for none.
    """
    global _family, _namespace, _feature_source
    _feature_source = feature_source
    _family, _namespace = load_catalogue(namespace), namespace
    return _family


def current_catalogue() -> Catalogue:
    return _family


def catalogue_version() -> int:
    """A number that grows whenever other variants are in use: what is shown of those before is out of date."""
    return _version


def current_namespace() -> str:
    return _namespace


def refresh_catalogue() -> Catalogue:
    """Ask the Hub again. What runs meanwhile goes on with the variants that it began with.

    Raises nothing: where the Hub does not answer, the notice says so.
    """
    global _family, _version
    with _refreshing:
        before, _family = _family, load_catalogue(_namespace, _family)
        _version += before.members != _family.members
    return _family


@functools.cache
def perceptual_features() -> Features | None:
    """What measures perceptual distances; None where there is no source or it is of no use, which the log says."""
    if not _feature_source:
        return None
    try:
        return Features(_feature_source).to(best_device())
    except FeatureError as error:
        logging.getLogger("srcnn").warning(str(error))
        return None
