"""A page written as a PDF: the same words in the same order, accents and euros, bookmarks, numbers, the same bytes."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.staticfiles import finders
from pdf_reading import bookmarks, letters, words_of
from pypdf import PdfReader

from allervers.apps.printing.pdf import MOST_CHARACTERS, written
from allervers.apps.printing.reading import NOT_PRINTED, read_page
from allervers.foundation.errors import InvalidInput

NOTICE = "Démonstration : données synthétiques, aucune de ces personnes n'existe."


def page(main: str, *, notice: str = "") -> str:
    head = f'<p class="av-demo">{notice}</p>' if notice else ""
    return (
        f'<!doctype html><html lang="fr"><head><title>Mon bilan</title></head><body><header>{head}</header>'
        f'<main id="contenu"><h1>Mon bilan</h1>{main}</main></body></html>'
    )


def document(main: str, *, notice: str = "", is_large: bool = False) -> PdfReader:
    return PdfReader(io.BytesIO(written(read_page(page(main, notice=notice)), is_large=is_large)))


def test_letters_of_french_and_what_stands_apart():
    told_here = "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ àâæçéèêëîïôœùûüÿ « 1\u202f348,41\u00a0€ » — ☑ ☐ …"
    found = document(f"<p>{told_here}</p><ol><li>Un</li><li>Deux<br>et demi</li></ol><ul><li>Trois</li></ul>")
    assert words_of(found) == letters(f"Mon bilan {told_here} 1. Un 2. Deux et demi Trois")
    assert {str(font["/BaseFont"]).split("+")[1] for font in found.pages[0]["/Resources"]["/Font"].values()} == {
        "DejaVuSansBook", "DejaVuSansBold",
    }  # fmt: skip


def test_what_is_not_printed_is_not_written():
    found = document(
        '<nav class="no-print">Retour</nav><p class="av-actions">Imprimer</p><form>Effacer</form>'
        "<p hidden>Caché</p><div>Sans balise <!-- rien --><strong>en gras</strong>, suite</div><script>1</script>"
    )
    assert words_of(found) == letters("Mon bilan Sans balise en gras, suite")


def test_the_style_sheet_hides_the_same_on_paper():
    with open(str(finders.find("allervers.css")), encoding="utf-8") as stream:
        hidden = re.search(r"@media print \{\s*([^{]+)\{ display: none", stream.read())[1]
    assert {one.strip() for one in hidden.split(",")} == {f".{name}" for name in NOT_PRINTED} | {"form"}


def test_every_sheet_says_that_the_data_are_made_up_and_its_number():
    found = document("<p>Une phrase qui dure. </p>" * 200, notice=NOTICE, is_large=True)
    assert len(found.pages) > 3
    assert words_of(found, NOTICE) == letters("Mon bilan" + "Une phrase qui dure." * 200)


def test_a_table_keeps_its_rows():
    found = document("<table><thead><tr><th>Quoi</th><th>Qui</th></tr></thead><tbody><tr><th>Téléphoner à la Caf</th>"
                     "<td>Vous</td></tr></tbody></table>")  # fmt: skip
    assert words_of(found) == letters("Mon bilan Quoi Qui Téléphoner à la Caf Vous")


def test_bookmarks_are_the_headings_even_when_one_is_skipped():
    found = document("<h3>Trois</h3><p>a</p><h2>Deux <em>ici</em></h2><p>b</p>")
    assert bookmarks(found) == [(1, "Mon bilan"), (2, "Trois"), (2, "Deux ici")]


def test_the_same_page_gives_the_same_bytes_and_another_does_not():
    first, same, other = (written(read_page(page(f"<p>{words}</p>"))) for words in ("Oui", "Oui", "Non"))
    assert first == same != other


def test_a_heading_is_never_alone_at_the_foot_of_a_sheet():
    for lines in range(25, 45):
        found = document("<p>Ligne</p>" * lines + "<h2>Titre</h2><p>Dessous</p>")
        holds = ["Titre" in sheet.extract_text() for sheet in found.pages]
        assert "Dessous" in found.pages[holds.index(True)].extract_text(), lines


def test_what_a_person_typed_is_text_and_nothing_else(caplog):
    found = document("<p>**gras** {nb} &lt;b&gt; --x-- \\ 漢 😀</p>")
    assert words_of(found).startswith(letters("Mon bilan **gras** {nb} <b> --x-- \\"))
    assert caplog.text == ""  # the journal holds nothing of what persons type


def test_a_document_too_long_is_refused_in_words():
    paper = read_page(page(f"<p>{'a ' * MOST_CHARACTERS}</p>"))
    with pytest.raises(InvalidInput, match="trop long"):
        written(paper)
