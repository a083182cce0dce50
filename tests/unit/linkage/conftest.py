"""A store and a short way to put people in it."""

import polars as pl
import pytest
from linkage_people import NOW

from allervers.extracts.identity.vault import Vault
from allervers.extracts.linkage import report
from allervers.extracts.linkage.link import link

COLUMNS = ("nir", "nom_naissance", "nom_usage", "prenoms", "date_naissance", "sexe", "commune_naissance", "code_insee")


class Desk:
    """A store as a test uses it: `put` one record and get its key, `link`, then ask."""

    def __init__(self, store):
        self.store = store

    def put(self, partner, number, **identity):
        columns = {name: [identity.get(name)] for name in COLUMNS}
        frame = pl.DataFrame(
            {"person_number": [number]} | columns,
            schema=dict.fromkeys(["person_number", *COLUMNS], pl.String),
        )
        with Vault(self.store) as vault, vault.transaction():
            return vault.person_keys(partner, frame)[0]

    def link(self, **options):
        return link(self.store, now=NOW, **options)

    def person(self, key):
        return report.persons(self.store).row(by_predicate=pl.col("source_key") == key, named=True)

    def together(self, *keys):
        return len({self.person(key)["person_id"] for key in keys}) == 1

    def pending(self):
        return report.pairs_to_review(self.store)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def now():
    return NOW
