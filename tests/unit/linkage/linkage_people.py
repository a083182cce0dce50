"""Synthetic people as two partners write them, with the usual errors and the truth of who is who. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
from stdnum.fr.nir import calc_check_digits


def _words(text: str) -> list[str]:
    return text.split()


NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SURNAMES = _words("""
    Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David
    Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert François Legrand Garnier Faure Diallo
    Traoré Coulibaly Camara Cissé Sissoko N'Diaye Ba Sow Keïta Touré Konaté Benali Benamar Haddad Bouzid Mansouri
    Saïdi Khelifi Nguyen Tran Singh Kaur Ahmed Hussain Yılmaz Demir Kaya Popescu Ionescu Silva Ferreira Pereira
    Santos Gomes
""")
PARTICLED = ("Ben Amar", "El Amrani", "de la Tour", "Le Goff", "d'Almeida", "Ben Salah", "El Khattabi", "da Silva")
MEN = _words("""
    Jean Pierre Michel Mohamed Ahmed Ali Mamadou Ibrahima Moussa Karim Youssef Mehdi Nicolas Julien Thomas
    Alexandre Antoine David Daniel Éric Stéphane Sébastien Bakary Amadou Cheikh Rachid Omar Samir Bilal Hugo Lucas
    Enzo Adam Rayan Ismaël Jean-Pierre Jean-Luc Marc-Antoine Mohamed-Amine Ousmane Abdoulaye Vijay Quang Emre Ion
    João
""")
WOMEN = _words("""
    Marie Anne Catherine Isabelle Nathalie Sophie Fatima Fatoumata Aïcha Aminata Mariam Awa Kadiatou Khadija Leïla
    Samira Nadia Yasmine Inès Sarah Léa Emma Chloé Camille Julie Émilie Céline Sandrine Valérie Hélène Élodie
    Marie-Claire Anne-Sophie Marie-Thérèse Fatou-Bintou Lina Salomé Hawa Oumou Thi Elif Ioana Maria
""")
COMMUNES = [f"93{code:03d}" for code in (1, 5, 6, 7, 8, 10, 13, 14, 27, 29, 31, 39, 45, 46, 47, 48, 50, 51, 53, 55, 66)]
SYLLABLES = _words("""
    ba be bi bo ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to va ve vi
""")


@dataclass(frozen=True)
class Someone:
    truth: int
    nir: str
    nom_naissance: str
    nom_usage: str | None
    prenoms: str
    date_naissance: date
    sexe: str
    commune_naissance: str
    code_insee: str


def make_nir(rng: random.Random, born: date, sexe: str) -> str:
    thirteen = f"{sexe}{born:%y%m}93{rng.randrange(1, 90):03d}{rng.randrange(1, 999):03d}"
    return thirteen + calc_check_digits(thirteen)


def person(rng: random.Random, truth: int) -> Someone:
    sexe = rng.choice("12")
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(65 * 365))
    if rng.random() < 0.04:
        born = born.replace(month=1, day=1)
    kind = rng.random()
    rare = "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((3, 4)))).capitalize()
    nom = rng.choice(SURNAMES) if kind < 0.5 else rng.choice(PARTICLED) if kind < 0.58 else rare
    first = MEN if sexe == "1" else WOMEN
    prenoms = " ".join(rng.sample(first, k=rng.choice((1, 1, 2, 3))))
    usage = rng.choice(SURNAMES) if sexe == "2" and rng.random() < 0.35 else None
    birthplace = rng.choice((*COMMUNES, "75112", "99352", "99335", "99139"))
    return Someone(truth, make_nir(rng, born, sexe), nom, usage, prenoms, born, sexe, birthplace, rng.choice(COMMUNES))


def typo(rng: random.Random, text: str) -> str:
    at = rng.randrange(1, len(text)) if len(text) > 1 else 0
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice("aeioulnrst") + text[at + 1 :]


def with_errors(rng: random.Random, who: Someone) -> Someone:
    """The same person in another partner's file: each error has its own small probability."""

    def happens(share: float) -> bool:
        return rng.random() < share

    if happens(0.10):
        who = replace(who, nom_naissance=who.nom_naissance.upper().replace("'", " ").replace("-", " "))
    if happens(0.15):
        who = replace(who, prenoms=who.prenoms.split()[0])
    if who.nom_usage and happens(0.3):
        who = replace(who, nom_naissance=who.nom_usage, nom_usage=None)
    if who.nom_usage and happens(0.2):
        who = replace(who, nom_usage=None)
    if " " in who.nom_naissance and happens(0.3):
        who = replace(who, nom_naissance=who.nom_naissance.split()[-1])
    if happens(0.02):
        who = replace(who, nom_naissance=who.prenoms, prenoms=who.nom_naissance)
    if happens(0.03):
        who = replace(who, nom_naissance=typo(rng, who.nom_naissance))
    if happens(0.02):
        who = replace(who, prenoms=typo(rng, who.prenoms))
    if happens(0.01):
        who = replace(who, prenoms=who.prenoms[0] + ".")
    return _with_wrong_date(rng, _moved(rng, who))


def _moved(rng: random.Random, who: Someone) -> Someone:
    return replace(who, code_insee=rng.choice(COMMUNES)) if rng.random() < 0.08 else who


def _with_wrong_date(rng: random.Random, who: Someone) -> Someone:
    born, kind = who.date_naissance, rng.random()
    if kind < 0.01 and born.day <= 12:
        born = date(born.year, born.day, born.month)
    elif kind < 0.025:
        born = born.replace(year=born.year + rng.choice((-1, 1, -10, 10)), day=min(born.day, 28))
    elif kind < 0.03:
        born = born.replace(month=1, day=1)
    return replace(who, date_naissance=born)


def frame(people: list[Someone], prefix: str, *, nir: bool) -> pl.DataFrame:
    """Columns of Vault.person_keys; `person_number` is the prefix and the truth."""
    rows = [
        (f"{prefix}{p.truth}", p.nir if nir else None, p.nom_naissance, p.nom_usage, p.prenoms, p.date_naissance,
         p.sexe, p.commune_naissance, p.code_insee)
        for p in people
    ]  # fmt: skip
    names = ["person_number", "nir", "nom_naissance", "nom_usage", "prenoms", "date_naissance", "sexe",
             "commune_naissance", "code_insee"]  # fmt: skip
    schema = dict.fromkeys(names, pl.String) | {"date_naissance": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def two_partners(seed: int, persons: int) -> tuple[list[Someone], list[Someone]]:
    """A clean file and one with errors, three persons in five in both; one birth in forty is of twins."""
    rng = random.Random(seed)
    people = []
    for truth in range(persons):
        who = person(rng, truth)
        if people and rng.random() < 0.025:
            twin = people[-1]
            others = [name for name in (MEN if who.sexe == "1" else WOMEN) if name not in twin.prenoms]
            who = replace(
                who,
                prenoms=rng.choice(others),
                nom_naissance=twin.nom_naissance,
                date_naissance=twin.date_naissance,
                code_insee=twin.code_insee,
                commune_naissance=twin.commune_naissance,
                nir=make_nir(rng, twin.date_naissance, who.sexe),
            )
        people.append(who)
    first = [who for who in people if who.truth % 5 != 0]
    second = [with_errors(rng, who) for who in people if who.truth % 5 != 1]
    return first, second
