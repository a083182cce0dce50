"""Functions of one text: evaluated once for each distinct text of the data, then read as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TextFunction:
    """A function of one text, evaluated once for each distinct text of the data. `dtype`: type of its result.

    `name`: startswith, isin, or table (`words`, the `values` that stand for them, `default` for another text).
    """

    name: str
    dtype: str
    words: tuple[str, ...]
    values: tuple[Any, ...] = ()
    default: Any = None


def table_of(words: Sequence[str], values: NDArray[Any]) -> TextFunction:
    """The table of these words. `values`: one a word, then the value of any other text."""
    *known, other = values.tolist()
    kept = [(word, value) for word, value in zip(words, known, strict=True) if value != other]
    return TextFunction("table", values.dtype.str, tuple(w for w, _ in kept), tuple(v for _, v in kept), other)


def text_values(function: TextFunction, texts: Sequence[Any]) -> list[Any]:
    """The values of a text function for these texts."""
    words = [text.decode() if isinstance(text, bytes) else str(text) for text in texts]
    if function.name == "isin":
        return [word in function.words for word in words]
    if function.name == "startswith":
        return [word.startswith(function.words) for word in words]
    if len(words) == 1:
        return [function.values[function.words.index(words[0])] if words[0] in function.words else function.default]
    known = dict(zip(function.words, function.values, strict=True))
    return [known.get(word, function.default) for word in words]
