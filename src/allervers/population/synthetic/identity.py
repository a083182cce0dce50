"""Names, NIR and addresses of synthetic persons: everything that linkage between partners will have to face.

NIR: sex, year, month, place of birth (département and commune, 99 and country when abroad), order, key of two digits:
97 - number modulo 97, Corsica's 2A and 2B read as 19 and 18 (Insee, décret 82-103).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allervers.population.synthetic.margins import DepartementMargins
from allervers.population.synthetic.names import ORIGINS, lists_of_names
from allervers.population.synthetic.people import People
from allervers.population.synthetic.shapes import (
    NOTHING,
    PARTNER,
    REFERENCE,
    SANS_DOMICILE,
    SLOTS,
    Hosting,
    Ints,
    Union,
)

Texts = npt.NDArray[np.object_]

ORDERS_A_BLOCK = 6
"""Order numbers of the NIR that each block of households may use, so that persons share a NIR very rarely:
999 orders serve 166 blocks, 664,000 households."""

_BORN_HERE, _BORN_ELSEWHERE = 0.45, 0.53
_DEPARTEMENTS = ("75", "77", "78", "91", "92", "94", "95", "59", "13", "69", "31", "33", "35", "67", "76", "62", "974")


def identity_columns(
    rng: np.random.Generator,
    people: People,
    country: Texts,
    commune: Ints,
    margins: DepartementMargins,
    block: int,
    first_order: int = 0,
) -> dict[str, Texts]:
    """Columns of identity.parquet but the id and the date of birth. `commune`: index of each household's commune.

    block: number of the block, for the order numbers. first_order: first of the block's order numbers to use.
    """
    place, code = _birth_places(rng, people, country, margins)
    family, usage = _family_names(rng, people)
    homeless = people.tenure == SANS_DOMICILE
    insee = np.array([c.code_insee for c in margins.communes], dtype=object)[commune]
    postal = _postal_codes(rng, margins, commune)
    streets = lists_of_names().streets
    street = rng.integers(0, len(streets), len(people.homes))
    number = rng.integers(1, 180, len(people.homes))
    address = np.array([f"{n} {streets[s]}" for n, s in zip(number, street, strict=True)], dtype=object)
    dwelling = np.array([f"{c}{block:04d}{row:05d}" for row, c in enumerate(insee)], dtype=object)
    home = people.household
    return {
        "nir": _nirs(people, place, code, block * ORDERS_A_BLOCK + first_order),
        "nom_naissance": family,
        "nom_usage": usage,
        "prenoms": _first_names(rng, people),
        "sexe": np.where(people.expected, NOTHING, np.where(people.female, "2", "1")),
        "commune_naissance": np.where(people.expected, NOTHING, place + code),
        "adresse": np.where(homeless, NOTHING, address[home]),
        "code_postal": postal[home],
        "code_insee": insee[home],
        "identifiant_logement": np.where(homeless, NOTHING, dwelling[home]),
    }


def _postal_codes(rng: np.random.Generator, margins: DepartementMargins, commune: Ints) -> Texts:
    u = rng.random(len(commune))
    out = np.empty(len(commune), dtype=object)
    for c in np.unique(commune):
        codes = margins.communes[c].postal_codes or (None,)
        rows = np.flatnonzero(commune == c)
        out[rows] = np.array(codes, dtype=object)[(u[rows] * len(codes)).astype(int)]
    return out


def _birth_places(
    rng: np.random.Generator, people: People, country: Texts, margins: DepartementMargins
) -> tuple[Texts, Texts]:
    """Département (two characters, 99 abroad) and commune or country (three digits) of birth."""
    n = len(people)
    here = np.array([c.code_insee for c in margins.communes], dtype=object)[rng.integers(0, len(margins.communes), n)]
    other = np.array(_DEPARTEMENTS, dtype=object)[rng.integers(0, len(_DEPARTEMENTS), n)]
    other = np.where(rng.random(n) < 0.012, np.array(("2A", "2B"), dtype=object)[rng.integers(0, 2, n)], other)
    number = rng.integers(1, 360, n)
    elsewhere = np.array([d + f"{c:03d}"[len(d) - 2 :] for d, c in zip(other, number, strict=True)], dtype=object)
    text = np.where((rng.random(n) < _BORN_HERE / (_BORN_HERE + _BORN_ELSEWHERE)) | ~people.adult, here, elsewhere)
    u = rng.random(n)
    abroad = people.adult & np.where(people.foreign > 0, u < 0.92, (people.origin > 0) & (people.age >= 28) & (u < 0.4))
    lands = np.array(["352", "352", "335", "139", "208", "216"], dtype=object)[people.origin]
    countries = lists_of_names().countries
    named = np.array([countries[c] for c in country], dtype=object)
    text = np.where(abroad, "99" + np.where(country == "FR", lands, named), text)
    return np.array([t[:2] for t in text], dtype=object), np.array([t[2:] for t in text], dtype=object)


def _nirs(people: People, place: Texts, code: Texts, first_order: int) -> Texts:
    """Valid NIR, one for each person who is born; the order number grows inside a block, blocks use apart ranges."""
    n = len(people)
    year = (people.birth.astype("datetime64[Y]").astype(int) + 1970) % 100
    month = people.birth.astype("datetime64[M]").astype(int) % 12 + 1
    sex = np.where(people.female, 2, 1)
    heads = np.array(
        [f"{s}{y:02d}{m:02d}{p}{c}" for s, y, m, p, c in zip(sex, year, month, place, code, strict=True)],
        dtype=object,
    )
    _, inverse = np.unique(heads.astype(str), return_inverse=True)
    by_head = np.argsort(inverse, kind="stable")
    same = inverse[by_head]
    firsts = np.searchsorted(same, same)
    rank = np.empty(n, dtype=np.int64)
    rank[by_head] = np.arange(n) - firsts
    order = 1 + (first_order + rank) % 999
    out = np.empty(n, dtype=object)
    for i, (head, number) in enumerate(zip(heads, order, strict=True)):
        thirteen = f"{head}{number:03d}"
        out[i] = thirteen + nir_key(thirteen)
    out[people.expected] = None
    return out


def nir_key(thirteen: str) -> str:
    """Two-digit key of the first thirteen characters of a NIR (upper case)."""
    return f"{97 - int(thirteen.replace('2A', '19').replace('2B', '18')) % 97:02d}"


def _family_names(rng: np.random.Generator, people: People) -> tuple[Texts, Texts]:
    """Birth names and usage names: children bear a parent's, most married women also use their husband's."""
    homes, family = people.homes, lists_of_names().family
    shape = (len(homes), SLOTS)
    drawn = np.empty(shape, dtype=object)
    u = rng.random(shape)
    mixed = rng.random(shape) < 0.12
    for origin, label in enumerate(ORIGINS):
        rows = homes.origin == origin
        names = np.array(family[label], dtype=object)
        drawn[rows] = names[(u[rows] * len(names)).astype(int)]
    french = np.array(family["france"], dtype=object)
    drawn = np.where(mixed, french[(u * len(french)).astype(int)], drawn)
    head, partner = drawn[:, REFERENCE].copy(), drawn[:, PARTNER].copy()
    father_is_partner = homes.present[:, PARTNER] & homes.female[:, REFERENCE]
    father = np.where(father_is_partner, partner, head)
    both = np.array([f"{a}-{b}" for a, b in zip(head, partner, strict=True)], dtype=object)
    child = np.where((rng.random(len(homes)) < 0.07) & homes.present[:, PARTNER], both, father)
    drawn[:, 2:8] = child[:, None]
    kin = np.isin(homes.hosting, (Hosting.ENFANT_PARENT, Hosting.ASCENDANT, Hosting.FRATRIE))
    drawn[:, 8] = np.where(kin & ((rng.random(len(homes)) < 0.7) | ~homes.female[:, 8]), head, drawn[:, 8])
    drawn[:, 10:12] = np.where(homes.hosting == Hosting.FAMILLE, drawn[:, 9], drawn[:, 8])[:, None]
    drawn[:, 12] = child
    usage = np.full(shape, None, dtype=object)
    takes = (homes.union == Union.MARIAGE) & (rng.random(len(homes)) < 0.65)
    for wife, husband in ((REFERENCE, partner), (PARTNER, head)):
        spouse = takes & homes.female[:, wife] & ~homes.female[:, 1 - wife]
        usage[:, wife] = np.where(spouse, husband, NOTHING)
    return drawn[people.household, people.slot], usage[people.household, people.slot]


def _first_names(rng: np.random.Generator, people: People) -> Texts:
    """One to three first names of the list of each person."""
    n, first_names = len(people), (lists_of_names().men, lists_of_names().women)
    out = np.empty(n, dtype=object)
    u, second, third = rng.random(n), rng.random(n), rng.random(n)
    count = rng.choice([1, 2, 3], n, p=[0.55, 0.3, 0.15])
    for origin, label in enumerate(ORIGINS):
        for sex in (0, 1):
            rows = np.flatnonzero((people.origin == origin) & (people.female == bool(sex)))
            names = np.array(first_names[sex][label], dtype=object)
            size = len(names)
            first = ((u[rows] * size).astype(int) + 7 * people.slot[rows]) % size
            others = [(first + 1 + (v[rows] * (size - 1)).astype(int)) % size for v in (second, third)]
            text = names[first]
            text = np.where(count[rows] >= 2, text + " " + names[others[0]], text)
            text = np.where((count[rows] == 3) & (others[1] != others[0]), text + " " + names[others[1]], text)
            out[rows] = text
    out[people.expected] = None
    return out
