"""Groups: properties that hold whatever the partners' files say."""

from datetime import date

import polars as pl
from canonical_tables import CAF, CPAM, person, table
from hypothesis import given, settings
from hypothesis import strategies as st

from allervers.extracts.assembly.groups import familles_of, foyers_of, menages_of
from allervers.extracts.assembly.sources import canonical, in_precedence
from allervers.foundation.periods import Month

MONTH = Month(2026, 11)
NAMES = [f"P{i}" for i in range(6)]
FILES = ["D1", "D2", "D3", None]
ROLES = ["demandeur", "conjoint", "enfant", "autre"]
ROWS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(FILES), st.sampled_from(ROLES), st.sampled_from([CAF, CPAM])),
    max_size=16,
)
DWELLINGS = {
    "famille_id": pl.String,
    "identifiant_logement": pl.String,
    "statut_logement": pl.String,
    "loyer": pl.Float64,
}


def members_of(
    claims: list[tuple], states: dict[str, str] | None = None, situations: list[str | None] | None = None
) -> tuple[pl.DataFrame, int]:
    born = {name: date(1970 + 7 * i, 1, 1) for i, name in enumerate(NAMES)}
    people = pl.DataFrame({"person_id": NAMES, "date_naissance": list(born.values())}).with_columns(
        situation_familiale=pl.Series(situations or [None] * 6, dtype=pl.String)
    )
    rows = [person(n, f"{o['partner']}:{d}" if d else None, r, str(born[n]), o) for n, d, r, o in claims]
    frame = canonical({"personnes": table("personnes", *rows)}, "personnes").rename({"source_key": "person_id"})
    dossiers = table("dossiers", *({"dossier_key": k, "etat": v, **CAF} for k, v in (states or {}).items()))
    familles = familles_of(people, in_precedence(frame, "person_id"), canonical({"dossiers": dossiers}, "dossiers"))
    return familles.members.join(people.drop("situation_familiale"), on="person_id"), familles.elsewhere


def famille(members: pl.DataFrame, name: str) -> str:
    return members.filter(pl.col("person_id") == name)["famille_id"].item()


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(st.sampled_from(["marie", "celibataire", None]), min_size=6, max_size=6))
def test_groups_partition_persons_with_one_head_each(claims: list[tuple], unions: list[str | None]) -> None:
    members, _ = members_of(claims, situations=unions)
    assert sorted(members["person_id"]) == NAMES
    facts = pl.DataFrame(
        {"person_id": NAMES, "situation_familiale": unions, "rattache_fiscalement": [None] * 6},
        schema_overrides={"situation_familiale": pl.String, "rattache_fiscalement": pl.Boolean},
    )
    foyers = foyers_of(members.join(facts, on="person_id"), MONTH)
    menages = menages_of(members, pl.DataFrame(schema=DWELLINGS))
    for frame, group, head in (
        (members, "famille", "demandeur"),
        (foyers, "foyer_fiscal", "declarant_principal"),
        (menages, "menage", "personne_de_reference"),
    ):
        assert sorted(frame["person_id"]) == NAMES
        of_group = frame.group_by(f"{group}_id").agg(
            heads=(pl.col(f"{group}_role") == head).sum(), spouses=(pl.col(f"{group}_role") == "conjoint").sum()
        )
        assert of_group["heads"].to_list() == [1] * len(of_group)
        assert of_group["spouses"].max() <= 1


def test_a_child_of_two_files_belongs_to_one() -> None:
    claims = [
        ("P0", "D1", "demandeur", CAF),
        ("P1", "D2", "demandeur", CAF),
        ("P5", "D1", "enfant", CAF),
        ("P5", "D2", "enfant", CAF),
    ]
    members, elsewhere = members_of(claims)
    assert elsewhere == 1
    assert famille(members, "P5") == famille(members, "P0")
    members, _ = members_of(claims, {"caf-93:D1": "radie"})
    assert famille(members, "P5") == famille(members, "P1")


def test_an_adult_with_their_own_file_has_left_the_parents() -> None:
    claims = [("P0", "D1", "demandeur", CAF), ("P3", "D1", "enfant", CAF), ("P3", "D2", "demandeur", CAF)]
    members, _ = members_of(claims)
    assert famille(members, "P3") == "caf-93:D2"


def test_the_caf_says_who_lives_with_whom_before_the_cpam() -> None:
    claims = [("P0", "D1", "demandeur", CAF), ("P1", "D3", "demandeur", CPAM), ("P0", "D3", "conjoint", CPAM)]
    members, _ = members_of(claims)
    assert famille(members, "P0") == "caf-93:D1"
    assert famille(members, "P1") == "cpam-93:D3"


def test_a_person_of_no_file_is_alone_and_their_composition_unknown() -> None:
    members, _ = members_of([])
    assert set(members["composition"]) == {"unknown"}
    assert members["famille_id"].n_unique() == 6


def test_an_adult_who_shares_the_roof_is_another_famille_of_the_same_menage() -> None:
    members, _ = members_of([("P0", "D1", "demandeur", CAF), ("P1", "D1", "autre", CAF)])
    roofs = menages_of(members, pl.DataFrame(schema=DWELLINGS)).sort("person_id")
    assert famille(members, "P1") == "seul-P1"
    assert roofs["menage_id"][0] == roofs["menage_id"][1]
    assert roofs["menage_role"].to_list()[:2] == ["personne_de_reference", "autre"]


def test_grown_children_insured_in_their_own_name_stay_with_their_parents() -> None:
    claims = [("P0", "F", "demandeur", CPAM), ("P1", "F", "demandeur", CPAM), ("P4", "F", "demandeur", CPAM)]
    members, _ = members_of(claims, situations=["marie", "marie", None, None, "celibataire", None])
    roles = dict(members.filter(pl.col("famille_id") == "cpam-93:F").select("person_id", "famille_role").iter_rows())
    assert roles == {"P0": "demandeur", "P1": "conjoint", "P4": "enfant"}


def test_two_single_adults_of_one_file_are_two_familles_of_one_menage() -> None:
    members, _ = members_of([("P0", "F", "demandeur", CPAM), ("P1", "F", "demandeur", CPAM)])
    assert famille(members, "P0") != famille(members, "P1")
    roofs = menages_of(members, pl.DataFrame(schema=DWELLINGS)).sort("person_id")
    assert roofs["menage_id"][0] == roofs["menage_id"][1]
