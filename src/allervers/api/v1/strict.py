"""What every schema of the API shares: nothing unforeseen comes in or goes out; problems; pages of a list."""

from __future__ import annotations

from typing import Annotated, Self

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

MAX_PAGE_SIZE = 200
MAX_PAGE = 2_000


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("caractère de contrôle")
    return text


Text = Annotated[str, AfterValidator(_plain)]
"""Text that a client gives: without control characters (a database refuses NUL)."""


class Strict(Schema):
    """A schema that refuses what it does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Detail(Strict):
    """One thing to correct in a request."""

    place: str
    message: str


class Problem(Strict):
    """Why a request was not answered. `code` is for programs and stays; the sentences are for people and may change."""

    code: str
    error: str
    message: str
    details: list[Detail]


class Asked(Strict):
    """Values of an address. A name that is not one of them is refused: a misspelt filter would filter nothing."""

    @model_validator(mode="after")
    def _has_known_names_only(self, info: ValidationInfo) -> Self:
        request = (info.context or {}).get("request")
        if request is not None and not set(request.GET) <= set(type(self).model_fields):
            raise PydanticCustomError("extra_forbidden", "a name of the address is not known")
        return self


class PageAsked(Asked):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=MAX_PAGE, description="Numéro de la page, à partir de 1.")
    page_size: int = Field(50, ge=1, le=MAX_PAGE_SIZE, description="Lignes par page.")

    @property
    def first(self) -> int:
        """Rank of the first line of the page, from 0."""
        return (self.page - 1) * self.page_size

    @property
    def after(self) -> int:
        """Rank after the last."""
        return self.first + self.page_size


class PageShown(Strict):
    """Where the page stands in the list."""

    page: int
    page_size: int
    total: int
    pages: int


def place_in(asked: PageAsked, total: int) -> dict[str, int]:
    """The fields of `PageShown`."""
    pages = -(-total // asked.page_size)
    return {"page": asked.page, "page_size": asked.page_size, "total": total, "pages": pages}
