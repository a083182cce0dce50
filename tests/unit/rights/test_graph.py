"""What is needed first, what a right opens, what falls with it; the drawing and its words."""

from __future__ import annotations

import pytest

from allervers.foundation.errors import InvalidInput, NotFound
from allervers.rights.catalogue import catalogue
from allervers.rights.graph import drawing_of, edges, falls_with, first_steps, needed_for, opened_by, told


def test_one_edge_between_two_rights_in_a_direction() -> None:
    pairs = [(e.source, e.target) for e in edges() if e.kind != "excludes"]
    assert len(pairs) == len(set(pairs))
    assert {right for pair in pairs for right in pair} <= set(catalogue())
    assert all(e.source < e.target for e in edges() if e.kind == "excludes")


def test_the_strongest_link_is_kept_with_what_is_said_of_a_loss() -> None:
    (edge,) = [e for e in opened_by("rsa") if e.target == "css_sans_participation"]
    assert (edge.kind, edge.on_loss) == ("automatic", "kept_to_term")
    (edge,) = [e for e in needed_for("css_sans_participation") if e.source == "puma"]
    assert (edge.kind, edge.on_loss) == ("prerequisite", "falls")


def test_first_steps_depend_on_the_situation_and_on_what_is_held() -> None:
    assert first_steps("css_sans_participation") == first_steps("css_avec_participation")
    steps = [s.any_of for s in first_steps("css_sans_participation", in_situations=["sans_domicile"])]
    assert steps == [("domiciliation",), ("puma",)]
    assert first_steps("css_sans_participation", in_situations=["sans_domicile"], held=["puma"]) == ()
    (either,) = first_steps("solidarite_transport")
    assert either.any_of == ("rsa", "ass", "css_sans_participation", "ame")
    assert first_steps("solidarite_transport", held=["ame"]) == ()


def test_cascade_of_a_lost_domiciliation() -> None:
    falls = {f.right: f for f in falls_with("domiciliation", in_situations=["sans_domicile"])}
    assert falls["rsa"].effect == "falls"
    assert falls["puma"].effect == "to_check", "no source says that the health insurance stops"
    assert falls["prime_noel"].effect == "falls"
    assert falls["prime_noel"].through == ("domiciliation", "rsa")
    assert falls["rsa"].when == ("sans_domicile",)
    assert falls["css_sans_participation"].effect == "falls", "worse than through the RSA, where it lasts to its term"
    assert falls["css_sans_participation"].through == ("domiciliation",)
    assert "rsa" not in {f.right for f in falls_with("domiciliation", in_situations=[]) if f.effect == "falls"}


def test_cascade_keeps_what_lasts_to_its_term_and_stops_there() -> None:
    falls = {f.right: f for f in falls_with("rsa")}
    assert falls["css_sans_participation"].effect == "kept_to_term"
    assert falls["prime_noel"].effect == "falls"
    assert falls["solidarite_transport"].effect == "to_check"
    assert [f.right for f in falls_with("rsa", held=["prime_noel"])] == ["prime_noel"]


def test_drawing_has_the_right_at_its_centre() -> None:
    drawing = drawing_of("css_sans_participation")
    places = {node.id: node for node in drawing.nodes}
    assert places["css_sans_participation"].column == 0
    assert places["css_sans_participation"].row == 0
    assert places["puma"].column < 0 < places["solidarite_transport"].column
    assert places["css_avec_participation"].column == 0
    assert len({(n.column, n.row) for n in drawing.nodes}) == len(drawing.nodes)
    assert all(e.source in places and e.target in places for e in drawing.edges)


@pytest.mark.parametrize("right", catalogue())
def test_every_right_can_be_drawn_and_told(right: str) -> None:
    assert drawing_of(right).nodes
    assert all(sentence.endswith(".") or sentence.endswith(").") for sentence in told(right))


def test_words_for_who_does_not_see_the_drawing() -> None:
    sentences = told("prime_noel")
    assert "« Revenu de solidarité active (RSA) » ouvre sans demande « Prime de Noël »." in sentences
    assert any("tombe aussi" in sentence for sentence in told("rsa"))


def test_unknown_names() -> None:
    with pytest.raises(NotFound):
        falls_with("rsaa")
    with pytest.raises(InvalidInput, match="Situation inconnue"):
        first_steps("rsa", in_situations=["riche"])
