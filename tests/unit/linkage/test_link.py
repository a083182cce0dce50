"""Rules of linkage on named situations: what is sure, what waits, what never happens; ledger, undo, stable ids."""

import pytest

from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage.link import decide, undo
from allervers.extracts.linkage.model import Thresholds
from allervers.extracts.linkage.report import ledger_of, linkage_report, persons
from allervers.foundation.errors import NotFound, Refused

AWA = {
    "nom_naissance": "Diarrassouba",
    "prenoms": "Awa",
    "date_naissance": "1982-05-17",
    "sexe": "2",
    "code_insee": "93066",
}
NIR_AWA = "2820599126111"
KARIM = {
    "nom_naissance": "Benhamou",
    "prenoms": "Karim",
    "date_naissance": "1979-09-23",
    "sexe": "1",
    "code_insee": "93001",
}
NIR_KARIM = "1790993001222"


def test_the_same_nir_and_person_are_sure(desk):
    left = desk.put("caf93", "1", nir=NIR_AWA, **AWA)
    right = desk.put("cpam93", "9", nir=NIR_AWA, **(AWA | {"prenoms": "Hawa", "code_insee": "93001"}))
    assert desk.link().sure_by_nir == 1
    assert desk.together(left, right)
    assert desk.person(left)["zone"] == "sure"
    assert desk.person(left)["contact_allowed"]


def test_the_same_nir_with_another_identity_waits_for_an_agent(desk):
    left = desk.put("caf93", "1", nir=NIR_AWA, **AWA)
    right = desk.put("cpam93", "9", nir=NIR_AWA, **KARIM)
    desk.link()
    assert not desk.together(left, right)
    assert desk.pending()["reason"].to_list() == ["nir_contredit"]
    assert desk.person(left)["zone"] == desk.person(right)["zone"] == "review"
    assert not desk.person(left)["contact_allowed"]


def test_a_relative_under_the_opening_right_does_not_disturb_its_holder(desk):
    child = AWA | {"prenoms": "Ismaël", "date_naissance": "2012-02-02", "sexe": "1"}
    mother = [desk.put("caf93", "1", nir=NIR_AWA, **AWA), desk.put("cpam93", "9", nir=NIR_AWA, **AWA)]
    alone = desk.put("cpam93", "9-2", nir=NIR_AWA, **child)
    known = desk.put("caf93", "1-3", **child)
    desk.link()
    assert desk.together(*mother)
    assert desk.together(alone, known)
    assert not desk.together(alone, mother[0])
    assert desk.pending().is_empty()


def test_two_nirs_are_two_persons_whatever_the_names(desk):
    left = desk.put("caf93", "1", nir=NIR_AWA, **AWA)
    right = desk.put("cpam93", "9", nir="2820599126222", **AWA)
    assert desk.link().refused_by_guard == 1
    assert not desk.together(left, right)
    assert desk.person(left)["contact_allowed"]


def test_two_nirs_never_meet_through_a_third_record(desk):
    first = desk.put("caf93", "1", nir=NIR_AWA, **AWA)
    second = desk.put("cpam93", "9", nir="2820599126222", **AWA)
    desk.put("cd93", "7", **AWA)
    desk.link()
    assert not desk.together(first, second)
    assert desk.pending()["reason"].to_list() == ["contrainte"]


def test_a_filler_nir_proves_nothing(desk):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    keys = [
        desk.put("caf93", str(n), nir=NIR_AWA, nom_naissance=f"Nom{letters[n % 26]}{letters[n // 26]}ro", prenoms="Awa")
        for n in range(31)
    ]
    assert desk.link().sure_by_nir == 0
    assert not desk.together(*keys)


def test_the_same_number_is_a_proof_only_with_the_same_identity(desk):
    short = {name: AWA[name] for name in ("nom_naissance", "prenoms", "date_naissance")}
    left, right = desk.put("caf93", "0123456", **short), desk.put("cnaf", "0123456", **(short | {"prenoms": "Awaa"}))
    stranger = desk.put("cpam93", "0123456", **KARIM)
    assert desk.link().sure_by_number == 1
    assert desk.together(left, right)
    assert not desk.together(left, stranger)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (AWA, AWA | {"prenoms": "Lina"}),
        (AWA, AWA | {"prenoms": "Lina", "sexe": "1"}),
        (AWA, AWA | {"prenoms": "Awassa"}),
        (KARIM, KARIM | {"date_naissance": "1979-09-24"}),
        (KARIM, KARIM | {"date_naissance": "1989-09-23"}),
        (KARIM, KARIM | {"date_naissance": "1951-02-11"}),
        (KARIM, KARIM | {"date_naissance": "1979-01-01"}),
    ],
)
def test_twins_and_homonyms_are_never_merged(desk, left, right):
    one, other = desk.put("caf93", "1", **left), desk.put("cpam93", "9", **right)
    desk.link()
    assert not desk.together(one, other)


def test_two_records_of_one_partner_are_left_to_an_agent(desk):
    left, right = desk.put("caf93", "1", **AWA), desk.put("caf93", "2", **AWA)
    desk.link()
    assert not desk.together(left, right)
    assert desk.pending()["reason"].to_list() == ["meme_partenaire"]


def test_one_to_one_inside_a_partner(desk):
    caf, cpam = desk.put("caf93", "1", **AWA), desk.put("cpam93", "9", **AWA)
    near = desk.put("cpam93", "10", **(AWA | {"date_naissance": "1982-05-18"}))
    desk.link()
    assert desk.together(caf, cpam)
    assert desk.person(near)["zone"] == "alone"
    assert desk.person(caf)["contact_allowed"]


def grey_pair(desk):
    left = desk.put("caf93", "1", **AWA)
    right = desk.put("cpam93", "9", **(AWA | {"date_naissance": "1982-05-18"}))
    desk.link()
    return left, right


def test_nobody_in_the_grey_zone_is_contacted(desk):
    left, right = grey_pair(desk)
    third = desk.put("cd93", "5", **AWA)
    desk.link()
    assert desk.together(left, third)
    assert [desk.person(key)["contact_allowed"] for key in (left, third, right)] == [False, False, False]
    assert {desk.person(key)["zone"] for key in (left, third, right)} == {"review"}


def test_an_agent_accepts_then_takes_it_back(desk, now):
    pair = grey_pair(desk)
    entry = decide(desk.store, pair, "accept", actor="agent-7", now=now)
    assert desk.together(*pair)
    assert desk.person(pair[0])["contact_allowed"]
    desk.link()
    assert desk.together(*pair)
    undo(desk.store, entry, actor="agent-8", now=now)
    assert not desk.together(*pair)
    assert desk.pending().height == 1
    history = ledger_of(desk.store, pair[0])
    assert history["decided_by"].to_list() == ["regle", "agent-7"]
    assert history["undone_by"].to_list() == [None, "agent-8"]


def test_an_agent_refuses_for_good(desk, now):
    pair = grey_pair(desk)
    decide(desk.store, pair[::-1], "refuse", actor="agent-7", now=now)
    desk.link()
    assert desk.pending().is_empty()
    assert desk.person(pair[0])["zone"] == "alone"
    assert desk.person(pair[0])["contact_allowed"]


def test_a_link_of_the_rule_is_undone_and_never_made_again_by_it(desk, now):
    left, right = desk.put("caf93", "1", **AWA), desk.put("cpam93", "9", **AWA)
    desk.link()
    (entry,) = ledger_of(desk.store, left)["entry"]
    undo(desk.store, entry, actor="agent-7", now=now)
    for change in ({}, {"commune_naissance": "99126"}):
        desk.put("cpam93", "9", **(AWA | change))
        desk.put("caf93", "1", **(AWA | change))
        desk.link()
        assert not desk.together(left, right)
        assert desk.pending()["reason"].to_list() == ["annule"]
    decide(desk.store, (left, right), "accept", actor="agent-7", now=now)
    assert desk.together(left, right)


def test_decisions_are_for_pairs_that_wait_and_agents_with_a_name(desk, now):
    pair = grey_pair(desk)
    with pytest.raises(Refused):
        decide(desk.store, pair, "accept", actor=" ", now=now)
    with pytest.raises(NotFound):
        decide(desk.store, (pair[0], "0" * 32), "accept", actor="agent-7", now=now)
    with pytest.raises(NotFound):
        undo(desk.store, 999, actor="agent-7", now=now)


def test_ids_stay_and_moves_are_recorded(desk):
    caf, cpam = desk.put("caf93", "1", **AWA), desk.put("cpam93", "9", **(AWA | {"prenoms": "Zoé"}))
    desk.link()
    first, second = desk.person(caf)["person_id"], desk.person(cpam)["person_id"]
    assert desk.link().merges == 0
    assert (desk.person(caf)["person_id"], desk.person(cpam)["person_id"]) == (first, second)
    desk.put("cpam93", "9", **AWA)
    assert desk.link().merges == 1
    assert desk.person(caf)["person_id"] == desk.person(cpam)["person_id"] in (first, second)
    desk.put("cpam93", "9", **(AWA | {"prenoms": "Zoé"}))
    assert desk.link().splits == 1
    with Vault(desk.store) as vault:
        kinds = [kind for (kind,) in vault.connection.execute("SELECT kind FROM person_event ORDER BY event_id")]
    assert kinds == ["merge", "split"]


def test_running_again_writes_nothing_new(desk):
    grey_pair(desk)
    with Vault(desk.store) as vault:
        before = vault.connection.execute("SELECT * FROM ledger").fetchall()
    report = desk.link()
    with Vault(desk.store) as vault:
        assert vault.connection.execute("SELECT * FROM ledger").fetchall() == before
    assert report == desk.link()


def test_thresholds_are_data(desk):
    left, right = desk.put("caf93", "1", **AWA), desk.put("cpam93", "9", **AWA)
    desk.link(thresholds=Thresholds(sure=60, review=0))
    assert desk.pending()["reason"].to_list() == ["poids_moyen"]
    desk.link(thresholds=Thresholds(sure=60, review=50))
    assert desk.pending().is_empty()
    assert not desk.together(left, right)


def test_a_record_not_yet_linked_stands_alone_and_is_not_contacted(desk):
    key = desk.put("caf93", "1", **AWA)
    assert desk.person(key) == {"source_key": key, "person_id": key, "zone": "alone", "contact_allowed": False}


def test_an_empty_store_links_to_nothing(desk):
    report = desk.link()
    assert (report.records, report.persons, report.to_review) == (0, 0, 0)
    assert persons(desk.store).is_empty()
    assert linkage_report(desk.store).is_empty()


def test_the_store_keeps_no_clear_value_after_linkage(desk):
    grey_pair(desk)
    marks = [b"Diarrassouba", b"DIARRASSOUBA", b"1982-05-17", b"19820517"]
    for path in desk.store.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [mark for mark in marks if mark in content], path.name
