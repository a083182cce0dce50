"""Reads PDF documents and printed pages in tests, each by its own way, to compare what they say."""

from __future__ import annotations

import io
import re
from html import unescape

from pypdf import PdfReader
from pypdf.generic import Destination

HIDDEN = re.compile(
    r"<(form|script|style|button)\b.*?</\1>|<(\w+)(?=[^>]* class=\"[^\"]*(?:no-print|av-actions))[^>]*>.*?</\2>",
    re.DOTALL,
)
FOOT = re.compile(r"^Page (\d+) (?:sur|of) (\d+)$", re.MULTILINE)


def document_of(answer) -> PdfReader:
    """The document that an answer gives."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def letters(text: str) -> str:
    """A text without its spaces, nor the marks of lists: where lines break is not compared."""
    return re.sub(r"[\s•]", "", text)


def printed(html: str) -> str:
    """The words that paper shows of a page."""
    main = html.split('id="contenu"')[1].split(">", 1)[1].split("</main>", maxsplit=1)[0]
    return unescape(re.sub(r"<[^>]+>", " ", HIDDEN.sub("", main)))


def words_of(document: PdfReader, notice: str = "") -> str:
    """The words of a document, each sheet without its notice and its number, which are checked."""
    pages = []
    for number, page in enumerate(document.pages, 1):
        text = page.extract_text()
        found = FOOT.search(text)
        assert found is not None, text
        assert (int(found[1]), int(found[2])) == (number, len(document.pages))
        text = letters(FOOT.sub("", text))
        assert text.startswith(letters(notice)), text
        pages.append(text[len(letters(notice)) :])
    return "".join(pages)


def bookmarks(document: PdfReader) -> list[tuple[int, str]]:
    """(level, words) of each bookmark, in order."""
    found: list[tuple[int, str]] = []

    def walk(entries, level: int) -> None:
        for entry in entries:
            if isinstance(entry, Destination):
                found.append((level, str(entry.title)))
            else:
                walk(entry, level + 1)

    walk(document.outline, 1)
    return found


def headings(html: str) -> list[tuple[int, str]]:
    """(level, words) of each heading that paper shows."""
    main = HIDDEN.sub("", html.split('id="contenu"')[1].split("</main>", maxsplit=1)[0])
    return [
        (int(level), " ".join(unescape(re.sub(r"<[^>]+>", "", words)).split()))
        for level, words in re.findall(r"<h([1-4])\b[^>]*>(.*?)</h\1>", main, re.DOTALL)
    ]
