"""The page of each tabular format says what its layout does, and its example of mapping can be used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from allervers.extracts.cells import MESSAGES
from allervers.extracts.formats import FORMATS
from allervers.extracts.layout_page import columns_table
from allervers.extracts.mapping import DATE_FORMATS, ENCODINGS, MONTH_FORMATS, check_mapping, mapping_of

PAGES = Path(__file__).parents[3] / "docs" / "formats"
TABULAR = [name for name, one in FORMATS.items() if one.kind == "tabular"]


@pytest.mark.parametrize("name", TABULAR)
def test_page_has_the_columns_of_the_layout(name: str) -> None:
    layout = FORMATS[name].layout
    assert layout is not None
    assert columns_table(layout) in (PAGES / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABULAR)
def test_example_of_mapping_fits_the_layout(name: str) -> None:
    layout = FORMATS[name].layout
    assert layout is not None
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    check_mapping(mapping_of(tomllib.loads(example)), layout)


def test_common_page_names_everything() -> None:
    page = (PAGES / "README.md").read_text(encoding="utf-8")
    for name in (*FORMATS, *MESSAGES, *DATE_FORMATS, *MONTH_FORMATS, *ENCODINGS):
        assert f"`{name}`" in page
