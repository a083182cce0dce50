"""The sheets of rights: complete, graded, and a wrong file is refused by its name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allervers.engine.law import Law
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights import registries
from allervers.rights.catalogue import catalogue, sheet_text
from allervers.rights.facts import Sheet
from allervers.rights.sheet_reading import read_sheet, refuse_circles
from allervers.rights.sheets import rights_with, sheet, sheets

FOLDER = Path(registries.__file__).parent / "catalogue"
SENTENCES = range(2, 5)
SHORT = """
[sheet]
description = "Une phrase. Deux phrases."
themes = ["logement"]
publics = ["parents"]
decides = ["caf"]
conditions = [{ text = "Avoir un logement", checked_by_person = true }]
channels = [{ kind = "online", at = "caf.fr", level = 5 }]
sources = ["texte lu"]
"""


def test_at_least_sixty_rights_are_described() -> None:
    assert len(sheets()) == len(catalogue()) >= 60


@pytest.mark.parametrize("entry", sheets().values(), ids=lambda entry: entry.right)
def test_a_sheet_is_complete(entry: Sheet) -> None:
    assert entry.description.count(". ") + 1 in SENTENCES
    assert entry.description.endswith(".")
    assert "\n" not in entry.description
    assert entry.themes
    assert entry.publics
    assert entry.decides
    assert entry.conditions
    assert entry.sources
    assert entry.amount or entry.confidence_of("amount").to_confirm
    nothing_to_ask = catalogue()[entry.right].mode != "querable" or entry.force == "ended"
    assert entry.channels or nothing_to_ask or entry.confidence_of("channels").to_confirm
    assert entry.renewal_lead_days is None or catalogue()[entry.right].renewal_lead_days is None
    assert entry.lead_days is None or 0 < entry.lead_days <= 365


def test_what_is_described_and_neither_computed_nor_received_is_not_followed() -> None:
    followed = {right.id for right in catalogue().values() if right.is_followed}
    assert {"rsa", "amethyste", "cmg", "aeeh"} <= followed
    assert not {"dalo", "fsl_acces", "puma", "aides_ccas"} & followed
    assert all(right.renewal_lead_days is None for right in catalogue().values() if not right.is_followed)


@pytest.mark.parametrize("name", ["institutions", "documents", "situations", "life_events", "themes", "publics"])
def test_no_entry_of_a_list_is_useless(name: str) -> None:
    used = {
        "institutions": {i for s in sheets().values() for i in (*s.decides, *s.pays)}
        | {holder for document in registries.documents().values() for holder in document.held_by},
        "documents": {d for s in sheets().values() for names in s.documents.values() for d in names},
        "situations": {
            n for s in sheets().values() for n in (*s.documents, *(r.when for r in (*s.requires, *s.opens)))
        },
        "life_events": {e for s in sheets().values() for e in s.life_events},
        "themes": {t for s in sheets().values() for t in s.themes},
        "publics": {p for s in sheets().values() for p in s.publics},
    }
    assert set(getattr(registries, name)()) == used[name]


@pytest.mark.law
@pytest.mark.parametrize("entry", sheets().values(), ids=lambda entry: entry.right)
def test_variables_exist_in_openfisca(entry: Sheet, openfisca: Law) -> None:
    for name in {*entry.openfisca, *(c.variable for c in entry.conditions if c.variable)}:
        assert openfisca.variable(name) is not None


def test_confidence_of_a_field() -> None:
    rsa = sheet("rsa")
    assert rsa.confidence_of("duration").grade == "A"
    assert rsa.confidence_of("conditions").grade == "B"
    assert rsa.confidence_of("reference").note == "Presse et décret dérogatoire"
    assert sheet("ame").confidence_of("begins").to_confirm
    assert "begins" in sheet("ame").to_confirm
    assert "core" in sheet("are").to_confirm
    assert sheet("cf").to_confirm == ()


def test_rights_of_a_life_event_a_theme_a_public() -> None:
    assert {"pension_reversion", "allocation_veuvage", "asf"} <= set(rights_with(life_event="deces_conjoint"))
    assert set(rights_with(theme="justice", public="faibles_ressources")) == {"aide_juridictionnelle"}
    assert "adaje" not in rights_with(public="parents")
    assert len(rights_with()) == len(catalogue()) - 1
    with pytest.raises(NotFound, match="Événement de vie inconnu : « fete »"):
        rights_with(life_event="fete")


def test_level_is_the_highest_of_the_channels() -> None:
    assert sheet("rsa").level == 5
    assert sheet("cej").level == 1
    assert sheet("prime_noel").level == 0


def test_an_unknown_fact_is_absent() -> None:
    assert sheet("dalo").non_take_up is None
    assert sheet("rsa").holds_from is None
    assert sheet("aspa").holds_from == date(2023, 9, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (SHORT.replace("themes", "thèmes"), r"x\.toml : la partie \[sheet\] ne se lit pas"),
        (SHORT.replace("[sheet]", "[fiche]"), r"x\.toml : la partie \[sheet\] ne se lit pas"),
        (SHORT + 'colour = "bleu"\n', r"x\.toml : clé inconnue « colour » dans \[sheet\]"),
        (SHORT.replace("description", "warnings = []\n# "), r"x\.toml : la partie \[sheet\] est incomplète"),
        (SHORT.replace('"logement"', '"logment"'), "thème inconnu « logment »"),
        (SHORT.replace('"parents"', '"parent"'), "public inconnu « parent »"),
        (SHORT.replace('"caf"', '"cafe"'), "institution inconnue « cafe »"),
        (SHORT.replace("level = 5", "level = 6"), "« level » vaut « 6 » ; valeurs possibles : 1, 2, 3, 4, 5"),
        (SHORT.replace('"online"', '"fax"'), "« kind » vaut « fax »"),
        (SHORT.replace(", level = 5", ""), "« channels » est incomplet"),
        (SHORT.replace(", checked_by_person = true", ""), "soit « variable », soit « checked_by_person = true »"),
        (SHORT.replace("checked_by", 'variable = "age", checked_by'), "soit « variable »"),
        (SHORT + 'life_events = ["fete"]\n', "événement de vie inconnu « fete »"),
        (SHORT + 'linked = ["y"]\n', "droit inconnu « y »"),
        (SHORT + 'linked = ["x"]\n', "renvoie à lui-même"),
        (SHORT + 'requires = [{ any_of = ["z"] }]\n', "droit inconnu « z »"),
        (SHORT + 'history = [{ on = "2026-03-01", what = "Loi" }]\n', "« on » est une date, sans guillemets"),
        (SHORT + '[sheet.documents]\ntous = ["passeport"]\n', "pièce inconnue « passeport »"),
        (SHORT + '[sheet.documents]\nriche = ["rib"]\n', "situation inconnue « riche »"),
        (SHORT + '[sheet.confidence]\nprix = { grade = "C" }\n', "champ inconnu dans confidence « prix »"),
        (SHORT + '[sheet.confidence]\namount = { grade = "D" }\n', "« grade » vaut « D »"),
    ],
)  # fmt: skip
def test_a_wrong_sheet_is_refused_and_named(wrong: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        read_sheet("x", wrong, {"x", "rsa"})
    assert "x.toml" in caught.value.message


def test_a_short_sheet_is_read() -> None:
    found = read_sheet("x", SHORT, {"x"})
    assert found.amount is None
    assert found.conditions[0].checked_by_person
    assert found.history == ()


def test_rights_that_wait_for_each_other_are_refused() -> None:
    first = read_sheet("rsa", SHORT + 'requires = [{ any_of = ["ppa"] }]\n', set(catalogue()))
    second = read_sheet("ppa", SHORT + 'requires = [{ any_of = ["rsa"] }]\n', set(catalogue()))
    with pytest.raises(InvalidInput, match=r"s'attendent en cercle \((rsa → ppa → rsa|ppa → rsa → ppa)\)"):
        refuse_circles({"rsa": first, "ppa": second}, catalogue())


def test_a_wrong_list_is_refused_and_named() -> None:
    with pytest.raises(InvalidInput, match=r"themes\.toml : « a » : clé inconnue « what »"):
        registries.read_registry("themes", '[a]\nlabel = "A"\nwhat = "?"\n', registries.Heading)
    with pytest.raises(InvalidInput, match=r"themes\.toml : « a » est incomplet"):
        registries.read_registry("themes", "[a]\n", registries.Heading)


def test_loading_the_catalogue_reads_no_sheet() -> None:
    assert all("[sheet]" in path.read_text("utf-8") for path in FOLDER.glob("*.toml"))
    assert sheet_text("rsa").startswith("[sheet]\n")
