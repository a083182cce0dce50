"""Search of rights in ordinary words: plurals, slips, words written as they sound, everyday expressions; ranked, with
the reason.

Nothing leaves the machine and nothing is kept of what is asked. When nothing fits, nothing is returned.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from allervers.foundation.errors import InvalidInput
from allervers.rights.catalogue import catalogue
from allervers.rights.registries import FRENCH, elsewhere, empty_words, life_events, publics, spoken_words, themes
from allervers.rights.sheets import sheets
from allervers.rights.sounds import sound

ACRONYM, LABEL, SPOKEN, EVENT, HEADING, TEXT = 12.0, 8.0, 10.0, 3.5, 2.0, 2.0
"""Weight of a word according to where it is found."""

LEAST_SCORE = 1.5
"""Under it, a right is not worth showing."""

LONG, LEAST_HEARD = 5, 3
"""Letters from which a known word may be another; sounds that are enough."""

_ELIDED = re.compile(r"(?:[cdjlmnst]|qu)([aeiouyh]\w{2,})")

LEAST_SHARE = 0.3
"""Share of the best score under which a right is left out."""


@dataclass(frozen=True, slots=True)
class Match:
    """A right that fits what was asked, and why, in French."""

    right: str
    label: str
    score: float
    reason: str


@dataclass(slots=True)
class _Index:
    postings: dict[str, dict[str, tuple[float, str]]] = field(default_factory=dict)
    """Word -> right -> (weight, where it was found)."""
    phrases: list[tuple[frozenset[str], str, Sequence[str]]] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    """Word of the postings and of the expressions -> how it is written."""
    vocabulary: list[str] = field(default_factory=list)
    heard: dict[str, list[str]] = field(default_factory=dict)
    """Sound -> the words that sound so."""
    short: int = 4
    """Letters under which a word is taken as it is written."""

    def put(self, right: str, text: str, weight: float, where: str) -> None:
        for word, written in words_of(text).items():
            self.shown.setdefault(word, written)
            held = self.postings.setdefault(word, {})
            if right not in held or held[right][0] < weight:
                held[right] = (weight, where)


def words_of(text: str, *, within_expression: bool = False, language: str = FRENCH) -> dict[str, str]:
    """Words that tell something, without case, accent, plural nor feminine -> as they are written, in order."""
    grammar, common = empty_words(language)
    empty: Collection[str] = grammar if within_expression else grammar | common
    found: dict[str, str] = {}
    for written in re.findall(r"\w+", text.lower().replace("œ", "oe")):
        word = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()
        if word and word not in empty:
            found.setdefault(_stem(word), written)
    return found


def search(asked: str, *, limit: int = 10, language: str = FRENCH) -> tuple[Match, ...]:
    """Rights that fit what was asked in ordinary words, best first. Empty when nothing fits.

    `language`: of the page that asks; its words are then known beside the French ones, where it has a file of them.
    """
    index = _index(language)
    said = words_of(asked[:400], within_expression=True, language=language)
    telling = words_of(asked[:400], language=language)
    near = {word: _near(word, index) if word in telling else {word: 1.0} for word in said}
    found = _Scores(set(telling))
    for word in telling:
        best: dict[str, tuple[float, str]] = {}
        for other, quality in near[word].items():
            for right, (weight, where) in index.postings.get(other, {}).items():
                score = weight * quality * _rarity(other, index)
                if score > best.get(right, (0.0, ""))[0]:
                    slip = "" if word == other else f", compris « {index.shown[other]} »"
                    best[right] = (score, f"« {said[word]} »{slip} : {where}")
        for right, (score, reason) in best.items():
            found.add(right, {word}, score, reason)
    for right, (score, by, reason) in _expressions(near, index).items():
        found.add(right, by, score, reason)
    return _ranked(found.weighed(), found.reasons, limit)


class _Scores:
    """Scores, reasons and words met, by right."""

    def __init__(self, telling: set[str]) -> None:
        self.telling = telling
        self.scores: dict[str, float] = {}
        self.reasons: dict[str, tuple[float, str]] = {}
        self.covered: dict[str, set[str]] = {}

    def add(self, right: str, by: set[str], score: float, reason: str) -> None:
        self.scores[right] = self.scores.get(right, 0.0) + score
        self.covered.setdefault(right, set()).update(by & self.telling)
        if score > self.reasons.get(right, (0.0, ""))[0]:
            self.reasons[right] = (score, reason)

    def weighed(self) -> dict[str, float]:
        """Scores, less where words of the question are not met."""
        return {
            right: score * (0.4 + 0.6 * len(self.covered[right]) / max(1, len(self.telling)))
            for right, score in self.scores.items()
        }


def _ranked(scores: Mapping[str, float], reasons: Mapping[str, tuple[float, str]], limit: int) -> tuple[Match, ...]:
    best = max(scores.values(), default=0.0)
    if best < LEAST_SCORE:
        return ()
    kept = [name for name, score in scores.items() if score >= max(LEAST_SCORE, best * LEAST_SHARE)]
    kept.sort(key=lambda name: (-scores[name], name))
    rights = catalogue()
    return tuple(Match(n, rights[n].label, round(scores[n], 2), reasons[n][1]) for n in kept[:limit])


def _expressions(near: Mapping[str, Mapping[str, float]], index: _Index) -> Mapping[str, tuple[float, set[str], str]]:
    """Right -> (score, words asked, reason) of the best expression of which every word is asked.

    An expression within a longer one that is asked too says nothing more: « retraite » in « maison de retraite ».
    """
    given: dict[str, dict[str, float]] = {}
    for word, known in near.items():
        for other, quality in known.items():
            given.setdefault(other, {})[word] = quality
    met = [phrase for phrase in index.phrases if phrase[0] <= given.keys()]
    found: dict[str, tuple[float, set[str], str]] = {}
    for needed, spoken, rights in met:
        if any(needed < other for other, _, _ in met):
            continue
        quality = min(max(given[word].values()) for word in needed)
        by = {asked for word in needed for asked in given[word]}
        for place, right in enumerate(rights):
            score = (SPOKEN + 2 * len(needed)) * quality * 0.85**place
            if right not in found or score > found[right][0]:
                found[right] = (score, by, f"« {spoken} »")
    return found


def _near(word: str, index: _Index) -> Mapping[str, float]:
    """Known words that the word may mean, and how sure: itself, what sounds alike, longer or shorter forms, one or two
    slips, the word after an elision without its apostrophe (« denfant »).
    """
    if word in index.shown:
        # Several words of the law sound like one of the street: « travaille » means « travail » too.
        alike = _alike(word, index) if len(word) >= LONG else ()
        return dict.fromkeys((other for other in alike if len(other) >= LONG), 0.8) | {word: 1.0}
    if len(word) < index.short or word in elsewhere():
        return {}
    found = dict.fromkeys(_alike(word, index), 0.9)
    elided = _ELIDED.match(word)
    if elided and elided[1] in index.shown:
        found[elided[1]] = 0.9
    for other in index.vocabulary:
        longer, shorter = (other, word) if len(other) > len(word) else (word, other)
        if len(shorter) >= 5 and len(longer) - len(shorter) <= 4 and longer.startswith(shorter):
            found[other] = max(found.get(other, 0.0), 0.85)
    slips = 1 if len(word) < 8 else 2
    for other, made, _ in process.extract(word, index.vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=5):
        if len(other) >= 4:
            found[other] = max(found.get(other, 0.0), 1.0 - 0.15 * made)
    return found


def _alike(word: str, index: _Index) -> Collection[str]:
    heard = sound(word)
    return index.heard.get(heard, ()) if len(heard) >= LEAST_HEARD else ()


def _rarity(word: str, index: _Index) -> float:
    """1 for a word of a single right, down to 0.2 for a word of all."""
    return max(0.2, 1 - math.log(len(index.postings[word])) / math.log(len(catalogue()) + 1))


def _stem(word: str) -> str:
    """Without plural nor feminine: handicapées, handicapé and handicap are one word."""
    if len(word) > 3 and word[-1] in "sx":
        word = word[:-1]
    while len(word) > 4 and word[-1] == "e":
        word = word[:-1]
    return word


@cache
def _index(language: str = FRENCH) -> _Index:
    index = _Index(short=4 if language == FRENCH else LONG)
    for name, facts in sheets().items():
        right = catalogue()[name]
        if facts.force == "ended":
            continue
        index.put(name, right.label, LABEL, "nom du droit")
        index.put(name, name.replace("_", " "), ACRONYM if "_" not in name else LABEL, "nom du droit")
        for event in facts.life_events:
            index.put(name, life_events()[event].label, EVENT, f"événement « {life_events()[event].label} »")
        for theme in facts.themes:
            index.put(name, themes()[theme].label, HEADING, f"thème « {themes()[theme].label} »")
        for public in facts.publics:
            index.put(name, publics()[public].label, HEADING, f"public « {publics()[public].label} »")
        index.put(name, f"{right.public} {facts.description}", TEXT, "description")
    _put_spoken(index, FRENCH)
    french = set(index.shown)
    if language != FRENCH:
        _put_spoken(index, language)
    # A slip, or a word written as it sounds, is one of the language of who asks: « love » is no « loyer ».
    index.vocabulary = sorted(french if language == FRENCH else set(index.shown) - french)
    for word in index.vocabulary if language == FRENCH else ():
        index.heard.setdefault(sound(word), []).append(word)
    return index


def _put_spoken(index: _Index, language: str) -> None:
    for entry in spoken_words(language):
        unknown = [right for right in entry.rights if right not in catalogue()]
        if unknown:
            raise InvalidInput(f"words.toml : droit inconnu « {unknown[0]} ».")
        for spoken in entry.spoken:
            needed = words_of(spoken, within_expression=True, language=language)
            if not needed:
                raise InvalidInput(f"words.toml : « {spoken} » n'a aucun mot qui compte.")
            index.phrases.append((frozenset(needed), spoken, entry.rights))
            index.shown = needed | index.shown
