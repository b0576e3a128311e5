"""The Hugging Face Hub: the only file of the package that uses the network."""

from pathlib import Path

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HFValidationError


class HubError(OSError):
    """Something that could not be had from the Hub; the message is one sentence for the person who asked for it."""


def download(repository: str, file: str) -> Path:
    """One file of a model repository, from the cache where it lies there. Raises HubError."""
    try:
        return Path(hf_hub_download(repository, file))
    except (OSError, HFValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise HubError(f"{file} of {repository} could not be downloaded: {reason}") from error
