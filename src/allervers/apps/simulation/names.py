"""What persons who gave no name are called: kept in French, shown in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allervers.rights.interview.answers import Answers
from allervers.rights.interview.household import Person, named
from allervers.rights.reasons.speech import FRENCH, Speech

YOU, PARTNER = "Vous", "Votre conjoint(e)"
CHILD, SOMEBODY = "Enfant %(n)s", "Personne %(n)s"
_NUMBERED = {CHILD.partition(" ")[0]: CHILD, SOMEBODY.partition(" ")[0]: SOMEBODY}


def called(name: str) -> str:
    """What a person is called in the language of the page."""
    if name in (YOU, PARTNER):
        return _(name)
    kind, _sep, number = name.partition(" ")
    return _(_NUMBERED[kind]) % {"n": number} if is_default(name) else name


def is_default(name: str) -> bool:
    """Whether nobody gave that name."""
    kind, _sep, number = name.partition(" ")
    return name in (YOU, PARTNER) or (kind in _NUMBERED and number.isdigit())


def kept(name: str) -> str:
    """A name typed in a form, as it is kept: what `called` shows is known again, in any language."""
    for default in (YOU, PARTNER):
        if name == _(default):
            return default
    for model in _NUMBERED.values():
        found = re.fullmatch(re.escape(_(model) % {"n": "0"}).replace("0", r"(\d+)"), name)
        if found:
            return model % {"n": found[1]}
    return name


def names_of(answers: Answers) -> dict[str, str]:
    """Person -> a name that no other has, in the language of the page."""
    return {row: called(name) for row, name in named(answers.household.persons).items()}


def in_words(persons: Iterable[Person], answers: Answers) -> str:
    """Several persons, by their names."""
    names = names_of(answers)
    return ", ".join(names[person.id] for person in persons)


def speech() -> Speech:
    """The language of the page, for the sentences of the law."""
    return FRENCH if get_language() in (None, settings.LANGUAGE_CODE) else Speech(_, ngettext, called)
