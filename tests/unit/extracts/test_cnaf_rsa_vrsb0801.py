"""The Cnaf RSA flow: what is read, what is refused, memory, agreement with the schema when it is at hand."""

import os
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import vrsb0801_samples as samples
from lxml import etree

from allervers.extracts.formats.cnaf_codes import code_list, label_of, resource_nature
from allervers.extracts.formats.cnaf_rsa_vrsb0801 import dossier_number, read_rows
from allervers.extracts.rows import IDENTITIES, CollectedRows
from allervers.extracts.synthetic.cnaf_rsa_vrsb0801 import (
    FlowAddress,
    FlowDossier,
    FlowPerson,
    FlowResource,
    write_flow,
)
from allervers.foundation.errors import InvalidInput
from allervers.foundation.periods import Month
from allervers.population.inputs import INCOMES

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("ALLERVERS_SHARED", ROOT.parent / "shared")) / "data/formats/cnaf_rsa_beneficiaires"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="dossier partagé absent : ALLERVERS_SHARED à définir")


def read(tmp_path: Path, content: bytes, **options: int) -> CollectedRows:
    path = tmp_path / "flux.xml"
    path.write_bytes(content)
    return read_path(path, **options)


def read_path(path: Path, **options: int) -> CollectedRows:
    everything = CollectedRows()
    for _, rows in read_rows(path, **options):
        everything.absorb(rows)
    return everything


def reasons(rows: CollectedRows) -> list[tuple[str, str]]:
    return [(error.column, error.reason_code) for error in rows.errors]


def test_a_payable_dossier(tmp_path: Path) -> None:
    activity = "<Activite><ACT>CHO</ACT><DDACT>2025-01-01</DDACT></Activite>"
    wages = samples.resources(
        samples.month("2026-08-01", ("001", "0000700.10"), ("008", "50")), samples.month("2026-09-01", ("030", "12.5"))
    )
    persons = samples.person(after=wages + activity) + samples.person("ENF", given="SACHA", born="2015-05-05")
    rows = read(tmp_path, samples.flow(samples.dossier(persons=persons, family="ISO", homeless="1")))

    assert rows.errors == []
    tables = rows.table_frames()
    adult, child = tables["personnes"].to_dicts()
    assert (adult["role"], adult["activite"], adult["situation_familiale"]) == ("demandeur", "chomeur", "separe")
    assert adult["situation_familiale_depuis"] == date(2019, 6, 1)
    assert (child["role"], child["situation_familiale"], child["dossier_number"]) == ("enfant", None, "1234567")
    found = {(r["period"], r["nature"]): r["net"] for r in tables["ressources"].to_dicts()}
    assert found == {("2026-08", "salaire"): 750.10, ("2026-09", "cnaf_030"): 12.5}
    (home,) = tables["dossiers"].to_dicts()
    assert (home["code_insee"], home["statut_logement"], home["etat"]) == ("93066", "sans_domicile", "actif")
    (right,) = tables["droits"].to_dicts()
    assert (right["prestation"], right["etat"], right["motif"]) == ("rsa", "accorde", None)
    assert right["debut_on"] == date(2024, 2, 5)
    identity = rows.persons_frame().to_dicts()[0]
    assert (identity["code_postal"], identity["adresse"]) == ("93200", "1 RUE DES ESSAIS")
    assert identity["date_naissance"] == date(1985, 4, 12)


@pytest.mark.parametrize(
    ("situation", "etat", "motif", "signals"),
    [
        (samples.suspended(), "suspendu", "06", [("declaration_manquante", "06")]),
        (samples.suspended("05"), "suspendu", "05", [("suspension_versement", "05")]),
        (
            samples.suspended("44") + samples.suspended()[samples.suspended().index("<Susp") :],
            "suspendu", "06", [("suspension_versement", "44"), ("declaration_manquante", "06")],
        ),
        (
            "<EtatDossierRSA><ETATDOSRSA>3</ETATDOSRSA></EtatDossierRSA><SuspensionDroit><MOTISUSDRORSA>DA"
            "</MOTISUSDRORSA><DDSUSDRORSA>2026-09-01</DDSUSDRORSA></SuspensionDroit>",
            "suspendu", "DA", [("suspension_droit", "DA")],
        ),
        (
            "<EtatDossierRSA><ETATDOSRSA>5</ETATDOSRSA></EtatDossierRSA><FinDroit><MOTICLORSA>ECH</MOTICLORSA>"
            "<DTCLORSA>2026-10-31</DTCLORSA></FinDroit>",
            "fini", "ECH", [],
        ),
        (
            "<EtatDossierRSA><ETATDOSRSA>1</ETATDOSRSA></EtatDossierRSA><Refus><DTREFURSA>2026-10-31</DTREFURSA>"
            "<MOTIREFURSA>F04</MOTIREFURSA></Refus>",
            "refuse", "F04", [],
        ),
        (
            "<EtatDossierRSA><ETATDOSRSA>1</ETATDOSRSA></EtatDossierRSA><Refus><DTREFURSA>2026-10-31</DTREFURSA>"
            "<MOTIREFURSA>DSD</MOTIREFURSA></Refus>",
            "pieces_manquantes", "DSD", [],
        ),
        ("<EtatDossierRSA><ETATDOSRSA>0</ETATDOSRSA></EtatDossierRSA>", "en_attente", None, []),
        ("<EtatDossierRSA><ETATDOSRSA>Z</ETATDOSRSA></EtatDossierRSA>", None, None, []),
    ],
)  # fmt: skip
def test_states_and_motives(
    tmp_path: Path, situation: str, etat: str | None, motif: str | None, signals: list[tuple[str, str]]
) -> None:
    rows = read(tmp_path, samples.flow(samples.dossier(situation=situation)))
    (right,) = rows.tables["droits"]
    assert (right["etat"], right["motif"]) == (etat, motif)
    assert [(s["signal"], s["detail"]) for s in rows.tables.get("signaux", [])] == signals


@pytest.mark.parametrize(("asked", "is_new"), [("2026-11-02", True), ("2026-10-01", True), ("2026-09-30", False)])
def test_a_new_rsa_is_a_signal(tmp_path: Path, asked: str, is_new: bool) -> None:
    rows = read(tmp_path, samples.flow(samples.dossier(asked=asked)))
    assert [s["signal"] for s in rows.tables.get("signaux", [])] == ["nouveau_rsa"] * is_new


def test_declared_without_resources_is_a_known_zero_and_undeclared_is_unknown(tmp_path: Path) -> None:
    declared = samples.dossier(persons=samples.person(after=samples.resources(nil="1")))
    rows = read(tmp_path, samples.flow(declared, samples.dossier("7654321")))
    found = [(r["period"], r["nature"], r["net"]) for r in rows.tables["ressources"]]
    assert found == [(f"2026-{m:02d}", "cnaf_000", 0.0) for m in (8, 9, 10)]


def test_amounts_are_payments_of_the_last_payable_month(tmp_path: Path) -> None:
    part = (
        "<DetailCalculDroitRSA><NATPF>{}</NATPF><SOUSNATPF>RSDN2</SOUSNATPF><DDNATDRO>2024-02-01</DDNATDRO>"
        "<MTRSAVERS>{}</MTRSAVERS><DTDERRSAVERS>2026-10-01</DTDERRSAVERS></DetailCalculDroitRSA>"
    )
    detail = part.format("RSD", "400.10") + part.format("RSI", "100") + part.format("RCD", "7")
    rows = read(tmp_path, samples.flow(samples.dossier(detail=detail)))
    found = [(p["prestation"], p["month"], p["montant"]) for p in rows.tables["paiements"]]
    assert found == [("rsa", "2026-10", 500.10), ("rsa_activite", "2026-10", 7.0)]


def test_no_amount_is_invented_for_a_suspended_dossier(tmp_path: Path) -> None:
    detail = (
        "<DetailCalculDroitRSA><NATPF>RSD</NATPF><SOUSNATPF>RSDN2</SOUSNATPF><DDNATDRO>2024-02-01</DDNATDRO>"
        "<MTRSAVERS>400</MTRSAVERS></DetailCalculDroitRSA>"
    )
    rows = read(tmp_path, samples.flow(samples.dossier(situation=samples.suspended(), detail=detail)))
    assert "paiements" not in rows.tables


def test_partial_births_activities_pregnancies(tmp_path: Path) -> None:
    ended = "<Activite><ACT>SAL</ACT><DDACT>2026-01-01</DDACT><DFACT>2026-10-31</DFACT></Activite>"
    odd = "<Activite><ACT>ZZZ</ACT><DDACT>2026-02-01</DDACT></Activite>"
    pregnant = "<Grossesse><DDGRO>2026-05-31</DDGRO><DTDECLGRO>2026-08-01</DTDECLGRO></Grossesse>"
    persons = samples.person(kind="O", after=ended + pregnant) + samples.person("CJT", given="LOU", after=odd)
    rows = read(tmp_path, samples.flow(samples.dossier(persons=persons)))
    first, second = rows.tables["personnes"]
    assert (first["activite"], second["activite"]) == (None, None)
    assert first["grossesse_terme"] == date(2027, 2, 28)
    assert [(s["signal"], s["detail"]) for s in rows.tables["signaux"]] == [
        ("date_naissance_partielle", "jour_et_mois_inconnus")
    ]


def test_an_unreadable_nir_is_reported_masked_and_the_person_kept(tmp_path: Path) -> None:
    rows = read(tmp_path, samples.flow(samples.dossier(persons=samples.person(nir="2A50466066XYZ"))))
    assert reasons(rows) == [("NIR", "nir_invalide")]
    assert "2A50466066XYZ" not in str(rows.errors)
    assert rows.tables[IDENTITIES][0]["nir"] is None
    assert len(rows.tables["personnes"]) == 1


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (samples.dossier(situation=""), ("EtatDossierRSA", "element_absent")),
        (samples.dossier(situation=samples.ACCORDE.replace("2", "9")), ("ETATDOSRSA", "code_inconnu")),
        (samples.dossier(asked="2024-02-30"), ("DTDEMRSA", "date_invalide")),
        (samples.dossier(asked="05/02/2024"), ("DTDEMRSA", "date_invalide")),
        (samples.dossier(commune="SECRET"), ("NUMCOM", "valeur_trop_longue")),
        (samples.dossier(family="XXX"), ("SITFAM", "code_inconnu")),
        (samples.dossier(homeless="oui"), ("TOPSANSDOMFIXE", "booleen_invalide")),
        (samples.dossier("12A4567"), ("MATRICULE", "valeur_mal_formee")),
        (samples.dossier(persons=samples.person("XYZ")), ("ROLEPERS", "code_inconnu")),
        (samples.dossier(persons=samples.person() * 2), ("ROLEPERS", "demandeurs_multiples")),
        (samples.dossier(persons="<Autre/>"), ("Personne", "element_absent")),
        (
            samples.dossier(
                persons=samples.person(after=samples.resources(samples.month("2026-08-01", ("001", "1e9"))))
            ),
            ("MTNATRESSMEN", "montant_invalide"),
        ),
        (samples.dossier().replace("</SITFAM>", "</SITFAM><SITFAM>MAR</SITFAM>"), ("SITFAM", "element_repete")),
        (samples.dossier().replace("VILLE", "V" * 27), ("NOMCOMNAI", "valeur_trop_longue")),
    ],
)
def test_a_wrong_dossier_is_a_row_error_with_its_line_and_the_others_are_kept(
    tmp_path: Path, wrong: str, expected: tuple[str, str]
) -> None:
    rows = read(tmp_path, samples.flow(samples.dossier("7654321"), wrong))
    assert expected in reasons(rows)
    assert (rows.dossiers, rows.refused) == (2, 1)
    assert {d["dossier_number"] for d in rows.tables["dossiers"]} == {"7654321"}
    assert all(error.line > 10 for error in rows.errors)
    assert "SECRET" not in str(rows.errors)


def test_dossiers_repeated_or_of_another_organisme_are_refused(tmp_path: Path) -> None:
    other = samples.dossier("1111111", organisme="751")
    rows = read(tmp_path, samples.flow(samples.dossier(), samples.dossier(), other))
    assert reasons(rows) == [("MATRICULE", "dossier_repete"), ("NUMORG", "organisme_different")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "vide"),
        (b"   \n", "vide"),
        (b"matricule;nom\n1;X\n", "racine"),
        (b"<Autre/>", "racine"),
        (b"<?xml version='1.0' encoding='UTF-16'?><Racine/>", "Encodage"),
        ("<?xml version='1.0'?><Racine/>".encode("utf-16"), "Encodage"),
        (b"<?xml version='1.0' encoding='UTF-7'?><Racine/>", "Encodage"),
        (b"<Racine></Racine>", "incomplet"),
        (samples.flow(samples.dossier())[:-40], "mal formé ou incomplet"),
        (samples.flow(samples.dossier())[:900], "mal formé ou incomplet"),
        (samples.flow(samples.dossier()) + b"suite", "mal formé ou incomplet"),
        (samples.flow(samples.dossier(), announced=2), "annonce 2 dossiers"),
        (samples.flow(samples.dossier(), announced=0), "annonce 0 dossiers"),
        (samples.flow(samples.dossier()).replace(b"2026-11-30", b"2026-11-31"), "DTREF"),
        (samples.flow().replace(b"</Racine>", samples.dossier().encode() + b"</Racine>"), "ordre des blocs"),
        (samples.flow(samples.dossier().replace("ALIX", "&inconnue;")), "mal formé ou incomplet"),
        (samples.flow(samples.dossier().replace("ALIX", "A" * 11_000_000)), "mal formé ou incomplet|démesuré"),
        (samples.flow(samples.dossier().replace("ALIX", "<a>" * 400 + "</a>" * 400)), "mal formé ou incomplet"),
        (samples.flow(samples.dossier(persons=samples.person() * 40_000)), "démesuré"),
    ],
)
def test_hostile_or_cut_flows_are_refused_whole(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Racine SYSTEM "http://exemple.invalid/vrsb.dtd">',
        '<!DOCTYPE Racine [<!ENTITY a "ah"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!-- ici --><?pi x?>\n<!DOCTYPE Racine [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_a_doctype_is_refused_outright(tmp_path: Path, doctype: str) -> None:
    content = samples.flow(samples.dossier().replace("ALIX", "&b;"), prolog=doctype)
    with pytest.raises(InvalidInput, match="DOCTYPE"):
        read(tmp_path, content)


def test_dossiers_in_anomaly_may_travel_apart(tmp_path: Path) -> None:
    assert read(tmp_path, samples.flow(samples.dossier(), announced=3, anomalies=2)).dossiers == 1
    assert read(tmp_path, samples.flow(samples.dossier(), announced=9, anomalies=1, nature="A")).dossiers == 1


def _many(count: int) -> Iterator[FlowDossier]:
    months = [Month(2026, 8), Month(2026, 9), Month(2026, 10)]
    for i in range(count):
        wages = [FlowResource(month, "001", 100.0 + i) for month in months]
        adult = FlowPerson("DEM", "ÉPREUVE-Š", "ALIX ZOÉ", date(1985, 4, 12), "2", activite="SAL", resources=wages)
        child = FlowPerson("ENF", "ÉPREUVE-Š", "SACHA", date(2015, 5, 5), "1", resources=())
        yield FlowDossier(
            f"{i:07d}", [adult, child], FlowAddress("93066", "93200", "SAINT-DENIS"), "4" if i % 2 else "2",
            date(2024, 2, 5), payment_suspensions=[("06", date(2026, 9, 1))] if i % 2 else (),
            amount=None if i % 2 else 512.25, sans_domicile=i % 3 == 0,
        )  # fmt: skip


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "flux.xml"
    assert write_flow(path, _many(6), date(2026, 11, 30)) == 6
    rows = read_path(path, dossiers_per_batch=4)
    assert rows.errors == []
    assert [r["motif"] for r in rows.tables["droits"]] == [None, "06"] * 3
    assert [p["montant"] for p in rows.tables["paiements"]] == [512.25] * 3
    assert {p["month"] for p in rows.tables["paiements"]} == {"2026-11"}
    assert rows.tables[IDENTITIES][0]["nom_naissance"] == "ÉPREUVE-Š"
    assert rows.tables[IDENTITIES][0]["prenoms"] == "ALIX ZOÉ"
    assert rows.tables["ressources"][0]["net"] == 100.0


def test_memory_does_not_grow_with_the_flow(tmp_path: Path) -> None:
    peaks = []
    for count in (400, 1600):
        path = tmp_path / f"{count}.xml"
        write_flow(path, _many(count), date(2026, 11, 30))
        tracemalloc.start()
        for _ in read_rows(path, dossiers_per_batch=100):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_writer_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    (one,) = _many(1)
    late = FlowPerson("DEM", "X", "Y", date(1990, 1, 1), "1", resources=[FlowResource(Month(2026, 11), "001", 1.0)])
    path = tmp_path / "flux.xml"
    with pytest.raises(InvalidInput, match="hors du trimestre"):
        write_flow(path, [FlowDossier("1", [late], one.address, "2", one.asked_on)], date(2026, 11, 30))
    with pytest.raises(InvalidInput, match="Matricule"):
        write_flow(path, [FlowDossier("12B", [late], one.address, "2", one.asked_on)], date(2026, 11, 30))
    assert not path.exists()


def test_codes_have_labels_and_natures_are_known_or_kept_apart() -> None:
    assert "Déclaration" in label_of("MOTISUSVERSRSA", "06")
    assert label_of("MOTISUSVERSRSA", "QQ") == "code QQ"
    incomes = {income.nature for income in INCOMES}
    natures = {resource_nature(code) for code in code_list("NATRESS")}
    assert {nature for nature in natures if not nature.startswith("cnaf_")} <= incomes
    assert resource_nature("999") == "cnaf_999"


def test_number_of_a_dossier() -> None:
    assert dossier_number("123456700000000") == "1234567"
    assert dossier_number("123456789012345") == "123456789012345"
    assert dossier_number(None) is None


@needs_shared
@pytest.mark.parametrize("name", ["RSABEM-ouvert.xml", "RSABEI_invalid.xml"])
def test_our_checks_agree_with_the_schema(name: str) -> None:
    schema = etree.XMLSchema(etree.parse(str(SHARED / "vrsb0801.xsd")))
    is_valid = schema.validate(etree.parse(str(SHARED / name)))
    rows = read_path(SHARED / name)
    assert (rows.refused == 0) is is_valid
    assert {error.line for error in rows.errors} == {error.line for error in schema.error_log}


@needs_shared
def test_shared_sample_with_a_wrong_count_is_refused() -> None:
    with pytest.raises(InvalidInput, match="annonce 1 dossiers et en contient 2"):
        read_path(SHARED / "RSABEM.xml")


@needs_shared
def test_our_flows_are_valid_under_the_schema(tmp_path: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(SHARED / "vrsb0801.xsd")))
    written = tmp_path / "flux.xml"
    write_flow(written, _many(5), date(2026, 11, 30))
    schema.assertValid(etree.parse(str(written)))
    built = samples.flow(samples.dossier(situation=samples.suspended()), samples.dossier("7654321"))
    schema.assertValid(etree.fromstring(built).getroottree())
