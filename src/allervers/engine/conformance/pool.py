"""Work spread over processes, each of which prepares once what is slow to load. Results come as they are ready."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
State = TypeVar("State")

ITEMS_PER_TASK = 8

_STATE: dict[str, Any] = {}
"""What a process of the pool prepared. Never used in the process of the user."""


def spread(
    items: Sequence[Item], prepare: Callable[[], State], work: Callable[[State, Item], Outcome], jobs: int
) -> Iterator[tuple[int, Outcome]]:
    """(position of the item, its result), in the order in which they are ready.

    With one job everything runs here. Otherwise `prepare`, `work`, items and results travel between processes; an
    error of `work` stops everything.
    """
    if jobs <= 1 or len(items) <= 1:
        state = prepare()
        for position, item in enumerate(items):
            yield position, work(state, item)
        return
    # Spawned, not forked: the libraries that read files hold threads, which a fork would leave locked.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare, initargs=(prepare,)) as pool:
        tasks = [
            range(start, min(start + ITEMS_PER_TASK, len(items))) for start in range(0, len(items), ITEMS_PER_TASK)
        ]
        futures = {pool.submit(_work, work, [items[i] for i in task]): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield from zip(futures[future], future.result(), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _prepare(prepare: Callable[[], Any]) -> None:
    _STATE["prepared"] = prepare()


def _work(work: Callable[[Any, Any], Any], items: Sequence[Any]) -> list[Any]:
    return [work(_STATE["prepared"], item) for item in items]
