"""An iterator read ahead: the next item is made by a thread of its own while the one before is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, one more of them in memory. What making one raises comes in its turn.

    It gains where making an item leaves the interpreter free: parsing, hashing, compression, waiting for a disk.
    """
    source, ended = iter(items), object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as beside:
        waiting = beside.submit(next, source, ended)
        while (item := waiting.result()) is not ended:
            waiting = beside.submit(next, source, ended)
            yield item  # type: ignore[misc] # what is not the mark is an item
