"""The list: a status for each unit and right, with amount, since when, what delay costs, the questions to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from allervers.detection.casefile import CaseFile
from allervers.detection.clocks import with_clocks
from allervers.detection.conditions import INPUT_GROUPS, condition_units, group_of, unknown_groups
from allervers.detection.entitlement import Entitlement
from allervers.detection.opened import Opened
from allervers.detection.statuses import CLAIMED, NOT_TAKEN_UP, Status, status_expression
from allervers.engine.law import Law
from allervers.foundation.periods import Month
from allervers.population.folder import Population
from allervers.rights.catalogue import AmountPeriod, Right
from allervers.rights.corrections import corrections_of

COMPOSITION = "composition"
"""Group of inputs that every right depends on: who lives in the household."""

RECENT_MONTHS = 1
"""A benefit paid in the month or the one before counts as received: the payments of the month itself are not all in."""

_BITS = {group: 1 << place for place, group in enumerate(INPUT_GROUPS)}
_ASKED: Mapping[str, pl.DataType | type[pl.DataType]] = {"lacks": pl.Int64, "question": pl.List(pl.String)}

_MONTHS_OF_AMOUNT: Mapping[AmountPeriod, float] = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Observation:
    """What partners say of each unit and right: receipt, pending claims, identity. One row a (right, unit)."""

    received: pl.DataFrame
    claims: pl.DataFrame
    contacts: pl.DataFrame


def find(
    case: CaseFile, entitled: Sequence[Entitlement], rights: Mapping[str, Right], *, law: Law, month: Month,
    today: date, opened: Opened | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Status of every unit for every right of `entitled` that bears on `month`; earlier months give the persistence.

    `opened`: rights that are nil only because a fact is not known: undetermined, with the question (see opened.py).

    Columns: right, unit_entity, unit_id, menage_id, person_id, code_insee, zone, contact_allowed, channels, status,
    amount_eur, amount_eur_month, amount_hidden, since_month, since_is_exact, months_persisting, questions, eur_lost,
    eur_recoverable, eur_lost_per_day, deadline_on, deadline_reason. Amounts are null where the law's amount is
    unknown, has no money value, or may be wrong (register of corrections).
    """
    seen = observe(case, month)
    now = {e.right: e for e in entitled if e.month == month}
    missing = _missing(case)
    heads = {entity: _heads(case, entity) for entity in ("individu", "famille", "menage")}
    parts = []
    for identifier, current in now.items():
        right = rights[identifier]
        rows = _with_flags(current, right, case, seen, heads, law=law)
        rows = _with_opened(_with_questions(rows, current, missing), (opened or {}).get(identifier))
        rows = rows.with_columns(status_expression()).with_columns(_pointless())
        before = [e for e in entitled if e.right == identifier and e.month < month]
        parts.append(_with_amounts(_with_persistence(rows, right, before, case, month), right))
    rows = pl.concat(parts, how="vertical").join(
        _last_payment(case.receipts, month), on=["right", "unit_id"], how="left"
    )
    rows = rows.with_columns(
        is_due=pl.col("status").is_in([str(s) for s in NOT_TAKEN_UP]),
        is_claimed=pl.col("status").is_in([str(s) for s in CLAIMED]),
    )
    return with_clocks(rows, rights, today=today).drop("is_due", "is_claimed")


def _pointless() -> pl.Expr:
    """Nothing is missed by who receives the right that makes this one pointless (the free cover, for the other)."""
    open_here = pl.col("status").is_in([str(s) for s in (*NOT_TAKEN_UP, Status.UNKNOWN)])
    return (
        pl.when(open_here & pl.col("has_better")).then(pl.lit(Status.NOT_ENTITLED)).otherwise("status").alias("status")
    )


def _last_payment(receipts: pl.DataFrame, month: Month) -> pl.DataFrame:
    """right, unit_id, paid_eur: the last amount paid before `month`."""
    paid = receipts.filter(pl.col("month") < str(month), pl.col("montant") > 0).sort("month")
    return paid.group_by(pl.col("prestation").alias("right"), "unit_id").agg(pl.col("montant").last().alias("paid_eur"))


def _missing(case: CaseFile) -> pl.DataFrame:
    """menage_id, lacks: what is not known of each ménage, composition of the foyer included, as a sum of _BITS."""
    columns = unknown_groups(case.population)
    homes = _homes_of_households(case.population)
    # The law reads the whole household (a student and the parents who declare them): what one lacks, all wait for.
    columns = columns.join(homes, on="menage_id").join(homes, on="household", suffix="_of_all")
    columns = columns.select(pl.col("menage_id_of_all").alias("menage_id"), "group")
    composition = case.provenance.filter(pl.col("input_group") == COMPOSITION, pl.col("state") == "unknown")
    lacked = pl.concat([columns, composition.select("menage_id", group=pl.lit(COMPOSITION))]).unique()
    bits = pl.col("group").replace_strict(_BITS, return_dtype=pl.Int64)
    return lacked.group_by("menage_id").agg(lacks=bits.sum())


def _homes_of_households(population: Population) -> pl.DataFrame:
    """menage_id, household: ménages that a famille or a foyer fiscal links are one household (connected component)."""
    menages = population.ids["menage"].gather(pl.Series(population.membership["menage"].group))
    return pl.DataFrame({"menage_id": menages, "household": population.component()}).unique()


def observe(case: CaseFile, month: Month) -> Observation:
    """Receipt, claims and contacts as partners' files tell them at `month`."""
    recent = [str(month - k) for k in range(RECENT_MONTHS + 1)]
    year = str(month.year)
    paid = case.receipts.filter(pl.col("montant") > 0)
    # Paid by the month: seen in the last months. Paid once a year (or once): seen in the year.
    received = paid.filter(
        pl.col("month").is_in(recent)
        | (pl.col("prestation").is_in(["ars", "cheque_energie"]) & pl.col("month").str.starts_with(year))
    ).select(pl.col("prestation").alias("code"), "entity", "unit_id")
    units = _units_of_droits(_in_force(case.droits, month))
    claims = _units_of_droits(case.droits.filter(pl.col("etat").is_in(["en_attente", "pieces_manquantes"])), "etat")
    return Observation(pl.concat([received, units]).unique(), claims, case.contacts)


def _in_force(droits: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Rights granted for a day of the month at least."""
    return droits.filter(
        pl.col("etat") == "accorde",
        pl.col("debut_on").is_null() | (pl.col("debut_on") <= month.last_day),
        pl.col("fin_on").is_null() | (pl.col("fin_on") >= month.first_day),
    )


def _units_of_droits(droits: pl.DataFrame, *extra: str) -> pl.DataFrame:
    """A right recorded for a person holds for the person, their famille and their ménage: code, entity, unit_id."""
    units = {"individu": "person_id", "famille": "famille_id", "menage": "menage_id"}
    parts = [
        droits.filter(pl.col(unit).is_not_null()).select(
            pl.col("prestation").alias("code"), pl.lit(entity).alias("entity"), pl.col(unit).alias("unit_id"), *extra
        )
        for entity, unit in units.items()
    ]
    return pl.concat(parts).unique()


def _with_flags(
    current: Entitlement, right: Right, case: CaseFile, seen: Observation, heads: Mapping[str, pl.DataFrame], *,
    law: Law,
) -> pl.DataFrame:  # fmt: skip
    month = current.month
    computation = right.computation
    assert computation is not None
    rows = current.frame.with_columns(right=pl.lit(right.id), unit_entity=pl.lit(computation.entity))
    if current.month.month < right.start.due_month:
        # Paid later in the year: nothing is due yet.
        rows = rows.with_columns(amount=pl.lit(0.0))
    rows = rows.join(heads[computation.entity], on="unit_id", how="left", maintain_order="left")
    codes = list(right.received_as)
    # A ménage may bear the id of a famille: units are told apart by their entity too.
    held = seen.received.filter(pl.col("entity") == computation.entity)
    received = held.filter(pl.col("code").is_in(codes))["unit_id"].unique()
    better = held.filter(pl.col("code").is_in(list(right.excluded_by)))["unit_id"].unique()
    automatic = held.filter(pl.col("code").is_in(list(right.automatic_from)))["unit_id"].unique()
    claims = seen.claims.filter(pl.col("entity") == computation.entity, pl.col("code").is_in(codes))
    lacking = claims.filter(pl.col("etat") == "pieces_manquantes")["unit_id"].unique()
    pending = claims.filter(pl.col("etat") == "en_attente")["unit_id"].unique()
    # A Caf file that waits for documents waits for all the rights that the Caf pays.
    stalled = case.dossiers.filter(pl.col("etat") == "pieces_manquantes")["famille_id"].unique()
    of_caf = pl.lit(right.institution.startswith("Caf")) & pl.col("famille_id").is_in(stalled.implode())
    in_set = pl.col("unit_id").is_in
    rows = rows.with_columns(
        is_received=in_set(received.implode()),
        has_better=in_set(better.implode()),
        automatic_missing=in_set(automatic.implode()),
        has_missing_documents=in_set(lacking.implode()) | of_caf,
        has_pending_claim=in_set(pending.implode()),
    )
    rows = _with_conditions(rows, right, case, month)
    return rows.with_columns(under_threshold=_under_threshold(rows, right, law, month))


def _heads(case: CaseFile, entity: str) -> pl.DataFrame:
    """For each unit, its famille and whom to contact: unit_id, famille_id, person_id, code_insee, zone,
    contact_allowed, channels.
    """
    columns = ["person_id", "code_insee", "zone", "contact_allowed", "channels"]
    familles = case.contacts.unique("famille_id", keep="first", maintain_order=True).select("famille_id", *columns)
    if entity == "famille":
        return familles.with_columns(unit_id=pl.col("famille_id"))
    population = case.population
    famille, menage = population.membership["famille"], population.membership["menage"]
    persons = pl.DataFrame(
        {
            "id": population.ids["individu"],
            "famille_id": population.ids["famille"].gather(pl.Series(famille.group)),
            "menage_id": population.ids["menage"].gather(pl.Series(menage.group)),
            "menage_role": menage.role,
        }
    ).join(familles, on="famille_id", how="left")
    if entity == "menage":
        # The right of a home is for who holds it: the famille of the person of reference.
        holders = persons.filter(pl.col("menage_role") == "personne_de_reference")
        return holders.select(pl.col("menage_id").alias("unit_id"), "famille_id", *columns)
    # A personal right: the person's own linkage says whether they may be contacted, and how.
    own = case.zones.select(pl.col("person_id").alias("id"), "channels", own_zone="zone", own_allowed="contact_allowed")
    return (
        persons.drop("channels")
        .join(own, on="id", how="left")
        .select(
            pl.col("id").alias("unit_id"),
            "famille_id",
            pl.col("id").alias("person_id"),
            "code_insee",
            pl.coalesce("own_zone", "zone").alias("zone"),
            (pl.col("own_allowed").fill_null(value=True) & pl.col("contact_allowed")).alias("contact_allowed"),
            "channels",
        )
    )


def _with_conditions(rows: pl.DataFrame, right: Right, case: CaseFile, month: Month) -> pl.DataFrame:
    functions = condition_units(case.population, month)
    to_check, blocked, asked = pl.lit(False), pl.lit(False), pl.lit(None, pl.String)
    for entry in corrections_of(right.id, ("to_check", "not_computable")):
        holds = pl.col("famille_id").is_in(functions[str(entry.condition)]().implode())
        if entry.kind == "to_check":
            to_check = to_check | holds
            asked = pl.when(holds).then(pl.lit(entry.question)).otherwise(asked)
        else:
            blocked = blocked | holds
    return rows.with_columns(is_to_check=to_check, not_computable=blocked, check_question=asked)


def _with_questions(rows: pl.DataFrame, current: Entitlement, missing: pl.DataFrame) -> pl.DataFrame:
    """`is_unknown` and `questions`: what must be asked for the result to be known, among what the right reads."""
    read = {group_of(column) for column in current.reads} | {COMPOSITION}
    lacks = pl.col("lacks").fill_null(0) & sum(_BITS[group] for group in read)
    rows = rows.join(missing, on="menage_id", how="left", maintain_order="left").with_columns(lacks=lacks)
    # Thousands of ménages lack the same few things: their questions are put together once.
    lacked = rows["lacks"].unique().to_list()
    asked = [sorted({question for group, question in INPUT_GROUPS.items() if one & _BITS[group]}) for one in lacked]
    table = pl.DataFrame({"lacks": lacked, "question": asked}, schema=_ASKED)
    rows = rows.join(table, on="lacks", how="left", maintain_order="left")
    is_guess = pl.col("lacks") & _BITS[COMPOSITION] != 0
    of_check = pl.when(pl.col("check_question").is_not_null()).then(pl.concat_list("check_question"))
    settled = pl.col("amount").is_not_null() & ~pl.col("is_to_check") & ~is_guess
    questions = (
        pl.when(settled)
        .then(pl.lit([], pl.List(pl.String)))
        .otherwise(
            pl.concat_list(
                "question",
                of_check.otherwise(pl.lit([], pl.List(pl.String))),
            )
        )
    )
    # A right that is surely nil needs no check; only a possible right waits for an answer.
    is_unknown = pl.col("amount").is_null() | is_guess | (pl.col("is_to_check") & (pl.col("amount") > 0))
    return rows.with_columns(questions=questions, is_unknown=is_unknown).drop("question", "lacks")


def _with_opened(rows: pl.DataFrame, opened: pl.DataFrame | None) -> pl.DataFrame:
    """What is nil only for a fact that is not known waits for its question."""
    if opened is None:
        return rows
    rows = rows.join(opened, on="unit_id", how="left", maintain_order="left")
    asked = pl.col("opener_question").is_not_null() & (pl.col("amount") == 0) & ~pl.col("is_received")
    more = pl.concat_list("questions", "opener_question").list.unique(maintain_order=True)
    return rows.with_columns(
        is_unknown=pl.col("is_unknown") | asked, questions=pl.when(asked).then(more).otherwise("questions")
    ).drop("opener_question")


def _under_threshold(rows: pl.DataFrame, right: Right, law: Law, month: Month) -> pl.Expr:
    computation = right.computation
    if "before_threshold" not in rows.columns or computation is None or computation.threshold_parameter is None:
        return pl.lit(False)
    threshold = law.parameter(computation.threshold_parameter, str(month.first_day)) or 0.0
    before = pl.col("before_threshold")
    return (pl.col("amount") == 0) & (before > 0) & (before < threshold)


def _with_persistence(
    rows: pl.DataFrame, right: Right, before: Sequence[Entitlement], case: CaseFile, month: Month
) -> pl.DataFrame:
    """Since when the unit has been entitled without receiving, over the earlier months that could be computed.

    The month is exact when an earlier computed month shows the right closed or paid; else it is "at least since".
    """
    since, exact, going_on = pl.lit(str(month)), pl.lit(False), pl.lit(True)
    known = rows.join(_held_amounts(right, before), on="unit_id", how="left")
    for past in sorted(before, key=lambda e: e.month, reverse=True):
        text = str(past.month)
        paid = _held_in(case, right, past.month)
        amounts = past.frame.select("unit_id", pl.col("amount").alias(text))
        known = known.join(amounts, on="unit_id", how="left")
        open_then = (pl.col(text) > 0).fill_null(False) & ~pl.col("unit_id").is_in(paid.implode())
        since = pl.when(going_on & open_then).then(pl.lit(text)).otherwise(since)
        exact = exact | (going_on & ~open_then & pl.col(text).is_not_null())
        going_on = going_on & open_then
    due = pl.col("status").is_in([str(s) for s in NOT_TAKEN_UP])
    known = known.with_columns(since_month=pl.when(due).then(since), since_is_exact=pl.when(due).then(exact))
    months = (
        month.year * 12
        + month.month
        - pl.col("since_month").str.slice(0, 4).cast(pl.Int32) * 12
        - pl.col("since_month").str.slice(5, 2).cast(pl.Int32)
    )
    return known.with_columns(months_persisting=months)


def _held_in(case: CaseFile, right: Right, month: Month) -> pl.Series:
    """Units that were paid the right for a past month, or for whom it was in force then."""
    codes = list(right.received_as)
    paid = case.receipts.filter(
        pl.col("prestation").is_in(codes), pl.col("month") == str(month), pl.col("montant") > 0
    )["unit_id"]
    granted = _units_of_droits(_in_force(case.droits.filter(pl.col("prestation").is_in(codes)), month))
    entity = right.computation.entity if right.computation else "famille"
    return pl.concat([paid, granted.filter(pl.col("entity") == entity)["unit_id"]]).unique()


def _held_amounts(right: Right, before: Sequence[Entitlement]) -> pl.DataFrame:
    """unit_id, held_eur: for a right fixed by the quarter, what the law gave when the quarter now paid was opened."""
    held = right.computation.hold_months if right.computation else 1
    last = max(before, key=lambda e: e.month, default=None)
    if held <= 1 or last is None:
        return pl.DataFrame(schema={"unit_id": pl.String, "held_eur": pl.Float64})
    return last.frame.select("unit_id", pl.col("amount").alias("held_eur"))


def _with_amounts(rows: pl.DataFrame, right: Right) -> pl.DataFrame:
    computation = right.computation
    assert computation is not None
    hidden = bool(corrections_of(right.id, ("amount_hidden",)))
    has_money = computation.amount_period != "none" and not hidden
    shown = pl.col("status").is_in([str(s) for s in (*NOT_TAKEN_UP, Status.UNDER_PAYMENT_THRESHOLD, Status.RECEIVED)])
    # A right that is received may still be one that a person must check: its amount may be wrong.
    sure = ~pl.col("is_unknown") & ~pl.col("not_computable")
    amount = pl.when(shown & sure & has_money).then(pl.col("amount").round(2))
    months = _MONTHS_OF_AMOUNT.get(computation.amount_period)
    monthly = amount / months if months else pl.lit(None, pl.Float64)
    columns = [
        "right", "unit_entity", "unit_id", "menage_id", "person_id", "code_insee", "zone", "contact_allowed",
        "channels", "status", "amount_eur", "amount_eur_month", "amount_hidden", "since_month", "since_is_exact",
        "months_persisting", "questions", "computed_eur", "held_eur",
    ]  # fmt: skip
    return rows.with_columns(
        amount_eur=amount,
        amount_eur_month=monthly.round(2),
        amount_hidden=pl.lit(hidden),
        computed_eur=pl.col("amount"),
        held_eur=pl.coalesce("held_eur", "amount"),
    ).select(columns)
