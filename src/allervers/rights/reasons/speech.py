"""The language in which reasons are told: French, unless a page gives the words of another one. Numbers stay written as
in France, as on the letters that people receive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allervers.engine.explain.french import number

_COUNTED = {"an": ("{n} an", "{n} ans"), "mois": ("{n} mois", "{n} mois"), "enfant": ("{n} enfant", "{n} enfants")}


def _as_it_is(text: str) -> str:
    return text


def _french_form(one: str, several: str, count: int) -> str:
    return several if abs(count) >= 2 else one


@dataclass(frozen=True, slots=True)
class Speech:
    """`say`: a text of ours in the language. `form`: of a text and its plural, the one for a number, in the language.
    `called`: what a person is called in it.
    """

    say: Callable[[str], str] = _as_it_is
    form: Callable[[str, str, int], str] = _french_form
    called: Callable[[str], str] = _as_it_is

    def counted(self, value: float, word: str) -> str:
        """`1 an`, `24 ans`, `7 mois`."""
        return self.form(*_COUNTED[word], int(value)).format(n=number(value))

    def duration(self, months: int) -> str:
        """Months in words: `24 ans et 11 mois`, `1 an`, `7 mois`."""
        years, rest = divmod(abs(months), 12)
        if not years:
            return self.counted(rest, "mois")
        said = self.counted(years, "an")
        if not rest:
            return said
        return self.say("{years} et {months}").format(years=said, months=self.counted(rest, "mois"))


FRENCH = Speech()
