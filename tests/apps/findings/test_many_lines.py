"""Every list before fifty thousand lines: as many queries as before one, and none of them unbounded."""

from __future__ import annotations

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from small_world import World, line

from allervers.apps.findings.publishing import COLUMNS, insert_lines

LINES = 50_000
PATHS = (
    "/listes/", "/listes/?page=400", "/listes/?droit=rsa&tri=montant", "/listes/?contact=non&euros=300",
    "/listes/mon-travail/", "/listes/equipe/", "/listes/volumes/", "/listes/a-completer/",
    "/listes/export.csv?menage=menage-1",
)  # fmt: skip


def many(world: World) -> pl.DataFrame:
    """Lines of ten thousand households, some followed, some not to contact."""
    n = pl.int_range(LINES, dtype=pl.Int64)
    followed = n % 50 == 0
    values = {
        "kind": pl.lit("right"), "right": pl.when(n % 2 == 0).then(pl.lit("rsa")).otherwise(pl.lit("aspa")),
        "subject": pl.when(n % 2 == 0).then(pl.lit("rsa")).otherwise(pl.lit("aspa")),
        "household": pl.format("menage-{}", n // 5), "unit_entity": pl.lit("famille"),
        "unit": pl.format("famille-{}", n + 3),
        "commune": pl.lit("93066"), "status": pl.lit("not_claimed"), "is_to_act": pl.lit(value=True),
        "may_contact": n % 7 != 0, "amount_eur_month": (n % 700).cast(pl.Float64),
        "is_amount_hidden": pl.lit(value=False), "questions": pl.lit("[]"), "rank": n + 3,
        "progress": pl.when(followed).then(pl.lit("in_charge")).otherwise(pl.lit("to_do")), "version": pl.lit(0),
        "agent_id": pl.when(followed).then(pl.lit(world.agent.pk)),
    }  # fmt: skip
    texts = ("event", "person", "since_month", "deadline_reason", "blocked_by", "detail", "partner")
    values |= dict.fromkeys(texts, pl.lit(""))
    missing = {name: pl.lit(None) for name in COLUMNS if name not in values}
    return pl.select(**values, **missing).select(COLUMNS)


def asked(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert answer.status_code == 200, path
    return [query["sql"] for query in captured]


def test_as_many_queries_before_fifty_thousand_lines(world, signed_in):
    client = signed_in(world.manager)
    line(world, 1, agent=world.agent)
    line(world, 2, may_contact=False)
    before = {path: len(asked(client, path)) for path in PATHS}
    insert_lines(world.publication.pk, many(world), lambda _done, _total: None)
    for path in PATHS:
        queries = asked(client, path)
        assert len(queries) <= before[path] <= 24, path
        unbounded = [
            sql for sql in queries
            if "findings_finding" in sql and not any(word in sql for word in ("COUNT(", "LIMIT", "EXISTS", "LIKE"))
        ]  # fmt: skip
        assert unbounded == [], path


@pytest.mark.parametrize(("path", "rows"), [("/listes/?page=1001", 0), ("/listes/?page=2", 50)])
def test_only_the_lines_of_the_page_are_read(world, signed_in, path, rows):
    insert_lines(world.publication.pk, many(world).head(500), lambda _done, _total: None)
    page = signed_in(world.manager).get(path).context["page"]
    assert len(page) == (rows or 50)  # after the last page comes the last page
    assert page.paginator.count == 500
