"""API Particulier answers: each service, errors, strict types, one household from several answers, shared cases."""

import io
import json
import os
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from allervers.extracts.formats.api_particulier import SERVICES, Answer, household_rows, read_file, service_of
from allervers.extracts.rows import IDENTITIES, CollectedRows
from allervers.foundation.errors import InvalidInput

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("ALLERVERS_SHARED", ROOT.parent / "shared"))
CASES = SHARED / "data/formats/api_particulier_cas_de_test/payloads_sociaux.tar"
needs_shared = pytest.mark.skipif(not CASES.is_file(), reason="dossier partagé absent : ALLERVERS_SHARED à définir")

TODAY = date(2026, 11, 15)
ASKED = {
    "nomNaissance": "ESSAI", "prenoms": ["Élodie"], "anneeDateNaissance": 1985, "moisDateNaissance": 4,
    "jourDateNaissance": 12, "sexeEtatCivil": "F",
}  # fmt: skip


def member(name: str, born: str | None) -> dict[str, Any]:
    return {"nom_naissance": "ESSAI", "nom_usage": None, "prenoms": name, "date_naissance": born, "sexe": "F"}


FAMILY = {
    "data": {
        "quotient_familial": {"fournisseur": "CNAF", "valeur": 412, "annee": 2026, "mois": 11, "champ_nouveau": {}},
        "allocataires": [member("ELODIE MARIE", "1985-04-12"), member("LOU", "1984-00-00")],
        "enfants": [member("JEAN PAUL", "2015-05-05"), member("JEAN PIERRE", "2015-05-05")],
        "adresse": {
            "numero_libelle_voie": "1 RUE DES ESSAIS",
            "code_postal_ville": "93200 SAINT-DENIS",
            "pays": "FRANCE",
        },
    }
}


def family(**changed: Any) -> dict[str, Any]:
    return {"data": FAMILY["data"] | changed}


def one(service: str, payload: Any, status: int = 200, asked: dict[str, Any] | None = None) -> CollectedRows:
    return household_rows("F1", TODAY, [Answer(service, ASKED if asked is None else asked, status, payload)])


def test_a_family_and_its_quotient() -> None:
    rows = one("/v3/dss/quotient_familial/identite", FAMILY)
    assert rows.errors == []
    assert [person["role"] for person in rows.tables["personnes"]] == ["demandeur", "conjoint", "enfant", "enfant"]
    assert len({person["person_number"] for person in rows.tables["personnes"]}) == 4
    assert rows.tables["dossiers"] == [{"dossier_number": "F1", "quotient_familial": 412.0}]
    identity = rows.tables[IDENTITIES][0]
    assert (identity["code_postal"], identity["adresse"], identity["sexe"]) == ("93200", "1 RUE DES ESSAIS", "2")
    assert rows.tables["personnes"][1]["date_naissance"] is None
    assert [signal["detail"] for signal in rows.tables["signaux"]] == ["jour_et_mois_inconnus"]
    assert all(frame is not None for frame in rows.table_frames().values())


def test_one_person_in_two_answers_is_one_person() -> None:
    rsa = {"data": {"est_beneficiaire": True, "avec_majoration": True, "date_debut_droit": "2025-03-01"}}
    rows = household_rows(
        "F1", TODAY, [Answer("quotient_familial", {}, 200, FAMILY), Answer("revenu_solidarite_active", ASKED, 200, rsa)]
    )
    (right,) = rows.tables["droits"]
    assert right["person_number"] == rows.tables["personnes"][0]["person_number"]
    assert (right["prestation"], right["etat"], right["motif"]) == ("rsa", "accorde", "majoration")
    assert right["debut_on"] == date(2025, 3, 1)
    assert len(rows.tables["personnes"]) == 4


@pytest.mark.parametrize(
    ("service", "payload", "expected"),
    [
        (
            "prime_activite",
            {"status": "beneficiaire", "majoration": False, "dateDebut": "2025-01-01"}, ("ppa", "accorde"),
        ),
        ("allocation_adulte_handicape", {"status": "beneficiaire", "dateDebut": "2025-01-01"}, ("aah", "accorde")),
        (
            "allocation_soutien_familial",
            {"status": "beneficiaire", "dateDebut": "2020-01-01", "dateFin": "2026-10-31"}, ("asf", "fini"),
        ),
        (
            "complementaire_sante_solidaire",
            {"status": "beneficiaire_avec_participation_financiere", "dateDebut": "2026-01-01", "dateFin": None},
            ("css_avec_participation", "accorde"),
        ),
        (
            "complementaire_sante_solidaire",
            {"data": {"est_beneficiaire": True, "avec_participation": False, "date_debut_droit": "2026-01-01"}},
            ("css_sans_participation", "accorde"),
        ),
        (
            "allocation_enfant_handicape",
            {"data": {"status": "allocataire", "date_debut_droit": None}}, ("aeeh", "accorde"),
        ),
    ],
)  # fmt: skip
def test_rights_that_are_received(service: str, payload: Any, expected: tuple[str, str]) -> None:
    (right,) = one(service, payload).tables["droits"]
    assert (right["prestation"], right["etat"]) == expected


def test_not_receiving_is_knowledge_and_not_a_right() -> None:
    rows = one("revenu_solidarite_active", {"status": "non_beneficiaire", "dateDebut": None, "majoration": None})
    assert "droits" not in rows.tables
    (signal,) = rows.tables["signaux"]
    assert (signal["signal"], signal["detail"], signal["since_on"]) == ("non_beneficiaire", "rsa", TODAY)
    payload = {"data": {"est_beneficiaire": False, "avec_participation": None, "date_debut_droit": None}}
    details = {signal["detail"] for signal in one("complementaire_sante_solidaire", payload).tables["signaux"]}
    assert details == {"css_sans_participation", "css_avec_participation"}


def _jobseeker(until: str | None) -> dict[str, Any]:
    return {
        "data": {
            "identifiant": "000000X",
            "identite": {
                "nom_naissance": "ESSAI",
                "prenom": "Élodie",
                "sexe": "Féminin",
                "date_naissance": "1985-04-12",
            },
            "adresse": {"code_cog_insee_commune": "93066", "code_postal": "93200", "ligne_voie": "1 RUE DES ESSAIS"},
            "inscription": {"date_debut": "2026-01-05", "date_fin": until, "categorie": {"code": 1, "libelle": "X"}},
        }
    }


@pytest.mark.parametrize(
    ("until", "activity", "state"), [(None, "chomeur", "accorde"), ("2026-06-30", None, "fini")]
)  # fmt: skip
def test_registration_as_a_jobseeker(until: str | None, activity: str | None, state: str) -> None:
    rows = one("france_travail_statut_with_identifiant", _jobseeker(until), asked={"identifiant": "000000X"})
    (person,) = rows.tables["personnes"]
    assert person.get("activite") == activity
    (right,) = rows.tables["droits"]
    assert (right["prestation"], right["etat"], right["motif"]) == ("inscription_france_travail", state, "1")
    assert rows.tables["dossiers"][0]["code_insee"] == "93066"


def test_payments_find_their_person_by_identifier_whatever_the_order() -> None:
    paid = [
        {"date": "2026-09-05", "montant": 600.1, "allocations": 500.1, "aides": 100.0, "autres": 0.0},
        {"date": "2026-09-20", "montant": 10, "allocations": 10, "aides": 0, "autres": 0},
    ]
    payments = Answer("pole_emploi_indemnites", {}, 200, {"identifiant": "000000X", "paiements": paid})
    rows = household_rows("F1", TODAY, [payments, Answer("france_travail_statut", {}, 200, _jobseeker(None))])
    found = {(r["period"], r["nature"]): r["net"] for r in rows.tables["ressources"]}
    assert found == {("2026-09", "chomage"): 510.1, ("2026-09", "france_travail_aides"): 100.0}
    alone = household_rows("F1", TODAY, [payments])
    assert [error.reason_code for error in alone.errors] == ["personne_inconnue"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 502, 503, 504, 418])
def test_an_error_of_the_api_is_a_clear_message_and_leaves_the_other_answers(status: int) -> None:
    failure = {"errors": [{"code": "37003", "title": "T", "detail": "dossier de SECRET", "meta": {}}]}
    rows = household_rows(
        "F1", TODAY, [Answer("prime_activite", ASKED, status, failure), Answer("quotient_familial", {}, 200, FAMILY)]
    )
    (error,) = rows.errors
    assert (error.line, error.reason_code) == (1, f"http_{status}")
    assert "37003" in error.message
    assert "SECRET" not in error.message
    assert len(rows.tables["personnes"]) == 4


@pytest.mark.parametrize(
    ("service", "payload", "column", "reason"),
    [
        ("quotient_familial", family(allocataires=[]), "allocataires", "type_invalide"),
        ("quotient_familial", family(quotient_familial={"valeur": "412"}), "valeur", "type_invalide"),
        ("quotient_familial", family(quotient_familial={"valeur": True}), "valeur", "type_invalide"),
        ("quotient_familial", family(enfants=[member("X", "20I5-01-01")]), "date_naissance", "date_invalide"),
        ("quotient_familial", family(enfants=[member("X", "2015-02-30")]), "date_naissance", "date_invalide"),
        ("revenu_solidarite_active", {"data": {"est_beneficiaire": "oui"}}, "est_beneficiaire", "type_invalide"),
        ("revenu_solidarite_active", {"status": "peut_etre"}, "status", "code_inconnu"),
        ("revenu_solidarite_active", ["SECRET"], "revenu_solidarite_active", "type_invalide"),
        ("revenu_solidarite_active", None, "revenu_solidarite_active", "type_invalide"),
        (
            "prime_activite", {"data": {"est_beneficiaire": True, "date_debut_droit": "2026-00-01"}},
            "date_debut_droit", "date_invalide",
        ),
    ],
)  # fmt: skip
def test_a_malformed_answer_refuses_the_household(service: str, payload: Any, column: str, reason: str) -> None:
    rows = one(service, payload)
    assert (rows.dossiers, rows.refused, rows.tables) == (1, 1, {})
    assert any(error.column.endswith(column) and error.reason_code == reason for error in rows.errors)
    assert "SECRET" not in str(rows.errors)


def _file(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "foyer.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_file_of_answers(tmp_path: Path) -> None:
    answers = [{"service": "quotient_familial", "statut": 200, "reponse": FAMILY}]
    rows = read_file(_file(tmp_path, {"foyer": "F1", "repondu_le": "2026-11-15", "reponses": answers}))
    assert len(rows.tables["personnes"]) == 4


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "[" * 100_000, '{"foyer": NaN}', {"foyer": 1, "repondu_le": "2026-11-15", "reponses": [{}]},
        {"foyer": "F1", "repondu_le": "15/11/2026", "reponses": [{"service": "rsa", "statut": 200}]},
        {"foyer": "F1", "repondu_le": "2026-11-15", "reponses": []},
        {"foyer": "F1", "repondu_le": "2026-11-15", "reponses": [{"service": "inconnu", "statut": 200}]},
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InvalidInput):
        read_file(_file(tmp_path, content))


def test_a_file_too_large_for_a_household_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="taille"):
        read_file(_file(tmp_path, " " * (5 << 20)))


@needs_shared
def test_every_shared_case_is_read_or_refused_for_a_known_reason() -> None:
    outcomes: dict[str, int] = {"read": 0, "error": 0, "refused": 0, "personne_inconnue": 0}
    services = set()
    with tarfile.open(fileobj=io.BytesIO(CASES.read_bytes())) as archive:
        for entry in archive.getmembers():
            if "/" not in entry.name or not entry.name.endswith((".yaml", ".yml")) or "payloads/" not in entry.name:
                continue
            stream = archive.extractfile(entry)
            assert stream is not None
            case = yaml.safe_load(stream.read())
            folder = entry.name.split("/")[-2]
            rows = one(folder, json.loads(case["payload"]), case["status"], case["params"] or {})
            rows.persons_frame(), rows.table_frames()
            services.add(service_of(folder))
            if case["status"] != 200:
                assert [error.reason_code for error in rows.errors] == [f"http_{case['status']}"]
                outcomes["error"] += 1
            elif rows.refused:
                assert {error.reason_code for error in rows.errors} == {"date_invalide"}
                outcomes["refused"] += 1
            elif rows.errors:
                outcomes[rows.errors[0].reason_code] += 1
            else:
                assert rows.tables["personnes"]
                outcomes["read"] += 1
    assert services == set(SERVICES)
    assert outcomes["refused"] == 2, "deux cas partagés ont une année de naissance mal saisie"
    assert outcomes["personne_inconnue"] == 2, "deux réponses de paiements sont sans identité"
    assert sum(outcomes.values()) >= 183
