"""A Hugging Face Hub of our own on this machine, over HTTP, for the real client."""

from tests.local_hub.server import USER, WRITE_TOKEN, LocalHub

__all__ = ["USER", "WRITE_TOKEN", "LocalHub"]
