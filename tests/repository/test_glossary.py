"""Each French word used in a name of the code is in GLOSSARY.md.

French is known in two ways: the names of our data (tables, columns, rights, natures of income, inputs), and the words
of OpenFisca-France's own variables met in any identifier.
"""

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from project import ROOT, parsed, python_files

from allervers.extracts.records import IDENTITY_COLUMNS, TABLES
from allervers.population.inputs import INCOMES, INPUTS
from allervers.rights.catalogue import catalogue

ENGLISH_IN_DATA = {
    "base", "email", "hmac", "key", "letter", "month", "on", "period", "phone", "reach", "role", "signal", "since",
    "sms", "source",
}  # fmt: skip
# Words of OpenFisca's names that are English as well, or that we use as English.
ENGLISH_TOO = {
    "adult", "age", "api", "base", "centre", "complement", "condition", "contact", "correction", "couple", "dates",
    "default", "dir", "divide", "due", "eligible", "end", "exc", "field", "fiscal", "france", "general", "has",
    "institution", "int", "job", "label", "large", "licence", "long", "max", "maximum", "minimum", "mode", "order",
    "parent", "parents",
    "part", "parts", "per", "place", "points", "prepare", "public", "ratio", "reference", "resident", "rng", "service",
    "strict",
    "super", "tax", "total", "type", "types", "unique", "unit", "validation", "value", "values", "zone", "zones",
    "restriction", "pension", "pensions", "actions", "capital", "cases", "categories", "classes", "coefficient",
    "construction", "continue", "creation", "credits", "documentation", "info", "main", "mention", "multiple", "org",
    "association", "organisations", "pro", "volume",
    "pass", "plus", "presence", "production", "protection", "simple", "special", "action", "second", "source",
    "verifier",
}  # fmt: skip


@cache
def glossary_words() -> frozenset[str]:
    words = set()
    text = (ROOT / "GLOSSARY.md").read_text("utf-8")
    entries = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    for term in re.findall(r"`([a-z_]+)`", "\n".join(entries) + text.split("## Mots courants")[1]):
        words |= {term, *term.split("_")}
    return frozenset(words)


@cache
def openfisca_names() -> frozenset[str]:
    """Variables and enum members of OpenFisca-France, read from its source (nothing is imported)."""
    spec = find_spec("openfisca_france")
    model = Path(spec.submodule_search_locations[0]) / "model"
    named = re.compile(r"^class (\w+)\((?:Variable|Enum)\)|^    (\w+) = ['\"]", re.MULTILINE)
    return frozenset(a or b for path in model.rglob("*.py") for a, b in named.findall(path.read_text("utf-8")))


@cache
def openfisca_words() -> frozenset[str]:
    return frozenset(word for name in openfisca_names() for word in name.lower().split("_") if len(word) > 2)


def identifiers(tree: ast.Module) -> set[str]:
    """Names that a module defines or uses; those of its import lines, which belong to others, left out."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def words_of(name: str) -> list[str]:
    return re.findall("[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())


def test_names_of_data_are_explained():
    names = {*TABLES, *(column for columns in TABLES.values() for column in columns), *IDENTITY_COLUMNS, *catalogue()}
    names |= {income.nature for income in INCOMES} | {i.variable for i in INPUTS}
    missing = {word for name in names - glossary_words() for word in words_of(name)}
    assert sorted(missing - glossary_words() - ENGLISH_IN_DATA) == []


def test_words_of_the_law_in_identifiers_are_explained():
    missing = {}
    for path in python_files("src"):
        # A variable that is OpenFisca's own (a corrected formula, say) keeps its name, explained by OpenFisca.
        for name in identifiers(parsed(path)) - {whole for whole in openfisca_names() if "_" in whole}:
            for word in words_of(name):
                if word in openfisca_words() - ENGLISH_TOO - glossary_words():
                    missing.setdefault(word, str(path))
    assert missing == {}


def test_each_right_has_its_own_entry():
    assert sorted(set(catalogue()) - glossary_words()) == []
