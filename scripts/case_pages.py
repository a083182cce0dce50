"""Writes docs/cas: the written cases of tests/spec/cas as French pages. `--check` says what is out of date.

Usage: python scripts/case_pages.py [--check]
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from allervers.rights.catalogue import catalogue
from allervers.rights.corrections import Correction, register
from allervers.rights.openers import Opener, openers

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "spec" / "cas"
PAGES = ROOT / "docs" / "cas"
MONTH = "2026-11"
"""Month of a case that says none."""

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
RULE_ONLY = "(règle, non montant)"
"""How a source ends that confirms a rule and no amount."""

TRUST = {"A": "texte relu", "C": "à confirmer, ne pas imprimer sur un courrier"}
"""Grades that a page says; B, the usual one, is said once on the index."""

VERDICTS = {
    "inconnu": "inconnu",
    "a_verifier": "à vérifier par une personne",
    "non_calcule": "non calculé par AllerVers",
}
"""What an expectation says in place of an amount."""


@dataclass(frozen=True)
class Expected:
    """What a right must give in a case, worked by hand. Exactly one of `montant` and `verdict` is set."""

    droit: str
    raison: str
    article: str
    depuis: date
    montant: float | None = None
    verdict: str | None = None
    calcul: str = ""
    personne: int = 1
    source: str = ""
    """Where the amount or the table is published; empty: worked by hand from the scale, nothing outside."""
    confiance: str = "B"
    """A: the text was read again; B: reliable secondary source; C: to be confirmed."""
    openfisca: float | None = None
    """What OpenFisca-France unmodified answers where it differs and the register of corrections mends it."""
    moteur: float | None = None
    """What our engine answers where it differs from the law: a known difference, never hidden."""
    ecart: str = ""
    """The entry of the register that mends the difference, or, with `moteur`, what is wrong, in French."""
    registre: str = ""
    question: str = ""
    fait: str = ""
    """With the verdict « à vérifier »: the fact (rights.openers) that no input holds and on which the right hangs."""
    si_oui: float | None = None
    """What the right gives when that fact holds."""

    @property
    def opener(self) -> Opener | None:
        """The fact that the expectation names."""
        return next((one for one in openers() if one.id == self.fait), None)

    @property
    def output(self) -> str:
        """The variable of the law that carries the right."""
        right = catalogue().get(self.droit)
        return right.computation.output if right is not None and right.computation is not None else self.droit

    @property
    def correction(self) -> Correction | None:
        """The entry of the register of corrections that the expectation names."""
        named = self.registre or self.ecart
        return next((entry for entry in register() if entry.id == named), None)


@dataclass(frozen=True)
class Case:
    """A household in a few words, and what it is entitled to."""

    id: str
    titre: str
    situation: str
    personnes: Sequence[Mapping[str, Any]]
    attendu: Sequence[Expected]
    mois: str = MONTH
    menage: Mapping[str, Any] = field(default_factory=dict)
    famille: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """What the case is checked against, outside the project."""
        return list(dict.fromkeys(expected.source for expected in self.attendu if expected.source))


@dataclass(frozen=True)
class Theme:
    """One file of cases, one page."""

    name: str
    titre: str
    presentation: str
    cas: Sequence[Case]


@cache
def read_themes() -> tuple[Theme, ...]:
    """Every file of cases, in the order of their names."""
    return tuple(_theme(path) for path in sorted(CASES.glob("*.toml")))


def _theme(path: Path) -> Theme:
    data = tomllib.loads(path.read_text("utf-8"))
    cases = tuple(Case(**(case | {"attendu": tuple(Expected(**e) for e in case["attendu"])})) for case in data["cas"])
    return Theme(path.stem.split("_", 1)[1], data["titre"], data["presentation"], cases)


def euros(amount: float) -> str:
    """An amount in French: 1 043,60 €; whole amounts without cents."""
    text = f"{amount:,.2f}".replace(",", " ").replace(".", ",").removesuffix(",00")
    return f"{text} €"


def day(on: date) -> str:
    """A date in French."""
    return f"{'1er' if on.day == 1 else on.day} {MONTHS[on.month - 1]} {on.year}"


def month(name: str) -> str:
    """A month in French: novembre 2026."""
    return f"{MONTHS[int(name[5:]) - 1]} {name[:4]}"


def outcome(expected: Expected) -> str:
    """What the right gives, as a lawyer reads it."""
    if expected.montant is None:
        return VERDICTS[str(expected.verdict)]
    if expected.droit == "css_sans_participation":
        return "ouverte, gratuite" if expected.montant else "pas gratuite"
    if not expected.montant:
        return "pas de droit"
    return euros(expected.montant) + (" par mois" if expected.output not in {"ars", "paje_naissance"} else "")


def label(right: str) -> str:
    """The name of a right in the catalogue."""
    return catalogue()[right].label


def _expected_lines(expected: Expected, several: bool) -> list[str]:
    whose = f" (personne {expected.personne})" if several and expected.personne > 1 else ""
    lines = [f"- **{label(expected.droit)}{whose} : {outcome(expected)}**"]
    lines += [f"  - Calcul : {expected.calcul}."] if expected.calcul else []
    lines.append(f"  - Raison : {expected.raison}")
    lines.append(f"  - Texte : {expected.article} ; règle ou barème du {day(expected.depuis)}.")
    if expected.montant is not None:
        lines.append(f"  - Vérifié auprès de : {expected.source or 'rien au-dehors, calculé à la main sur le barème'}.")
    if expected.confiance in TRUST:
        lines.append(f"  - Confiance : {expected.confiance} ({TRUST[expected.confiance]}).")
    asked = expected.correction or expected.opener
    question = expected.question or (asked.question if asked else "")
    if expected.montant is None and question:
        lines.append(f"  - Se règle par la question : {question}")
    if expected.moteur is not None:
        lines.append(f"  - **Écart connu** : le moteur répond {euros(expected.moteur)}. {expected.ecart}")
    elif expected.openfisca is not None:
        found = expected.correction
        why = found.ours if found else expected.ecart
        lines.append(f"  - OpenFisca-France seul répond {euros(expected.openfisca)} ; corrigé : {why}")
    return lines


def page_of(theme: Theme) -> str:
    """The page of a theme."""
    lines = [f"# {theme.titre}", "", theme.presentation, "", "[Tous les thèmes](README.md)", ""]
    for case in theme.cas:
        lines += [f"## {case.titre}", "", f"`{case.id}`, {month(case.mois)}. {case.situation}", ""]
        for expected in case.attendu:
            lines += _expected_lines(expected, len(case.personnes) > 1)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _differences(themes: Sequence[Theme]) -> list[str]:
    return [
        f"- [{case.titre}]({theme.name}.md), {label(expected.droit)} : la loi : {outcome(expected)} ; le moteur :"
        f" {euros(expected.moteur)}. {expected.ecart}"
        for theme in themes
        for case in theme.cas
        for expected in case.attendu
        if expected.moteur is not None
    ]


INTRODUCTION = """\
# La loi en cas écrits

{cases} situations, chacune avec ce qu'elle ouvre, le calcul fait à la main sur le barème publié, la raison,
l'article et la date. Elles se relisent sans savoir programmer, et se rejouent à chaque changement du moteur : un
montant qui ne tombe plus juste fait échouer les tests (`tests/spec/test_loi.py`), sur notre moteur et sur
OpenFisca-France.

Les prestations sont données avant CRDS, sauf les aides au logement. Les revenus sont nets, par mois, réguliers,
sauf mention. Le mois calculé est {month}, sauf mention. Les personnes sont inventées. La date à côté du texte est
celle de la règle, ou du barème dont vient le montant.

Confiance B sauf mention : les articles et les montants viennent des références de la loi codée, du catalogue et de
sources secondaires, et n'ont pas été relus sur Légifrance. « [à confirmer] » marque un numéro d'article douteux.

Ces pages sont écrites par `python scripts/case_pages.py` à partir de `tests/spec/cas/` : on corrige le cas, pas la
page.

| thème | cas | vérifiés au-dehors |
|---|---|---|
{table}

## Vérifiés auprès d'une source extérieure : {checked} cas sur {cases}
Une source extérieure est un barème, un exemple chiffré, un texte ou une décision publiés par d'autres. Elle porte
parfois sur une seule étape (un plafond, un montant avant déduction) : elle le dit. Pour {rules} de ces cas, elle ne
confirme que la règle, pas le montant ; {own_tests} ne sont vérifiés qu'auprès des tests d'OpenFisca-France, dont
vient aussi la loi codée. Ce sont souvent des reprises : le texte officiel reste à relire. Les autres cas ne
reposent que sur le calcul à la main, à partir des montants des décrets que la loi codée cite.

{sources}

## Écarts connus entre le moteur et la loi : {differences}
Le montant attendu est celui de la loi ; l'écart est dit tant que le moteur ne le donne pas.

{listed}
"""


def index_of(themes: Sequence[Theme]) -> str:
    """The first page: how to read the cases, their themes, what is checked outside, the known differences."""
    checked = [(theme, case) for theme in themes for case in theme.cas if case.sources]
    differences = _differences(themes)
    rows = [(theme, sum(bool(case.sources) for case in theme.cas)) for theme in themes]
    return INTRODUCTION.format(
        cases=sum(len(theme.cas) for theme in themes),
        month=month(MONTH),
        table="\n".join(f"| [{theme.titre}]({theme.name}.md) | {len(theme.cas)} | {count} |" for theme, count in rows),
        checked=len(checked),
        rules=sum(all(source.endswith(RULE_ONLY) for source in case.sources) for _, case in checked),
        own_tests=sum(all("OpenFisca" in source for source in case.sources) for _, case in checked),
        sources="\n".join(
            f"- [{case.titre}]({theme.name}.md) : {' ; '.join(case.sources)}." for theme, case in checked
        ),
        differences=len(differences),
        listed="\n".join(differences),
    )


def pages() -> dict[str, str]:
    """Every page by name of file."""
    themes = read_themes()
    return {"README.md": index_of(themes), **{f"{theme.name}.md": page_of(theme) for theme in themes}}


def out_of_date(folder: Path) -> list[str]:
    """Names of the pages of a folder that are missing, stale or of no theme."""
    wanted = pages()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the pages, or checks them. Exit status 1 when `--check` finds a page out of date."""
    parser = argparse.ArgumentParser(description="Pages des cas écrits.")
    parser.add_argument("--check", action="store_true", help="ne rien écrire, dire les pages à refaire")
    if parser.parse_args(arguments).check:
        stale = out_of_date(PAGES)
        print("\n".join(f"à refaire : docs/cas/{name}" for name in stale) or "docs/cas est à jour.")
        return 1 if stale else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in out_of_date(PAGES):
        if name in pages():
            (PAGES / name).write_text(pages()[name], "utf-8")
        else:
            (PAGES / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
