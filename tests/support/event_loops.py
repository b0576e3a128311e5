"""Coroutines in tests, whose thread may have an event loop already."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor


def run_apart(coroutine: Coroutine) -> object:
    """In a thread of its own: this one may have a loop already, that of Playwright."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, coroutine).result()
