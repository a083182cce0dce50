"""Commands on a store: a mistyped path makes nothing, a path that is a file is told plainly."""

import pytest

from allervers.cli import main


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["allervers", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main.run()
    return stopped.value.code


@pytest.mark.parametrize("command", [["imports"], ["link"], ["detect"], ["review"], ["oppose", "x", "--actor", "A"]])
def test_missing_store_is_told_and_not_made(command, monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, *command, "--store", str(tmp_path / "absent")) == 5
    assert "absent" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()


def test_store_that_is_a_file_is_told(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    given = ["--store", str(tmp_path / "file"), "--partner", "caf-93", "--convention", "CONV-93-1"]
    given += ["--reference-on", "2026-11-05"]
    assert run(monkeypatch, "import", "caf_paiements", str(tmp_path / "file"), *given) == 6
    assert "inaccessible" in capsys.readouterr().err
