"""Facts about persons month by month (school, activity, disability, permit) and the facts that partners know.

`monthly_facts` gives the OpenFisca inputs that are not income; `situation_columns` what partners' files say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allervers.population.synthetic.people import Calendar, Days, People
from allervers.population.synthetic.shapes import (
    HORS_UNION,
    NOTHING,
    PARTNER,
    REFERENCE,
    SANS_DOMICILE,
    UNION_EUROPEENNE,
    Bools,
    Floats,
    Ints,
    State,
)

Texts = npt.NDArray[np.object_]
NO_DAY = np.datetime64("NaT", "D")
DAY = np.timedelta64(1, "D")

COUNTRIES = (
    ("DZ",), ("DZ", "MA", "TN"), ("ML", "SN", "CI", "CD", "CM", "CG", "GN", "HT", "MR"), ("PT", "ES", "BR"),
    ("TR", "RS", "RO", "MD", "UA"), ("LK", "CN", "IN", "PK", "BD", "PH"),
)  # fmt: skip
"""Citizenships outside or inside the Union by list of names (the group of nationality decides which is kept)."""

UNION_COUNTRIES = ("IT", "ES", "BE", "PT", "RO", "PL")

_ACTIVITY_CODE = {
    State.ENFANT: None, State.ETUDIANT: "ETU", State.APPRENTI: "APP", State.EMPLOI: "SAL",
    State.CONTRATS_COURTS: "SAL", State.INDEPENDANT: "IND", State.CHOMAGE_INDEMNISE: "CHO", State.CHOMAGE_FINI: "CHO",
    State.CHOMAGE_SANS: "CHO", State.INACTIF: "INA", State.RETRAITE: "RET", State.HANDICAP_80: "INA",
    State.HANDICAP_50: "INA", State.INVALIDITE: "INA", State.MALADIE: "SAL", State.REPRISE: "SAL", State.PERTE: "CHO",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bond:
    """Civil and family situation of each person: code of the partners, its date, civil status before and after it."""

    code: Texts
    since: Days
    before: Texts
    after: Texts


def bonds(rng: np.random.Generator, people: People, calendar: Calendar) -> Bond:
    """CEL, MAR, PAC, CON, DIV, SEP or VEU, with the date. Both members of a couple share theirs."""
    n = len(people)
    union = people.homes.union[people.household]
    lone_parent = (people.slot == REFERENCE) & (people.homes.young_children[people.household] > 0)
    u = rng.random(n)
    widowed = np.interp(people.age, [45, 60, 70, 80, 90], [0.01, 0.06, 0.18, 0.45, 0.75]) * np.where(
        people.female, 1, 0.4
    )
    divorced = np.interp(people.age, [28, 40, 55, 80], [0.02, 0.2, 0.3, 0.2])
    single = np.where(u < widowed, "VEU", np.where(u < widowed + divorced, "DIV", "CEL"))
    single = np.where(
        lone_parent & (people.age < 62), rng.choice(["SEP", "DIV", "CEL", "VEU"], n, p=[0.42, 0.2, 0.34, 0.04]), single
    )
    paired = np.array(["CEL", "MAR", "PAC", "CON"], dtype=object)[union]
    code = np.where(people.partnered, paired, np.where(people.age < 18, "CEL", single)).astype(object)
    taxed_together = people.homes.foyer[people.household, 9] == 8
    code[people.hosted_couple] = np.where(taxed_together, "MAR", "CON")[people.hosted_couple]
    since = _bond_dates(rng, people, calendar, code)
    status = {"CEL": "celibataire", "MAR": "marie", "PAC": "pacse", "CON": "celibataire", "DIV": "divorce",
              "SEP": "celibataire", "VEU": "veuf"}  # fmt: skip
    past = {"CEL": "celibataire", "MAR": "celibataire", "PAC": "celibataire", "CON": "celibataire", "DIV": "marie",
            "SEP": "celibataire", "VEU": "marie"}  # fmt: skip
    return Bond(code, since, _mapped(code, past), _mapped(code, status))


def _mapped(codes: Texts, table: dict[str, str]) -> Texts:
    values, inverse = np.unique(codes.astype(str), return_inverse=True)
    return np.array([table[v] for v in values], dtype=object)[inverse]


def _bond_dates(rng: np.random.Generator, people: People, calendar: Calendar, code: Texts) -> Days:
    n = len(people)
    years = np.minimum(rng.gamma(1.6, 6.0, n), np.clip(people.age - 18.5, 0.1, None))
    recent = rng.random(n) < np.where(code == "SEP", 0.3, np.where(code == "VEU", 0.07, 0.02))
    years = np.where(recent, rng.uniform(0.02, 1.3, n), years)
    youngest = np.where(people.homes.present[:, 2:8], people.homes.age[:, 2:8], 99).min(axis=1)[people.household]
    parted = np.isin(code, ("SEP", "DIV")) & (youngest < 90)
    years = np.where(parted, np.minimum(years, youngest + 0.9), years)
    shared = (people.slot == PARTNER) | people.hosted_couple
    years = np.where(shared, np.minimum(_of_reference(people, years), np.clip(people.age - 16.0, 0.1, None)), years)
    since = calendar.last_day - (years * 365.2425).astype("timedelta64[D]")
    return np.where((code == "CEL") | people.expected, NO_DAY, since)


def _of_reference(people: People, values: Floats) -> Floats:
    """Value of the household's reference person, for each person (the reference person comes first)."""
    firsts = np.flatnonzero(people.slot == REFERENCE)
    return values[firsts][people.household]


def permits(rng: np.random.Generator, people: People, calendar: Calendar) -> Days:
    """Date from which an adult from outside the Union holds a permit; no date for the others."""
    years = np.where(
        rng.random(len(people)) < 0.24, rng.uniform(0.1, 5.0, len(people)), 5 + rng.gamma(1.8, 6, len(people))
    )
    years = np.minimum(years, np.clip(people.age - 17.5, 0.1, None))
    since = calendar.last_day - (years * 365.2425).astype("timedelta64[D]")
    return np.where((people.foreign == HORS_UNION) & people.adult, since, NO_DAY)


def citizenships(rng: np.random.Generator, people: People) -> Texts:
    """ISO code of the country: the reference person's for all of a household outside France."""
    n = len(people)
    pick = rng.integers(0, 1 << 30, len(people.homes))[people.household]
    out = np.full(n, "FR", dtype=object)
    for origin, countries in enumerate(COUNTRIES):
        outside = [c for c in countries if c not in ("PT", "ES", "RO")] or ["BR"]
        rows = (people.foreign == HORS_UNION) & (people.origin == origin)
        out[rows] = np.array(outside, dtype=object)[pick[rows] % len(outside)]
        inside = [c for c in countries if c in ("PT", "ES", "RO")] or list(UNION_COUNTRIES)
        rows = (people.foreign == UNION_EUROPEENNE) & (people.origin == origin)
        out[rows] = np.array(inside, dtype=object)[pick[rows] % len(inside)]
    return out


@dataclass(frozen=True, slots=True)
class Health:
    """Disability of each person: rate (0 to 1) and the month of history from which it holds, restriction, unfitness."""

    rate: Floats
    from_month: Ints
    restriction: Bools
    unfit: Bools


def health(rng: np.random.Generator, people: People) -> Health:
    """Rates of incapacity: 0.8 or more, 0.5 to 0.79 with or without a lasting restriction to employment, else 0."""
    n, state = len(people), people.state
    rate = np.where(state == State.HANDICAP_80, rng.choice([0.8, 0.85, 0.9, 0.95], n), 0.0)
    rate = np.where(state == State.HANDICAP_50, rng.choice([0.5, 0.55, 0.6, 0.65, 0.7, 0.75], n), rate)
    rate = np.where(state == State.INVALIDITE, rng.choice([0.5, 0.66, 0.7], n), rate)
    mild = (rate == 0) & ~people.expected & (rng.random(n) < np.where(people.adult, 0.015, 0.012))
    rate = np.where(mild, rng.choice([0.5, 0.6, 0.8], n, p=[0.6, 0.3, 0.1]), rate)
    new = (rate > 0) & (rng.random(n) < 0.06)
    unfit = (people.age >= 60) & (people.age < 68) & ((rate >= 0.5) | (rng.random(n) < 0.02))
    return Health(rate, np.where(new, rng.integers(3, 15, n), 0), state == State.HANDICAP_50, unfit)


def school_levels(people: People, year: int, month: int) -> Texts:
    """Enum name of the school level in a month: the year starts in September, the level follows the year of birth."""
    start = year if month >= 9 else year - 1
    age = start - people.birth.astype("datetime64[Y]").astype(int) - 1970
    pupil = (people.state == State.ENFANT) | ((people.state == State.APPRENTI) & (age < 18))
    names = ("inconnue", "maternelle", "primaire", "college", "lycee")
    level = np.array(names, dtype=object)[np.searchsorted([3, 6, 11, 15], age, side="right")]
    level = np.where(pupil & (age < 19), level, "inconnue")
    return np.where(people.state == State.ETUDIANT, "enseignement_superieur", level).astype(object)


def activities(people: People, wage: npt.NDArray[np.float32], pension: npt.NDArray[np.float32], school: Texts) -> Texts:
    """Enum name of the activity in a month, from the state and from what is earned that month."""
    base = {
        State.ENFANT: "inactif", State.ETUDIANT: "etudiant", State.APPRENTI: "actif", State.EMPLOI: "actif",
        State.CONTRATS_COURTS: "actif", State.INDEPENDANT: "actif", State.RETRAITE: "retraite", State.MALADIE: "actif",
        State.INACTIF: "inactif", State.HANDICAP_80: "inactif", State.HANDICAP_50: "inactif",
        State.INVALIDITE: "inactif",
    }  # fmt: skip
    names = np.array([base.get(State(code), "chomeur") for code in range(len(State))], dtype=object)
    out = names[people.state]
    works = wage > 0
    searching = np.isin(people.state, (State.EMPLOI, State.CONTRATS_COURTS, State.INDEPENDANT)) & ~works
    out = np.where(searching, "chomeur", out)
    steady = np.isin(people.state, (State.ETUDIANT, State.ENFANT))
    out = np.where(works & ~steady & (pension == 0), "actif", out)
    pupil = (people.state == State.ENFANT) & (people.age >= 16) & (school != "inconnue")
    return np.where(pupil, "etudiant", out).astype(object)


def pregnant(people: People, ends: Days) -> npt.NDArray[np.bool_]:
    """(persons, months) true while a child who is born since, or is expected, was carried (nine months)."""
    out = np.zeros((len(people), len(ends)), dtype=np.bool_)
    child = np.flatnonzero(people.expected)
    mothers = [(people.mother[child], people.birth[child])]
    newborn = np.flatnonzero((people.age <= 1) & ~people.expected & (people.slot < 8))
    women = {slot: np.full(len(people.homes), -1) for slot in (REFERENCE, PARTNER)}
    for slot, rows in women.items():
        found = np.flatnonzero((people.slot == slot) & people.female & (people.age < 50))
        rows[people.household[found]] = found
    mother = np.where(women[PARTNER] >= 0, women[PARTNER], women[REFERENCE])[people.household[newborn]]
    mothers.append((mother[mother >= 0], people.birth[newborn][mother >= 0]))
    for rows, birth in mothers:
        carried = (ends[None, :] < birth[:, None]) & (ends[None, :] >= (birth - 274 * DAY)[:, None])
        np.logical_or.at(out, rows, carried)
    return out


def shared_custody(rng: np.random.Generator, people: People) -> Bools:
    """Minors who live half of the time with the other parent: 9 % of those of lone parents, 2 % of the others."""
    lone = ~people.homes.present[:, PARTNER]
    drawn = rng.random(len(people.homes)) < np.where(lone, 0.09, 0.02)
    child = (people.slot >= 2) & (people.slot < 8) & (people.age < 18)
    return np.asarray(drawn[people.household] & child, dtype=np.bool_)


def situation_columns(
    rng: np.random.Generator, people: People, calendar: Calendar, bond: Bond, permit: Days
) -> dict[str, Texts | Days | Bools]:
    """Columns of situation.parquet that say what partners know of each person, in their codes."""
    n = len(people)
    term = np.full(n, NO_DAY)
    child = np.flatnonzero(people.expected)
    term[people.mother[child]] = people.birth[child]
    codes = np.array([_ACTIVITY_CODE[State(code)] for code in range(len(State))], dtype=object)
    homeless = (people.tenure == SANS_DOMICILE) & people.adult
    domiciled = homeless & (rng.random(len(people.homes))[people.household] < 0.64)
    begin = calendar.last_day - rng.integers(1, 400, len(people.homes))[people.household].astype("timedelta64[D]")
    doctor = rng.random(n) < np.where(people.age < 30, 0.82, np.where(homeless, 0.45, 0.91))
    modest = np.isin(people.state, (State.CHOMAGE_SANS, State.CHOMAGE_FINI, State.HANDICAP_80)) | homeless
    fragile = np.zeros(len(people.homes), dtype=np.bool_)
    fragile[people.household[modest]] = True
    followed = (rng.random(len(people.homes)) < np.where(fragile, 0.3, 0.03))[people.household]
    attached = people.adult & (people.foyer != people.key) & ~people.partnered & (people.slot != 9)
    return {
        "activite": np.where((people.state == State.ENFANT) & (people.age >= 16), "ETU", codes[people.state]),
        "situation_familiale": np.where(people.age < 16, NOTHING, bond.code),
        "date_situation_familiale": np.where(people.age < 16, NO_DAY, bond.since),
        "titre_sejour_depuis": permit,
        "nationalite": np.array(["FR", "UE", "HUE"], dtype=object)[people.foreign],
        "date_deces": np.full(n, NO_DAY),
        "grossesse_terme": term,
        "domicilie": np.where(homeless, np.where(domiciled, "O", "N"), NOTHING),
        "domiciliation_debut": np.where(domiciled, begin, NO_DAY),
        "domiciliation_fin": np.where(domiciled, begin + 365 * DAY, NO_DAY),
        "suivi_social": np.where(followed, "O", "N"),
        "medecin_traitant": np.where(people.age < 16, NOTHING, np.where(doctor, "O", "N")),
        "rattache_fiscalement": np.asarray(attached, dtype=np.bool_),
        "enfant_a_naitre": people.expected,
    }
