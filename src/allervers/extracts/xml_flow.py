"""Partners' XML flows read as a stream, safe against hostile files, in memory that does not grow with the file.

No entity, DTD, network access, very deep tree or very long text is accepted: see `stream_blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from allervers.extracts.rows import RowProblem
from allervers.foundation.errors import InvalidInput

CHUNK_BYTES = 1 << 18
PROLOG_BYTES = 1 << 16
MAX_BLOCK_BYTES = 16 << 20
"""Most bytes between the ends of two blocks: a family's file is about 6 kB, so more is a flow gone wrong."""

_ENCODINGS = frozenset({"windows-1252", "cp1252", "iso-8859-1", "iso-8859-15", "latin-1", "us-ascii", "utf-8"})
_MISC = re.compile(rb"(?:\s+|<!--.*?-->|<\?(?!xml\s).*?\?>)*", re.DOTALL)
_DECLARATION = re.compile(rb"<\?xml\s(.*?)\?>", re.DOTALL)
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ROOT = re.compile(rb"<([A-Za-z_][A-Za-z0-9_.-]*)")


@dataclass(slots=True)
class Block:
    """An element whose children are read once by name. What is wrong is added to `errors`, shared by a whole tree."""

    element: Any
    errors: list[RowProblem]
    children: dict[str, list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.children = {}
        for child in self.element:
            self.children.setdefault(child.tag, []).append(child)

    def refuse(self, name: str, reason: str, message: str, element: Any = None) -> None:
        """Record an error on child `name`, at the line of `element` (by default, of this block)."""
        line = (self.element if element is None else element).sourceline or 0
        self.errors.append(RowProblem(line, name, reason, message))

    def _only(self, name: str, required: bool) -> Any:
        found = self.children.get(name, ())
        if len(found) == 1:
            return found[0]
        if found:
            self.refuse(name, "element_repete", f"{name} est présent plusieurs fois dans {self.element.tag}.", found[1])
        elif required:
            self.refuse(name, "element_absent", f"{name} est obligatoire dans {self.element.tag}.")
        return None

    def one(self, name: str, *, required: bool = True) -> Block | None:
        """The child block `name`; None when absent. Absent while required, or repeated: an error."""
        found = self._only(name, required)
        return None if found is None else Block(found, self.errors)

    def many(self, name: str, *, at_least: int = 0) -> list[Block]:
        """Every child block `name`, in order. Fewer than `at_least`: an error."""
        found = self.children.get(name, [])
        if len(found) < at_least:
            self.refuse(name, "element_absent", f"{name} est obligatoire dans {self.element.tag}.")
        return [Block(element, self.errors) for element in found]

    def text(self, name: str, *, required: bool = True, longest: int = 255, shape: str | None = None) -> str | None:
        """Text of child `name`, trimmed; None when absent or empty. Too long, not of `shape`, or nested: an error."""
        found = self._only(name, required)
        if found is None:
            return None
        text = (found.text or "").strip()
        if len(found):
            self.refuse(name, "element_inattendu", f"{name} ne doit contenir que du texte.", found)
        elif not text and required:
            self.refuse(name, "valeur_absente", f"{name} est obligatoire et vide.", found)
        elif len(text) > longest:
            self.refuse(name, "valeur_trop_longue", f"{name} dépasse {longest} caractères.", found)
        elif text and shape is not None and re.fullmatch(shape, text) is None:
            self.refuse(name, "valeur_mal_formee", f"{name} n'a pas la forme attendue (valeur masquée).", found)
        else:
            return text or None
        return None

    def _typed(self, name: str, required: bool, reason: str, expected: str, read: Callable[[str], Any]) -> Any:
        text = self.text(name, required=required, longest=32)
        if text is None:
            return None
        try:
            return read(text)
        except (ValueError, KeyError):
            message = f"{name} : {expected} (valeur masquée)."
            self.refuse(name, reason, message, self.children[name][0])
            return None

    def day(self, name: str, *, required: bool = True) -> date | None:
        """Date `YYYY-MM-DD` of child `name`."""
        found: date | None = self._typed(name, required, "date_invalide", "date AAAA-MM-JJ attendue", _day)
        return found

    def euros(self, name: str, *, required: bool = True) -> float | None:
        """Amount in euros of child `name`, at most two decimals, decimal point."""
        expected = "montant en euros attendu, deux décimales au plus"
        found: float | None = self._typed(name, required, "montant_invalide", expected, _euros)
        return found

    def flag(self, name: str, *, required: bool = True) -> bool | None:
        """Boolean of child `name`: `0`, `1`, `false` or `true`."""
        found: bool | None = self._typed(name, required, "booleen_invalide", "0 ou 1 attendu", _FLAGS.__getitem__)
        return found

    def whole(self, name: str, *, required: bool = True) -> int | None:
        """Whole number, not negative, of child `name`."""
        found: int | None = self._typed(name, required, "nombre_invalide", "nombre entier attendu", _whole)
        return found


_FLAGS = {"0": False, "1": True, "false": False, "true": True}


def _matched(shape: str, text: str) -> str:
    if re.fullmatch(shape, text, re.ASCII) is None:
        raise ValueError
    return text


def _day(text: str) -> date:
    return date.fromisoformat(_matched(r"\d{4}-\d{2}-\d{2}", text))


def _euros(text: str) -> float:
    return float(_matched(r"[+-]?\d{1,9}(\.\d{1,2})?", text))


def _whole(text: str) -> int:
    return int(_matched(r"\d{1,15}", text))


def stream_blocks(path: Path, *, root: str, blocks: frozenset[str]) -> Iterator[Any]:
    """Each child element of `root` named in `blocks`, once complete. It is emptied when the next one is asked for.

    Memory is bounded by the largest block, refused above MAX_BLOCK_BYTES. Comments and instructions are dropped.
    raises: InvalidInput for a DOCTYPE, another encoding, another root, or a file that is cut, empty or not XML.
    """
    with path.open("rb") as stream:
        _check_prolog(stream.read(PROLOG_BYTES), root)
        stream.seek(0)
        yield from _parsed(stream, root, blocks)


def _parsed(stream: BinaryIO, root_name: str, blocks: frozenset[str]) -> Iterator[Any]:
    parser = etree.XMLPullParser(
        events=("start", "end"), tag=(root_name, *sorted(blocks)), resolve_entities=False, load_dtd=False,
        no_network=True, dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root: Any = None
    element: Any
    since_last = 0
    try:
        while chunk := stream.read(CHUNK_BYTES):
            parser.feed(chunk)
            since_last += len(chunk)
            for event, element in parser.read_events():
                if event == "start":
                    root = element if root is None else root
                elif root is not None and element.getparent() is root:
                    since_last = 0
                    yield element
                    _forget(root, element)
            if since_last > MAX_BLOCK_BYTES:
                raise InvalidInput("Le flux contient un bloc démesuré : il est refusé.", line=_line_of(root))
        parser.close()
    except etree.XMLSyntaxError as error:
        raise InvalidInput(
            f"Le flux XML est mal formé ou incomplet, ligne {error.lineno} : rien n'est importé.", line=error.lineno
        ) from None


def _line_of(element: Any) -> int | None:
    return None if element is None else element.sourceline


def _forget(root: Any, element: Any) -> None:
    """Empty an element that was read and take every earlier one out of the tree."""
    element.clear()
    while root[0] is not element:
        del root[0]


def _check_prolog(head: bytes, root: str) -> None:
    """Refuse, before any parsing, what could hide a DTD, and what is not the expected flow."""
    if not head.strip():
        raise InvalidInput("Le fichier est vide.")
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in head[:4] or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidInput("Encodage refusé : le flux doit être en windows-1252, ISO-8859-1 ou UTF-8.")
    declaration = _DECLARATION.match(head)
    encoding = _ENCODING.search(declaration[1]) if declaration else None
    name = encoding[1].decode("ascii").lower() if encoding else "utf-8"
    if name not in _ENCODINGS:
        raise InvalidInput("Encodage refusé : le flux doit être en windows-1252, ISO-8859-1 ou UTF-8.")
    rest = head[declaration.end() if declaration else 0 :]
    misc = _MISC.match(rest)
    start = rest[misc.end() if misc else 0 :]
    if start.upper().startswith(b"<!DOCTYPE"):
        raise InvalidInput("Le flux contient un DOCTYPE (DTD, entités) : il est refusé.")
    found = _ROOT.match(start)
    if found is None or found[1].decode("ascii") != root:
        raise InvalidInput(f"Ce fichier n'est pas le flux attendu : l'élément racine doit être {root}.", expected=root)
