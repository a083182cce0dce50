"""Writes what a page says as a PDF: A4, one readable letter, headings as bookmarks, numbered pages, nothing kept.

The same page on the same day gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from allervers.apps.printing.reading import Block, Paper, read_page
from allervers.foundation.errors import InvalidInput

if TYPE_CHECKING:
    from fpdf import FPDF

MOST_CHARACTERS = 60_000
"""About thirty pages: beyond, it is no document that a person reads, and writing it would take seconds."""
FAMILY = "DejaVu"
NORMAL, LARGE = 11.0, 17.0
"""Points. Large print begins at 16."""
MARGIN = 18.0
SIGN_HERE = 16.0
"""Millimetres left above a rule, to write a name."""
_TITLES = {"h1": 1.6, "h2": 1.3, "h3": 1.1, "h4": 1.0}
_LEVELS = {"h1": 0, "h2": 1, "h3": 2, "h4": 3}
_POINT = 25.4 / 72
_JOINED = re.compile(r" (?=[»:;?!])|(?<=«) ")
"""Spaces of French at which a line must not break."""
_OF_ALL = "{⁂}"
"""Stands for the number of pages until it is known."""


def downloaded(page: HttpResponse, name: str, *, is_large: bool = False) -> HttpResponse:
    """The answer that gives a page as a file. Raises InvalidInput when it is too long."""
    content = written(read_page(page.content.decode()), is_large=is_large)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def written(paper: Paper, *, is_large: bool = False) -> bytes:
    """The document. Raises InvalidInput when it is too long."""
    if paper.length > MOST_CHARACTERS:
        raise InvalidInput(_("Ce document est trop long pour un PDF : imprimez la page avec votre navigateur."))
    size = LARGE if is_large else NORMAL
    pdf = _blank(paper, size)
    pdf.add_page()
    level = -1
    for before, block in zip((None, *paper.blocks), paper.blocks, strict=False):
        if block.kind in _TITLES:
            level = min(level + 1, _LEVELS[block.kind])  # a bookmark hangs from the one above: none is skipped
            _heading(pdf, block, size, level)
        elif block.kind == "table":
            _table(pdf, block.rows, size)
        elif block.kind == "hr":
            pdf.ln(SIGN_HERE)
            pdf.line(pdf.l_margin, pdf.y, pdf.w / 2, pdf.y)
            pdf.ln(size * 0.4)
        else:
            _words(pdf, block, size, is_next_line=before is not None and before.kind == block.kind == "li")
    return bytes(pdf.output())


def _blank(paper: Paper, size: float) -> FPDF:
    # Imported when a document is asked for: a process that writes none does without its memory.
    from fpdf import FPDF, ViewerPreferences

    class Sheets(FPDF):
        """Every sheet: the notice above, the title and the number below."""

        def header(self) -> None:
            if paper.notice:
                self.set_font(FAMILY, "B", size=max(9.0, size * 0.75))
                self.multi_cell(0, text=paper.notice, border=1, align="C", padding=1, new_x="LMARGIN", new_y="NEXT")
                self.ln(3)

        def footer(self) -> None:
            self.set_y(-13)
            self.set_font(FAMILY, size=max(9.0, size * 0.75))
            told = _("Page %(n)s sur %(of)s") % {"n": self.page_no(), "of": _OF_ALL}
            self.cell(0, text=told, align="C")

    pdf = Sheets(format="A4")
    for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(FAMILY, style, str(finders.find(f"vendor/{file}")))
    pdf.alias_nb_pages(_OF_ALL)
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, margin=MARGIN + 2)
    pdf.set_title(paper.title)
    pdf.set_lang(paper.language)
    pdf.set_creator("AllerVers")
    pdf.set_display_mode("fullwidth")
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_creation_date(datetime.combine(timezone.localdate(), time(), timezone.get_current_timezone()))
    return pdf


def _heading(pdf: FPDF, block: Block, size: float, level: int) -> None:
    points = size * _TITLES[block.kind]
    tall = points * _POINT * 1.3
    if pdf.will_page_break(tall * 2 + size * _POINT * 3):  # never alone at the foot of a sheet
        pdf.add_page()
    elif block.kind != "h1":
        pdf.ln(points * _POINT * 0.7)
    pdf.start_section(block.text, level=level)
    pdf.set_font(FAMILY, "B", size=points)
    pdf.multi_cell(0, tall, block.text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(size * _POINT * 0.3)


def _words(pdf: FPDF, block: Block, size: float, *, is_next_line: bool) -> None:
    tall = size * _POINT * 1.45
    indent = size * _POINT * 1.6 * block.depth
    if not is_next_line:
        pdf.ln(size * _POINT * 0.25)
    pdf.set_font(FAMILY, size=size)
    if block.mark:
        pdf.set_x(MARGIN + indent - size * _POINT * 1.6)
        pdf.cell(size * _POINT * 1.6, tall, block.mark)
    pdf.set_left_margin(MARGIN + indent)
    pdf.set_x(MARGIN + indent)
    for run in block.runs:
        pdf.set_font(FAMILY, "B" if run.is_bold else "", size=size)
        pdf.write(tall, _JOINED.sub("\N{NO-BREAK SPACE}", run.text))
    pdf.set_left_margin(MARGIN)
    pdf.ln(tall)


def _table(pdf: FPDF, rows: Iterable[tuple[str, ...]], size: float) -> None:
    pdf.ln(size * _POINT * 0.5)
    pdf.set_font(FAMILY, size=size)
    lines = list(rows)
    widths = (2, *(1 for _cell in lines[0][1:]))
    with pdf.table(
        borders_layout="HORIZONTAL_LINES", text_align="LEFT", line_height=size * _POINT * 1.3, padding=0.8,
        col_widths=widths,
    ) as table:  # fmt: skip
        for row in lines:
            line = table.row()
            for cell in row:
                line.cell(cell)
    pdf.ln(size * _POINT * 0.3)
