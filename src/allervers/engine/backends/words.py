"""Texts as numbers: the block back-ends compute on numbers of words, and read text functions as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allervers.engine.backends.assembly import Slot
from allervers.engine.ops import InputKey
from allervers.engine.texts import TextFunction, text_values


class Words:
    """The texts of a run as numbers: those of the program first, then those of the data."""

    def __init__(self, words: Sequence[str], inputs: Sequence[Slot], columns: Mapping[InputKey, NDArray[Any]]) -> None:
        self.words = {word: number for number, word in enumerate(words)}
        self.codes = {slot.key: self.encoded(columns[slot.key]) for slot in inputs if slot.is_text and slot.key}

    def encoded(self, texts: NDArray[Any]) -> NDArray[np.int64]:
        """Numbers of texts."""
        listed = texts.tolist()
        for text in dict.fromkeys(listed):
            self.words.setdefault(text, len(self.words))
        return np.fromiter(map(self.words.__getitem__, listed), dtype=np.int64, count=len(listed))

    def decoded(self, codes: NDArray[np.int64]) -> NDArray[Any]:
        """Texts of numbers."""
        return np.array([*self.words, ""], dtype=object)[codes]

    def table(self, function: TextFunction) -> NDArray[Any]:
        """The values of a text function for every word."""
        return np.array(text_values(function, list(self.words)) or [0], dtype=function.dtype)
