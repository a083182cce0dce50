"""A card a right: the result in words, why, the papers of this situation, how to ask, what waits and what it opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from allervers.apps.catalogue.domain import cost_of_delay
from allervers.apps.simulation.names import speech
from allervers.apps.simulation.queries import name_of
from allervers.engine.program import Asked
from allervers.foundation.money import euros
from allervers.foundation.periods import Month
from allervers.rights import registries
from allervers.rights.catalogue import Right, catalogue
from allervers.rights.documents import DocumentList, documents_for, situations_of
from allervers.rights.facts import Channel, Sheet
from allervers.rights.graph import Edge, opened_by
from allervers.rights.interview.answers import FAMILY, Answers, is_of_another
from allervers.rights.interview.conversation import Conversation
from allervers.rights.interview.explaining import Why, why
from allervers.rights.interview.facts import situations_said
from allervers.rights.interview.results import Result, Total, Verdict, results_of, total_by_month
from allervers.rights.interview.wording import SOURCES, subjects
from allervers.rights.sheets import sheet

MOST_OPENED = 6
MINIMA = frozenset({"aspa", "asi", "aah", "asf"})
"""Rights that a household says that it receives, in one question (subject `minima`)."""
PAID_FOR = "css_avec_participation"
"""The right that the person pays for (CSS D. 861-2, to be confirmed; amounts of the sheet of the catalogue)."""
MOST_BY_MONTH = 3_000.0
"""Euros a month above which the top of a range tells nothing of one right: answers are still missing."""


@dataclass(frozen=True, slots=True)
class Short:
    """A result in a list."""

    result: Result
    label: str
    who: str
    amount: str
    asked: str
    """How it comes: on request, or by itself."""
    later: bool = False
    """Refused this month, it may open in the next one."""

    @property
    def is_uncomputed(self) -> bool:
        """To check for a fact that nothing computes: the reasons of the computation would speak beside it."""
        return bool(self.result.question) and self.result.low is None and self.result.high is None


@dataclass(frozen=True, slots=True)
class Summary:
    """Every result, by verdict, and what the monthly ones add up to."""

    yes: tuple[Short, ...]
    check: tuple[Short, ...]
    no: tuple[Short, ...]
    total: str
    is_partial: bool
    """Whether something was answered by « je ne sais pas »."""
    beside: tuple[Short, ...]
    """What is paid by the year or once: not in the total."""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about a right for this household."""

    right: Right
    month: str
    facts: Sheet
    shorts: tuple[Short, ...]
    whys: tuple[tuple[Short, Why | None], ...]
    documents: DocumentList
    situations: tuple[str, ...]
    channels: tuple[Channel, ...]
    decides: tuple[registries.Institution, ...]
    delay: str | None
    opens: tuple[Edge, ...]
    warnings: tuple[str, ...]
    beside: tuple[str, ...]
    """What cannot be held with it, among what this household has or may have."""

    @property
    def verdict(self) -> Verdict:
        """The best verdict among the persons."""
        return self.shorts[0].result.verdict


def summary_of(conversation: Conversation) -> Summary:
    """The results of a household."""
    return summary(results_of(conversation), conversation)


def summary(results: Sequence[Result], conversation: Conversation) -> Summary:
    """The same, from results already worked out."""
    shorts = [short_of(one, conversation) for one in results]
    held = [s for s in shorts if s.result.verdict != "no"]
    return Summary(
        tuple(s for s in shorts if s.result.verdict == "yes"),
        tuple(s for s in shorts if s.result.verdict == "check"),
        tuple(s for s in shorts if s.result.verdict == "no"),
        sure_total(total_by_month(results)),
        _has_unknown(conversation.answers),
        tuple(s for s in held if s.result.period in ("year", "once")),
    )


def _has_unknown(answers: Answers) -> bool:
    """Whether something that counts was answered by « je ne sais pas », for some months at least."""
    for name, value in answers.given.items():
        subject, _sep, row = name.partition(":")
        source = "" if subject == SOURCES else subjects()[subject].source
        is_asked = not is_of_another(row) and not (source and answers.had(source, row) is False)
        # Years of stay are of no use to who is French.
        is_asked = is_asked and not (subject == "sejour" and answers.value("nationalite", row) == "FR")
        if is_asked and (value is None or (isinstance(value, tuple) and None in value)):
            return True
    return False


def short_of(one: Result, conversation: Conversation) -> Short:
    """A result in words."""
    modes = {
        "querable": _("À demander"),
        "tacit": _("Accordé sauf refus"),
        "automatic": _("Sans demande, si l'organisme vous connaît déjà"),
    }
    who = name_of(one.who, conversation.answers)
    asked = modes[one.right.mode]
    if one.right.id in MINIMA and conversation.answers.value("minima", FAMILY) is True:
        # Who receives one of the four said so without saying which.
        asked = _("À demander, sauf si vous le recevez déjà")
    later = opens_next_month(one, conversation.answers)
    return Short(one, _(one.right.label), who, amount_of(one), asked, later)


def opens_next_month(one: Result, answers: Answers) -> bool:
    """Whether a child born this month may open the right from the next one on (CSS R. 552-2)."""
    if one.verdict != "no" or one.right.id not in ("af", "asf"):
        return False
    children = [person for person in answers.household.family(0) if person.role == "child"]
    if not any(child.born is not None and Month.of(child.born) == answers.month for child in children):
        return False
    return len(children) > 1 if one.right.id == "af" else answers.household.bonds[0] == "none"


def amount_of(one: Result) -> str:
    """The amount of a result: exact, or between what and what; "" when nothing can be said of it, or it is refused."""
    if one.verdict == "no":
        return ""
    if not one.has_amount:
        if one.verdict == "yes" and one.right.id == PAID_FOR:
            return _("Droit ouvert, avec une participation de 8 à 30 € par mois et par personne, selon l'âge")
        return _("Droit ouvert") if one.verdict == "yes" else ""
    per = {"month": _("par mois"), "year": _("par an"), "once": _("en une fois")}[one.period]
    low, high = one.low or 0.0, one.high
    if one.period == "month" and high is not None and high > MOST_BY_MONTH and not one.is_settled:
        high = None
    if high is None and low < 0.005:
        return ""
    return f"{shown_total(Total(low, high))} {per}"


def sure_total(total: Total) -> str:
    """What the rights add up to, or what is sure of it: several ranges added up tell nothing."""
    return shown_total(total if total.low == total.high else Total(total.low, None))


def shown_total(total: Total) -> str:
    """An amount, or a range, in euros: to the cent that the law computes."""
    low = euros(round(total.low, 2))
    if total.high is None:
        return _("au moins %(low)s") % {"low": low}
    high = euros(round(total.high, 2))
    if low == high:
        return low
    if total.low < 0.005:
        return _("de 0 à %(high)s") % {"high": high}
    return _("de %(low)s à %(high)s") % {"low": low, "high": high}


def card_of(conversation: Conversation, right: Right, *, spoken: bool = True) -> Card:
    """The card of a right, with why (it takes a little time). `spoken`: to the person, else read by an agent."""
    return card(conversation, right, results_of(conversation), explained=True, spoken=spoken)


def card(
    conversation: Conversation, right: Right, results: Sequence[Result], *, explained: bool, spoken: bool = True
) -> Card:
    """The same, from results already worked out."""
    facts = sheet(right.id)
    shorts = tuple(short_of(one, conversation) for one in results if one.right.id == right.id)
    shorts = shorts or (short_of(Result(right, 0, "", "no", 0.0, 0.0), conversation),)
    asked = next(output for output, known in conversation.live.rights.items() if known.id == right.id)
    said = situations_said(conversation.answers)
    chosen = tuple(name for name in situations_of(right.id) if name in said)
    return Card(
        right, str(conversation.live.month), facts, shorts,
        _whys(conversation, asked, shorts, spoken=spoken) if explained else (),
        documents_for(right.id, chosen), tuple(_(registries.situations()[name].label) for name in chosen),
        facts.channels, tuple(registries.institutions()[name] for name in facts.decides),
        cost_of_delay(right), _opened(right), facts.warnings, tuple(_beside(facts, results)),
    )  # fmt: skip


def _whys(
    conversation: Conversation, asked: Asked, shorts: Iterable[Short], *, spoken: bool
) -> tuple[tuple[Short, Why | None], ...]:
    return tuple(
        (short, why(conversation, asked, short.result.row, spoken=spoken, speech=speech())) for short in shorts
    )


def _opened(right: Right) -> tuple[Edge, ...]:
    """What this right opens or makes easier, the sure links first."""
    return tuple(e for e in opened_by(right.id) if sheet(e.target).force != "ended")[:MOST_OPENED]


def _beside(facts: Sheet, results: Iterable[Result]) -> Iterable[str]:
    """Incompatibilities with rights that this household has or may have, and those in words."""
    held = {one.right.id for one in results if one.verdict != "no"}
    for one in facts.incompatible:
        if one.right is None or one.right in held:
            yield one.text


def label_of(right: str) -> str:
    """Name of a right."""
    return catalogue()[right].label
