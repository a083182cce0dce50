"""Reads that decide of access: kept within a page that says so, and never from one page to the next."""

from __future__ import annotations

from allervers.apps.accounts.reading_once import once, reads_once


def test_a_read_is_kept_within_a_page_and_never_after():
    seen: list[int] = []

    def read() -> int:
        seen.append(1)
        return len(seen)

    assert [once("a", read), once("a", read)] == [1, 2]
    with reads_once():
        assert [once("a", read), once("a", read), once("b", read)] == [3, 3, 4]
    with reads_once():
        assert once("a", read) == 5
    assert once("a", read) == 6
