"""YAML of tests: hostile files are refused in French before they grow; arithmetic is read, code never."""

from __future__ import annotations

from pathlib import Path

import pytest

from allervers.engine.conformance.cases import Case, Unreadable, case_in, cases_of
from allervers.engine.conformance.documents import MAX_BYTES, parsed, yaml_files
from allervers.engine.conformance.expressions import number_in
from allervers.foundation.errors import InvalidInput, NotFound

BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (n + 1, n + 1, *[n] * 10) for n in range(97, 106)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "trop de valeurs"),
        (b"a: &a [*a]", "se contient lui-m"),
        (b"a: *missing", "n'existe pas"),
        (b"[" * 100, "niveaux"),
        (b"- " * 5000, "niveaux"),
        (b"- x\n" * 250_000, "trop de valeurs"),
        (b"x" * (MAX_BYTES + 1), "Mo"),
        (b"!!python/object/apply:os.system ['true']", "YAML lisible"),
        (b"!!python/name:os.system", "YAML lisible"),
        (b"!ours 1", "YAML lisible"),
        (b"{a: 1", "ligne"),
        (b"a: 1\n b: 2", "ligne 2"),
        (b"\x00", "YAML lisible"),
        (b"\xff\xfe\xfd", "YAML lisible"),
        (b"{[1]: 2}", "YAML"),
        (b"period: 2026-13-45", "ne sait pas lire"),
        (b"a: 1" + b"0" * 5000, "ne sait pas lire"),
    ],
)
def test_hostile_files_are_refused(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parsed(content, "f.yaml")
    assert said in refused.value.message
    assert "f.yaml" in refused.value.message


def test_small_aliases_are_read() -> None:
    assert parsed(b"- &x {a: 1}\n- *x\n", "f.yaml") == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize(("content", "found"), [(b"", []), (b"# nothing\n", []), (b"a: 1", [{"a": 1}])])
def test_one_document_is_a_list_of_one(content: bytes, found: list[object]) -> None:
    assert parsed(content, "f.yaml") == found


def test_files_are_found_once_in_order_and_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    (folder / "b").mkdir(parents=True)
    for name in ("b/1.yml", "a.yaml", "note.txt"):
        (folder / name).write_text("[]")
    (tmp_path / "secret.yaml").write_text("[]")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert [name for _path, name in yaml_files([folder, folder / "a.yaml"])] == ["a.yaml", "b/1.yml"]
    with pytest.raises(NotFound):
        yaml_files([tmp_path / "absent"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="Aucun fichier YAML"):
        yaml_files([tmp_path / "empty"])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1500 * 12", 18_000),
        ("700 - (1600 - 700)/11", 700 - 900 / 11),
        ("-.082 * 20000", -1640.0),
        ("15_000 * 0.66", 9900.0),
        ("2**3", 8),
        ("7//2", 3),
        ("floor(43.7498 * (1 - 0.005))", 43),
        ("round(0.0045 * (0.6888 - 0.45), 5)", 0.00107),
        ("1500 * (\n  2\n)\n", 3000),
        ("97608 ", 97_608),
        ("True", True),
    ],
)
def test_arithmetic_is_computed(text: str, number: float) -> None:
    assert number_in(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "01001", "1,2", "2A004", " 12", "1/0", "9**99999", "9**9**9", "(-1)**0.5", "2018-11", "1990-01-01",
        "__import__('os')", "().__class__", "abs", "abs()", "abs(1, 2)", "floor(1e999)", "round(1, 'a')", "eval(1)",
        "e" * 50, "(" * 90 + "1" + ")" * 90 + "+", "-" * 900 + "1", "9" * 900 + "*" + "9" * 50,
    ],
)  # fmt: skip
def test_what_is_no_arithmetic_stays_a_text(text: str) -> None:
    assert number_in(text) is None or text in {"2018-11", "9" * 900}


def test_a_case_with_all_its_keys() -> None:
    case = case_in(
        {
            "name": "n", "period": 2026, "input": {"salaire": 1}, "output": {"rsa": 0}, "keywords": ["k"],
            "absolute_error_margin": {"default": 1, "rsa": "0.5 * 2"}, "relative_error_margin": 0.1,
            "max_spiral_loops": 4, "reforms": "openfisca_france.reforms.x.y", "extensions": [], "description": "d",
        },
        "f.yaml",
        3,
    )  # fmt: skip
    assert case.period == "2026"
    assert (case.absolute.of("rsa"), case.absolute.of("ppa"), case.relative.of("ppa")) == (1.0, 1.0, 0.1)
    assert case.reforms == ("openfisca_france.reforms.x.y",)
    assert case.max_spiral_loops == 4
    assert case.title == "f.yaml no 3 « n »"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "dictionnaire"),
        ("text", "dictionnaire"),
        ({"input": {}}, "output"),
        ({"output": {}}, "output"),
        ({"output": []}, "output"),
        ({"input": [], "output": {"a": 1}}, "input"),
        ({"inputs": {}, "output": {"a": 1}}, "inputs"),
        ({"output": {"a": 1}, "absolute_error_margin": -1}, "absolute_error_margin"),
        ({"output": {"a": 1}, "absolute_error_margin": float("nan")}, "absolute_error_margin"),
        ({"output": {"a": 1}, "relative_error_margin": "beaucoup"}, "relative_error_margin"),
        ({"output": {"a": 1}, "absolute_error_margin": [1]}, "absolute_error_margin"),
        ({"output": {"a": 1}, "max_spiral_loops": 10**9}, "max_spiral_loops"),
        ({"output": {"a": 1}, "reforms": {"a": 1}}, "reforms"),
        ({"output": {"a": 1}, "period": [2026]}, "période"),
    ],
)
def test_wrong_cases_are_told(document: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        case_in(document, "f.yaml", 1)
    assert said in refused.value.message


def test_a_wrong_case_does_not_stop_its_file(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("- {outputs: {a: 1}}\n- {output: {a: 1}}\n")
    first, second = cases_of(path, "f.yaml")
    assert isinstance(first, Unreadable)
    assert (first.number, second.number) == (1, 2)
    assert isinstance(second, Case)
    path.write_text("{")
    assert [type(one) for one in cases_of(path, "f.yaml")] == [Unreadable]
