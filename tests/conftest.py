"""What every test may ask for: the law, loaded once for the whole run."""

from __future__ import annotations

import pytest

from allervers.engine.law import Changes, Law
from allervers.engine.laws import law_of
from allervers.rights.corrections import corrected_law


@pytest.fixture(scope="session")
def openfisca() -> Law:
    """The law as OpenFisca-France codes it (seconds to load: mark the test `law`)."""
    return law_of(Changes(), "openfisca")


@pytest.fixture(scope="session")
def corrected() -> Law:
    """The law with the register of corrections (seconds to load: mark the test `law`)."""
    return law_of(corrected_law(), "openfisca")
