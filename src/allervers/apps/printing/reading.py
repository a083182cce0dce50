"""Reads a page as it is printed: its title, its language, its headings, paragraphs, lists and tables, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from lxml import html
from lxml.html import HtmlElement

NOT_PRINTED = frozenset({"av-foot", "av-actions", "av-filters", "av-pages", "skip", "no-print"})
"""Classes that the style sheet hides on paper."""
_NOT_PRINTED_TAGS = frozenset({"form", "script", "style", "svg", "button"})
_APART = frozenset({
    "h1", "h2", "h3", "h4", "p", "li", "ul", "ol", "div", "section", "article", "nav", "header", "details", "summary",
})  # fmt: skip
_SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one weight."""

    text: str
    is_bold: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a line of a list, a table or a rule."""

    kind: str
    runs: tuple[Run, ...] = ()
    mark: str = ""
    """What stands before a line of a list."""
    depth: int = 0
    """How many lists it is in."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Cells of a table, its headings first."""

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Paper:
    """A page as it is printed."""

    title: str
    language: str
    notice: str
    """What every page of paper must say (data that were made up); empty when nothing must."""
    blocks: tuple[Block, ...]

    @property
    def length(self) -> int:
        """Characters."""
        return sum(len(block.text) + sum(len(cell) for row in block.rows for cell in row) for block in self.blocks)


def read_page(page: str) -> Paper:
    """The printed part of a page of this application."""
    document = cast(HtmlElement, html.document_fromstring(page))
    reader = _Reader()
    reader.read(document.get_element_by_id("contenu"), is_bold=False)
    reader.close()
    notice = document.find_class("av-demo")
    return Paper(
        title=_plain(str(document.findtext(".//title"))),
        language=document.get("lang", "fr"),
        notice=_plain(notice[0].text_content()) if notice else "",
        blocks=tuple(reader.blocks),
    )


def is_printed(element: HtmlElement) -> bool:
    """Whether paper shows this element."""
    if not isinstance(element.tag, str) or element.tag in _NOT_PRINTED_TAGS or element.get("hidden") is not None:
        return False
    return not NOT_PRINTED & set(element.get("class", "").split())


@dataclass
class _Reader:
    """Walks the elements; words gather until the next element that stands apart."""

    blocks: list[Block] = field(default_factory=list)
    _runs: list[Run] = field(default_factory=list)
    _kind: str = "p"
    _mark: str = ""
    _depth: int = 0

    def read(self, element: HtmlElement, *, is_bold: bool) -> None:
        tag = element.tag
        if tag == "table":
            self.close()
            if rows := _rows(element):
                self.blocks.append(Block("table", rows=rows))
        elif tag == "hr":
            self.close()
            self.blocks.append(Block("hr"))
        elif tag == "br":
            self._runs.append(Run("\n", is_bold))
        elif tag in _APART:
            self._read_apart(element, is_bold=is_bold)
        else:
            self._children(element, is_bold=is_bold or tag in ("strong", "b", "th"))

    def _read_apart(self, element: HtmlElement, *, is_bold: bool) -> None:
        self.close()
        before, tag = self._kind, element.tag
        self._kind = tag if tag in ("h1", "h2", "h3", "h4") else "li" if tag == "li" else before
        self._depth += tag in ("ul", "ol")
        if tag == "li":
            self._mark = _mark(element)
        self._children(element, is_bold=is_bold)
        self.close()
        self._depth -= tag in ("ul", "ol")
        self._kind, self._mark = before, ""

    def _children(self, element: HtmlElement, *, is_bold: bool) -> None:
        self._say(element.text, is_bold)
        for child in element:
            if is_printed(child):
                self.read(child, is_bold=is_bold)
            self._say(child.tail, is_bold)

    def _say(self, text: str | None, is_bold: bool) -> None:
        if text:
            self._runs.append(Run(_SPACES.sub(" ", text), is_bold))

    def close(self) -> None:
        """End the block under way, when it has words."""
        runs = _trimmed(self._runs)
        self._runs = []
        if runs:
            self.blocks.append(Block(self._kind, runs, self._mark, self._depth))
            self._mark = ""


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """The same words, without the spaces that a browser does not show: at the ends, doubled, around a new line."""
    kept: list[Run] = []
    last = "\n"
    for run in runs:
        text = run.text.lstrip(" ") if last in " \n" else run.text
        if not text:
            continue
        if text == "\n" and kept:
            kept[-1] = Run(kept[-1].text.rstrip(" "), kept[-1].is_bold)
        kept.append(Run(text, run.is_bold))
        last = text[-1]
    while kept and not (text := kept[-1].text.rstrip(" \n")):
        kept.pop()
    if kept:
        kept[-1] = Run(text, kept[-1].is_bold)
    return tuple(kept)


def _mark(line: HtmlElement) -> str:
    around = line.getparent()
    if around is None or "list-unstyled" in around.get("class", "").split():
        return ""
    if around.tag != "ol":
        return "•"
    return f"{1 + sum(1 for one in line.itersiblings('li', preceding=True))}."


def _rows(table: HtmlElement) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(_plain(cell.text_content()) for cell in row if cell.tag in ("th", "td"))
        for row in table.iter("tr")
        if len(row)
    )


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")
