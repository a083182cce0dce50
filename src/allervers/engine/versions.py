"""The versions of what the results depend on, told without loading any of it."""

from __future__ import annotations

from importlib.metadata import version

LAW_VERSION = f"openfisca-france {version('openfisca-france')}, openfisca-core {version('openfisca-core')}"
ENGINE_VERSION = f"{LAW_VERSION}, numpy {version('numpy')}"
