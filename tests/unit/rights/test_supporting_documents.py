"""Documents for a situation, less what the administration that decides already holds."""

from __future__ import annotations

import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights.catalogue import catalogue
from allervers.rights.documents import documents_for, situations_of


def names(found: object) -> list[str]:
    return [needed.document.id for needed in found]  # type: ignore[attr-defined]


def test_everyone_then_each_situation() -> None:
    assert names(documents_for("aides_logement").to_bring) == [
        "identite", "rib", "bail", "attestation_loyer", "ressources_12_mois",
    ]  # fmt: skip
    found = documents_for("rsa", ["sans_domicile", "etranger"])
    assert {"election_domicile", "titre_sejour"} <= set(names(found.to_bring))
    assert "attestation_hebergement" not in names(found.to_bring)
    (needed,) = [n for n in found.to_bring if n.document.id == "election_domicile"]
    assert needed.because == ("sans_domicile",)


def test_what_the_decider_holds_is_not_asked() -> None:
    found = documents_for("cf")
    assert found.to_bring == ()
    assert names(found.already_held) == ["ressources_n2"]
    assert {holder.id for holder in found.already_held[0].held_by} == {"caf", "msa"}


def test_what_must_be_filled_or_shown_is_never_held() -> None:
    held = {n.document.id for right in catalogue() for n in documents_for(right, situations_of(right)).already_held}
    assert held == {"ressources_n2", "declaration_grossesse", "election_domicile"} & held
    assert "declaration_situation" in names(documents_for("asf").to_bring)
    assert names(documents_for("medecin_traitant").to_bring) == ["carte_vitale"]


def test_what_another_administration_holds_is_asked_and_told() -> None:
    found = documents_for("solidarite_transport", ["titulaire_css"])
    (needed,) = [n for n in found.to_bring if n.document.id == "attestation_css"]
    assert [holder.id for holder in needed.held_by] == ["cpam"]


def test_a_list_that_no_source_gives_is_not_said_complete() -> None:
    assert documents_for("rsa").is_sourced
    assert not documents_for("mva").is_sourced
    assert not documents_for("demande_logement_social").is_sourced


def test_situations_to_ask_about() -> None:
    assert situations_of("asf") == ("deces", "parent_inconnu", "pension_fixee", "pension_faible")


def test_unknown_names() -> None:
    with pytest.raises(InvalidInput, match="Situation inconnue : « riche »"):
        documents_for("rsa", ["riche"])
    with pytest.raises(NotFound):
        documents_for("rsaa")
