"""The other pages: search, ways to browse, links, changes, procedures, unknown addresses. None asks the database."""

from __future__ import annotations

import csv
import io
import time
from datetime import date
from itertools import pairwise
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, given, settings, strategies
from page_reading import PAGES, read

from allervers.apps.catalogue import queries
from allervers.apps.catalogue.domain import is_no_day, read_day
from allervers.rights.catalogue import catalogue
from allervers.rights.changes import changes_since
from allervers.rights.graph import SAID, edges
from allervers.rights.procedures import procedures
from allervers.rights.registries import institutions
from allervers.rights.sheets import sheets

WAYS = [
    (kind, way.id) for kind in ("theme", "public", "evenement", "institution") for way in queries.ways(kind).values()
]
FIELDS = (
    "q",
    "depuis",
    "jusqu_a",
    "theme",
    "niveau",
    "voie",
    "institution",
    "situation",
    "gros",
    "q-age",
    "q-habite_93",
)
ODD = [
    "", " ", "0", "-1", "NaN", "inf", "1e999", "²", "٣", "9" * 400, "2026-02-30", "0000-00-00", "31/12/9999",
    "9999-12-31", "0001-01-01", "<script>alert(1)</script>", "' OR 1=1 --", "\x00", "\ud83d\ude00", "é" * 300,
    "{{ 7|add:7 }}", "%s%n", "../../etc", "tous", "None",
]  # fmt: skip
WITH_FIELDS = (
    "recherche/", "changements/", "changements/changements.csv", "demarches/", "demarches/demarches.csv", "rsa/",
    "ikaria/", "adaje/", "solidarite_transport/", "cantine_saint_denis/", "theme/sante/",
)  # fmt: skip


def get(path: str, **headers: str):
    return Client().get(f"/droits/{path}", **headers)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_whole_and_asks_no_database(path):
    # Without the fixture `db`, a query to the database fails the test.
    answer = get(path)
    assert answer.status_code == 200
    assert len(answer.content) < 60_000
    page = read(answer.content)
    assert not {"None", "True", "False"} & set(page.text.split())
    assert len(page.ids) == len(set(page.ids))


def test_every_link_of_every_page_resolves():
    seen: dict[str, str] = {}
    for path in (*PAGES, *(f"{kind}/{name}/" for kind, name in WAYS), *(f"{name}/" for name in catalogue())):
        for link in read(get(path).content).links:
            parts = urlsplit(link)
            if not parts.scheme and parts.path:
                seen.setdefault(parts.path, path)
    inside = [path for path in seen if path.startswith("/droits/")]
    assert len(inside) > len(catalogue())
    assert [(path, seen[path]) for path in inside if Client().get(path).status_code != 200] == []
    for path in set(seen) - set(inside):
        if not path.startswith("/static/"):
            resolve(path)


def test_outside_links_name_their_site():
    links = {link for path in (*PAGES, *(f"{name}/" for name in catalogue())) for link in read(get(path).content).links}
    assert {urlsplit(link).scheme for link in links} <= {"", "https", "tel"}


def test_no_right_has_the_name_of_a_page():
    for name in catalogue():
        assert resolve(f"/droits/{name}/").url_name == "right-sheet"


def test_every_right_is_on_the_front_page_under_its_letter():
    page = read(get("").content)
    assert {f"/droits/{name}/" for name in catalogue()} <= set(page.links)
    assert "Énergie" in page.text


def test_search_says_why():
    text = read(get("recherche/?q=jai+perdu+mon+travial").content).text
    assert "Allocation d'aide au retour à l'emploi" in text
    assert "Pourquoi" in text
    assert "Rien dans le catalogue" not in text


def test_search_finds_nothing_and_invents_nothing():
    page = read(get("recherche/?q=xyzzyx").content)
    assert "Rien dans le catalogue pour « xyzzyx »" in page.text.replace("\xa0", " ")
    assert institutions()["ccas"].label in page.text
    assert "/droits/theme/sante/" in page.links
    assert not {f"/droits/{name}/" for name in catalogue()} & set(page.links)


def test_what_is_typed_is_escaped():
    html = get("recherche/?" + urlencode({"q": '"><script>alert(1)</script>'})).content.decode()
    assert "<script>alert" not in html
    html = get("ikaria/?" + urlencode({"q-age": '"><img src=x onerror=1>'})).content.decode()
    assert "<img" not in html


@pytest.mark.parametrize(("kind", "name"), WAYS)
def test_a_way_lists_its_rights(kind, name):
    way = queries.ways(kind)[name]
    page = read(get(f"{kind}/{name}/").content)
    assert {f"/droits/{right}/" for right in way.rights} <= set(page.links)
    if way.event and way.event.clock:
        assert way.event.clock in page.text


def test_ended_rights_are_in_no_theme():
    ended = {name for name, facts in sheets().items() if facts.force == "ended"}
    assert ended
    assert not any(ended & set(way.rights) for way in queries.ways("theme").values())


def test_the_whole_graph_is_drawn_and_told():
    html = get("liens/").content.decode()
    page = read(html.encode())
    links = [edge for edge in edges() if "adaje" not in {edge.source, edge.target}]
    drawn = [edge for edge in links if edge.kind != "excludes"]
    assert html.count('class="arrow') == len(drawn) + len({edge.kind for edge in drawn})
    for edge in links:
        assert f"{SAID[edge.kind]} {catalogue()[edge.target].label}" in page.text
    assert "<svg" in html
    assert 'style="' not in html
    assert "ADAJE" not in page.text
    assert "ADAJE" not in read(get("cmg/").content).text
    assert "CMG" in read(get("adaje/").content).text


def test_boxes_of_drawings_stay_apart_and_inside():
    pictures = [queries.picture_of_all(), *(queries.picture_around(name) for name in catalogue())]
    for picture in [one for one in pictures if one]:
        places = [(box.x, box.y) for box in picture.boxes]
        assert len(places) == len(set(places))
        assert max(x for x, _ in places) + 186 <= picture.width
        assert max(y for _, y in places) + 62 <= picture.height
        by_column: dict[int, list[int]] = {}
        for x, y in sorted(places):
            by_column.setdefault(x, []).append(y)
        assert all(b - a >= 62 for ys in by_column.values() for a, b in pairwise(ys))


def test_changes_since_a_date():
    text = read(get("changements/?depuis=01/01/2015").content).text
    found = changes_since(read_day("2015-01-01"))
    assert [one.what for one in found if one.what not in text] == []
    assert text.count("à confirmer") >= sum(one.grade == "C" for one in found)
    theme = read(get("changements/?depuis=2015-01-01&theme=sante").content).text
    assert len(theme) < len(text)
    assert "Aucun changement connu" in read(get("changements/?depuis=2200-01-01").content).text
    assert "n'a pas été comprise" in read(get("changements/?depuis=hier").content).text


def test_changes_to_take_away():
    answer = get("changements/changements.csv?depuis=2015-01-01")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + len(changes_since(read_day("2015-01-01")))
    assert "attachment" in answer["Content-Disposition"]
    feed = ElementTree.fromstring(get("changements/fil.atom").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    ids = [entry.findtext("{http://www.w3.org/2005/Atom}id") for entry in entries]
    assert len(ids) == len(set(ids)) > 20


def test_procedures_by_level():
    rows = list(csv.reader(io.StringIO(get("demarches/demarches.csv").content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + len(procedures())
    for level in range(1, 6):
        filtered = get(f"demarches/demarches.csv?niveau={level}").content.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(filtered), delimiter=";"))) == 1 + len(procedures(level=level))
    page = read(get("demarches/?niveau=1&voie=counter&institution=ccas").content)
    assert "/droits/aides_ccas/" in {link.partition("#")[0] for link in page.links}


@pytest.mark.parametrize(
    ("path", "nearest"),
    [("rssa/", "rsa"), ("aide_logement/", "aides_logement"), ("APL/", "aides_logement"), ("rsa/pieces/", "rsa")],
)
def test_an_unknown_address_suggests_the_nearest_right(path, nearest):
    answer = get(path)
    assert answer.status_code == 404
    page = read(answer.content)
    assert f"/droits/{nearest}/" in page.links


@pytest.mark.parametrize(
    "path", ["théâtre/", "theme/rien/", "institution/xyzzyx/", "%3Cscript%3E/", "a/b/c/d/", "rsa//"]
)
def test_an_odd_address_is_a_page(path):
    answer = get(path)
    assert answer.status_code == 404
    assert b"<script>" not in answer.content


@pytest.mark.parametrize("odd", ODD)
def test_odd_fields_never_fail(odd):
    query = "?" + urlencode(dict.fromkeys(FIELDS, odd), errors="replace")
    for path in WITH_FIELDS:
        assert get(path + query).status_code == 200, (path, odd)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.dictionaries(strategies.sampled_from(FIELDS), strategies.text(max_size=60), max_size=6))
def test_no_field_fails(typed):
    query = "?" + urlencode(typed, errors="replace")
    for path in ("recherche/", "changements/", "demarches/", "amethyste/"):
        assert get(path + query).status_code == 200


def test_a_browser_keeps_an_anonymous_page_and_nothing_typed():
    client = Client()
    client.get("/droits/rsa/")
    answer = client.get("/droits/rsa/")
    assert "no-cache" in answer["Cache-Control"]
    again = client.get("/droits/rsa/", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/droits/aah/", headers={"If-None-Match": answer["ETag"]}).status_code == 200
    client.cookies["theme"] = "dark"
    assert client.get("/droits/rsa/", headers={"If-None-Match": answer["ETag"]}).status_code == 200
    for typed in ("rsa/?situation=couple", "recherche/?q=loyer", "ikaria/?q-age=70"):
        assert "no-store" in client.get(f"/droits/{typed}")["Cache-Control"]


def test_only_reading_is_allowed():
    assert Client().post("/droits/rsa/").status_code == 405
    assert Client().head("/droits/rsa/").status_code == 200


def test_signed_in_agents_read_the_same_pages_in_their_menu(world, signed_in):
    client = signed_in(world.agent)
    for path in ("", "rsa/", "liens/", "demarches/", "changements/", "recherche/?q=loyer"):
        answer = client.get(f"/droits/{path}")
        assert answer.status_code == 200
        assert "Mes listes" in read(answer.content).text
        assert "no-store" in answer["Cache-Control"]


def test_pages_are_quick():
    queries.warm()
    client = Client()
    for path in PAGES:
        client.get(f"/droits/{path}")
        times = []
        for _ in range(3):
            start = time.process_time()
            client.get(f"/droits/{path}")
            times.append(time.process_time() - start)
        assert min(times) < 0.05, path


@pytest.mark.parametrize(
    "typed",
    [
        "12031992",
        "12.03.1992",
        "12 03 1992",
        "12-03-1992",
        "12/3/1992",
        "1992-03-12",
        " 12/03/1992 ",
        "12 mars 1992",
        "12 March 1992",
        "12th Mar. 1992",
    ],
)
def test_a_date_is_read_however_it_is_typed(typed):
    assert read_day(typed) == date(1992, 3, 12)
    assert not is_no_day(typed)


@pytest.mark.parametrize("typed", ["31/02/1992", "31021992", "29.02.2023", "12/13/1992", "31 février 1992"])
def test_a_day_that_does_not_exist_is_told_from_what_is_no_date(typed):
    assert read_day(typed) is None
    assert is_no_day(typed)
    assert not is_no_day("mars 1992")
    assert not is_no_day("12/03/92")
    for unclear in ("12 ju 1992", "12 jui 1992", "12 marsouin 1992"):
        assert read_day(unclear) is None
