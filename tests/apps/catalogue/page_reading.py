"""A reader of pages for these tests: their visible words and the addresses that they link to."""

from __future__ import annotations

from html.parser import HTMLParser

PAGES = (
    "", "recherche/", "recherche/?q=loyer", "recherche/?q=xyzzyx", "comment-lire/", "liens/", "changements/",
    "changements/?depuis=2015-01-01", "demarches/", "demarches/?niveau=2&voie=post", "theme/sante/", "public/parents/",
    "evenement/separation/", "institution/caf/", "institution/commission_mediation/",
)  # fmt: skip
"""A page of each kind, under /droits/."""


class Reader(HTMLParser):
    """What a page shows, to eyes or to a screen reader, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._hidden += tag in {"script", "style", "code"}
        if tag in {"a", "link", "form"}:
            self.links.append(named.get("href") or named.get("action") or "")
        self.ids += [named["id"]] if named.get("id") else []
        self.words += [named[name] or "" for name in ("aria-label", "title", "placeholder", "alt") if name in named]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "code"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        """Every word shown, spaces made one."""
        return " ".join(" ".join(self.words).split())


def read(html: bytes) -> Reader:
    """The page of a response."""
    return Reader(html.decode())


def plain(text: str) -> str:
    """A text of the catalogue as `Reader.text` gives it."""
    return " ".join(text.split())
