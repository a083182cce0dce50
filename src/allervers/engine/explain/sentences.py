"""An explanation as French text, for a social worker and the person: plain sentences, one idea a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from allervers.engine.explain.french import RELATIONS, day, duration, money, period, shown
from allervers.engine.explain.record import Condition, Explanation, Limit, Quantity, Step
from allervers.foundation.french import of

LONG = 80
"""Characters beyond which the short name of a parameter is shown, where it has one."""

MOST_TERMS = 6
MOST_CONDITIONS = 5
MOST_LINES = {0: 6, 1: 15, 2: 40, 3: 120}
"""Lines of text by level of detail."""

_ROLES = {
    "famille.enfant": "est un enfant de la famille", "famille.demandeur": "est la personne qui fait la demande",
    "famille.conjoint": "est le conjoint ou la conjointe", "foyer_fiscal.personne_a_charge": "est à charge fiscalement",
    "foyer_fiscal.declarant_principal": "déclare les revenus", "foyer_fiscal.conjoint": "déclare en couple",
    "menage.personne_de_reference": "est la personne de référence du logement",
}  # fmt: skip


def as_text(explanation: Explanation, *, detail: int = 1) -> str:
    """The explanation as lines of text; what does not fit the level of detail is counted at the end."""
    lines = list(_lines(explanation))
    kept = MOST_LINES[detail]
    if len(lines) > kept:
        left = len(lines) - kept
        lines = [*lines[:kept], f"(Encore {left} ligne{'s' if left > 1 else ''} : demandez plus de détail.)"]
    return "\n".join(lines)


def lines_of(explanation: Explanation) -> list[str]:
    """Every line, whatever their number."""
    return list(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    step = explanation.step
    yield from _step_lines(step, 0, is_root=True)
    if explanation.missing:
        yield "Ce qui manque :"
        for condition in explanation.missing:
            yield f"  - {lack(condition, step)}"
    yield from explanation.notes
    if step.article:
        articles = [a for a in step.article if "rticle" in a or "Légifrance" in a]
        yield f"Texte : {(articles or list(step.article))[0]}"
    if step.steps:
        yield "D'où viennent ces valeurs :"
        for below in step.steps:
            yield from _step_lines(below, 1)


def _step_lines(step: Step, depth: int, *, is_root: bool = False) -> Iterator[str]:
    while not is_root and step.only_repeats and len(step.steps) == 1:
        step = step.steps[0]
    indent = "  " * depth
    mark = "" if is_root else "- "
    told = list(_inner_lines(step, depth, is_root=is_root))
    if is_root or told or headline(step) != headline(replace(step, terms=())):
        yield f"{indent}{mark}{headline(step)}"
        yield from told


def _inner_lines(step: Step, depth: int, *, is_root: bool) -> Iterator[str]:
    inner = "  " * (depth + 1)
    for limit in step.limits:
        if limit.bound.label:
            yield f"{inner}{limit_sentence(limit)}"
    failing = [c for c in step.conditions if c.holds is not c.wanted]
    holding = [c for c in step.conditions if c.holds is c.wanted]
    most = MOST_CONDITIONS if is_root else 2
    for condition in failing[:most]:
        enough = " (l'un ou l'autre)" if condition.one_is_enough else ""
        yield f"{inner}non rempli{enough} : {sentence(condition, step)}"
    if failing and not step.amount.value:
        holding = []  # What holds does not explain a zero.
    if not step.amount.value and not failing:
        for _sign, quantity in step.terms[:most]:
            yield f"{inner}car {named(quantity, step)}"
    for condition in [c for c in holding if (is_root and not _is_unlabelled(c)) or _has_number(c)][:most]:
        yield f"{inner}rempli : {sentence(condition, step)}"
    for below in step.steps if not is_root else ():
        yield from _step_lines(below, depth + 1)


def headline(step: Step) -> str:
    """`Montant forfaitaire, janvier 2026 : 646,52 €`, and what it is made of."""
    amount = step.amount
    whose = f" ({amount.place.name})" if amount.place.name else ""
    when = f", {period(amount.period)}" if period(amount.period) else ""
    text = f"{amount.label}{whose}{when} : {shown(amount.value, amount.unit)}"
    worth = [(sign, q) for sign, q in step.terms if q.value != 0 and q.node != amount.node]
    if not worth or (len(worth) == 1 and _is_nameless(worth[0][1])):
        return text
    only, equals = worth[0][1], "arrondi de" if step.is_rounded else "="
    if len(worth) == 1 and worth[0][0] == "+" and only.parts and not only.label:
        return f"{text} {equals} {_made_of(only, step)}"
    return f"{text} {equals} {signed(worth, step)}"


def signed(terms: list[tuple[str, Quantity]], step: Step) -> str:
    """Terms with their signs; beyond a few, they are counted."""
    words = []
    terms = sorted(terms, key=lambda term: term[0] != "+")
    for position, (sign, quantity) in enumerate(terms[:MOST_TERMS]):
        lead = "" if position == 0 and sign == "+" else f"{'+' if sign == '+' else '−'} "
        words.append(lead + named(quantity, step))
    left = len(terms) - MOST_TERMS
    return " ".join(words) + (f" et {left} autre{'s' if left > 1 else ''}" if left > 0 else "")


def named(quantity: Quantity, step: Step) -> str:
    """`ressources retenues (1 043 €)`; a bare number as it is; a calculation by what it is made of."""
    value = shown(quantity.value, quantity.unit)
    if quantity.kind == "calculation" and _is_amount_of(quantity, step):
        return f"ce montant ({value})"
    if not quantity.label:
        made = _made_of(quantity, step)
        return f"{value}{f' ({made})' if made else ''}"
    whose = f" {of(quantity.place.name)}" if quantity.place.name and quantity.place != step.amount.place else ""
    when = ""
    if quantity.period and quantity.period not in ("ETERNITY", step.amount.period, step.amount.period[:4]):
        when = f", {period(quantity.period)}"
    label = quantity.label
    if quantity.parameter is not None:
        when = f", au {day(quantity.parameter.instant)}"
        label = quantity.parameter.short if len(label) > LONG and quantity.parameter.short else label
    return f"{lowered(label)}{whose} ({value}{when})"


def _is_amount_of(quantity: Quantity, step: Step) -> bool:
    """Whether a calculation is the very amount explained, not yet put in its type."""
    values = (quantity.value, step.amount.value)
    if not all(isinstance(v, int | float) and v for v in values) or not _is_same_unit(quantity, step.amount):
        return False
    return bool(abs(values[0] - values[1]) <= 1e-6 * abs(values[0]))


def _is_same_unit(one: Quantity, other: Quantity) -> bool:
    money = ("euros", "euros_a_year")
    return one.unit == other.unit or (one.unit in money and other.unit in money)


def _made_of(quantity: Quantity, step: Step) -> str:
    words = []
    for position, (sign, part) in enumerate(quantity.parts[:MOST_TERMS]):
        lead = "" if position == 0 and sign == "+" else f"{'−' if sign == '-' else sign} "
        words.append(lead + (_part(part, step)))
    left = len(quantity.parts) - MOST_TERMS
    return " ".join(words) + (f" et {left} autres" if left > 0 else "")


def _part(part: Quantity, step: Step) -> str:
    if part.label or part.kind != "calculation" or not part.parts:
        return named(part, step)
    return f"({_made_of(part, step)})"


def _plain(quantity: Quantity, step: Step) -> str:
    """What a quantity is, without its value."""
    if quantity.label:
        whose = f" {of(quantity.place.name)}" if quantity.place.name and quantity.place != step.amount.place else ""
        return lowered(quantity.label) + whose
    return _made_of(quantity, step) or shown(quantity.value, quantity.unit)


def lowered(label: str) -> str:
    """A label inside a sentence: its first letter small, but for an acronym or a lone capital."""
    first = label.split(" ", 1)[0].split("'", 1)[0]
    if not label:
        return label
    return label if first[1:] != first[1:].lower() or len(first) == 1 else label[0].lower() + label[1:]


def sentence(condition: Condition, step: Step) -> str:
    """A condition as it is: `ressources (1 043 €) > montant forfaitaire (646,52 €)`, and by how much it fails."""
    if condition.relation == "above_zero":
        return _short_of_zero(condition, step)
    if condition.relation == "in_role":
        who = condition.place.name or "la personne"
        told = _ROLES.get(condition.role, f"a le rôle {condition.role.split('.')[-1].replace('_', ' ')}")
        return f"{who} {told}" if condition.holds else f"il est faux que {who} {told}"
    if condition.relation == "somebody":
        return f"personne n'a ici le rôle « {condition.role.split('.')[-1].replace('_', ' ')} »"
    assert condition.left is not None
    if condition.relation == "is":
        return _truth(condition, condition.left, step)
    assert condition.right is not None
    sign = RELATIONS[condition.relation][0 if condition.holds else 1]
    if _is_nameless(condition.left) and _is_nameless(condition.right):
        values = " ".join(
            (shown(condition.left.value, condition.left.unit), sign, shown(condition.right.value, condition.right.unit))
        )
        return f"une condition sans nom dans la loi codée{_where(condition)} : {values}"
    text = f"{named(condition.left, step)} {sign} {named(condition.right, step)}"
    return text + _gap(condition)


def _truth(condition: Condition, left: Quantity, step: Step) -> str:
    if left.label:
        whose = f" {of(left.place.name)}" if left.place.name and left.place != step.amount.place else ""
        when = f", {period(left.period)}" if left.period not in ("ETERNITY", step.amount.period, "") else ""
        return f"« {left.label} »{whose}{when} : {shown(left.value, left.unit)}"
    return f"une condition sans nom dans la loi codée{_where(condition)} : {shown(condition.holds, 'truth')}"


def _where(condition: Condition) -> str:
    return f" ({condition.file}, ligne {condition.line})" if condition.file else ""


def _is_nameless(quantity: Quantity) -> bool:
    return not quantity.label and not any(not _is_nameless(part) for _sign, part in quantity.parts)


def _short_of_zero(condition: Condition, step: Step) -> str:
    taken = [("+", q) for sign, q in condition.terms if sign == "-"]
    given = [("+", q) for sign, q in condition.terms if sign == "+"]
    if not taken or condition.gap is None:
        assert condition.left is not None
        return f"{named(condition.left, step)} : il faudrait plus que zéro"
    if given and not any(q.value for _sign, q in given):
        return f"{signed(given, step)} : rien à verser, avant même de déduire {signed(taken, step)}"
    over = f"{signed(taken, step)} dépasse{'nt' if len(taken) > 1 else ''}"
    below = signed(given, step) if given else "zéro"
    return f"{over} {below}, de {shown(condition.gap, condition.unit)}"


def _gap(condition: Condition) -> str:
    if condition.gap is None or condition.holds is condition.wanted:
        return ""
    if condition.age is not None:
        return f" : {duration(condition.age.months)} au {day(condition.age.on)}"
    if condition.unit in ("euros", "euros_a_year") and condition.gap:
        return f" : écart de {money(condition.gap)}"
    return f" : écart de {shown(condition.gap, condition.unit)}" if condition.gap else ""


def lack(condition: Condition, step: Step) -> str:
    """What is missing, for the person: `il faut 25 ans ; âge : 24 ans et 10 mois`."""
    if condition.relation == "above_zero" or condition.right is None or condition.left is None:
        return _lack_of_truth(condition, step)
    left, right = condition.left, condition.right
    if _is_nameless(left) and _is_nameless(right):
        return sentence(condition, step)
    relation = RELATIONS[condition.relation][0 if condition.wanted else 1]
    if condition.age is not None and right.unit in ("years", "months"):
        whose = f" {of(condition.age.place.name)}" if condition.age.place.name else ""
        asked = duration(int(right.value) * (12 if left.unit == "years" else 1))
        need = {"≥": "il faut", ">": "il faut plus de", "<": "il faut moins de", "≤": "il faut au plus"}.get(relation)
        if need:
            return f"âge{whose} : {duration(condition.age.months)} au {day(condition.age.on)} ; {need} {asked}"
    example = "par exemple " if left.unit == "item" and relation == "=" else ""
    return f"il faut {example}{named(left, step)} {relation} {named(right, step)}" + _gap(condition)


def _lack_of_truth(condition: Condition, step: Step) -> str:
    if condition.relation == "above_zero" and condition.gap:
        taken = " + ".join(_plain(q, step) for sign, q in condition.terms if sign == "-")
        given = " + ".join(_plain(q, step) for sign, q in condition.terms if sign == "+")
        if taken and given:
            return f"{shown(condition.gap, condition.unit)} de trop : {taken}, à comparer à : {given}"
    if condition.relation in ("above_zero", "somebody"):
        return sentence(condition, step)
    if condition.relation == "in_role":
        return f"{sentence(condition, step)} ; il faudrait l'inverse"
    wanted = shown(condition.wanted, "truth")
    return f"{sentence(condition, step)} ; il faut : {wanted}"


def limit_sentence(limit: Limit) -> str:
    """`limité à 100 € (sinon 120 €)`."""
    told = "limité à" if limit.kind == "cap" else "au moins"
    label = f" ({lowered(limit.bound.label)})" if limit.bound.label else ""
    without = shown(limit.without.value, limit.without.unit)
    return f"{told} {shown(limit.bound.value, limit.bound.unit)}{label} ; sinon {without}"


def _is_unlabelled(condition: Condition) -> bool:
    """Whether a condition is about a variable that the law's code gives no French name."""
    return condition.left is not None and condition.left.label == condition.left.variable != ""


def _has_number(condition: Condition) -> bool:
    return condition.right is not None or condition.relation == "above_zero"
