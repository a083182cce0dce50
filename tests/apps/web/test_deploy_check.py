"""`allervers check --deploy`, `keys`, `audit`, `invite-admin` as an operator runs them: processes of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.own_database

ALLERVERS = Path(sys.executable).with_name("allervers")
GOOD = {
    "ALLERVERS_HTTPS": "1", "ALLERVERS_HOSTS": "droits.exemple.fr", "ALLERVERS_MAIL": "smtp://courriel.exemple.fr:587",
    "ALLERVERS_MAIL_FROM": "ne-pas-repondre@exemple.fr", "ALLERVERS_TRUST_PROXY": "1",
}  # fmt: skip


def environment(tmp_path, **given):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ALLERVERS_", "DATABASE_", "DJANGO_"))
    }
    settings = {"ALLERVERS_DATA": str(tmp_path / "données"), "DJANGO_SETTINGS_MODULE": "allervers.web.settings"}
    return kept | settings | (given or GOOD)


@pytest.fixture
def run(tmp_path):
    def ran(*arguments, **given):
        done = subprocess.run(
            [str(ALLERVERS), *arguments], capture_output=True, text=True, check=False, cwd=tmp_path,
            env=environment(tmp_path, **given),
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return ran


def points(text):
    return [row.removeprefix("- ") for row in text.splitlines() if row.startswith("- ")]


def test_a_new_installation_then_one_that_is_ready(run, tmp_path):
    code, text = run("check", "--deploy", **GOOD)
    assert code != 0
    assert any("tables" in point for point in points(text))
    code, text = run("invite-admin", "chef@exemple.fr", "--name", "Chef", "--site", "https://droits.exemple.fr", **GOOD)
    assert re.search(r"https://droits\.exemple\.fr/compte/invitation/[\w-]{40,}/", text), text
    _, text = run("check", "--deploy", **GOOD)
    # The first administrator has not answered yet; SQLite is not for production.
    assert [point.split(" ")[0] for point in points(text)] == ["DATABASE_URL", "Aucun"], text
    assert run("check", **GOOD)[0] == 0
    assert not re.search(r"Traceback|Warning", text)


def test_each_setting_that_production_cannot_have_is_named_once(run):
    bad = {
        "ALLERVERS_HTTPS": "0", "ALLERVERS_DEBUG": "1", "ALLERVERS_DEMO": "1", "ALLERVERS_HOSTS": "localhost",
        "ALLERVERS_MAIL": "console", "ALLERVERS_MAIL_FROM": "x@localhost", "ALLERVERS_TRUST_PROXY": "0",
        "ALLERVERS_OIDC_ISSUER": "http://connexion.exemple.fr",
    }  # fmt: skip
    found = points(run("check", "--deploy", **bad)[1])
    for told in bad:
        assert len([point for point in found if f"{told} " in f"{point} "]) == 1, (told, found)
    assert len([point for point in found if "ALLERVERS_OIDC_CLIENT_ID" in point]) == 1
    assert any(
        "tous les noms" in one for one in points(run("check", "--deploy", **(GOOD | {"ALLERVERS_HOSTS": "*"}))[1])
    )


def test_files_that_others_can_read_are_named(run, tmp_path):
    run("invite-admin", "chef@exemple.fr", **GOOD)
    (tmp_path / "données").chmod(0o755)
    (tmp_path / "données" / "keys").chmod(0o755)
    _, text = run("check", **GOOD)
    assert len([point for point in points(text) if "chmod 700" in point]) == 2
    (tmp_path / "données" / "keys" / "field-keys").chmod(0o644)
    code, text = run("check", **GOOD)
    assert code != 0
    assert "chmod 600" in text
    assert "Traceback" not in text


def test_keys_are_rotated_then_forgotten(run):
    run("invite-admin", "chef@exemple.fr", **GOOD)
    before = run("keys", **GOOD)[1]
    assert "0 ancienne" in before
    assert run("keys", "--rotate", **GOOD)[0] == 0
    now = run("keys", **GOOD)[1]
    assert "2 ancienne" in now
    assert now.split(":")[1].split(";")[0] != before.split(":")[1].split(";")[0]
    assert "ancienne clé" in run("check", "--deploy", **GOOD)[1]
    assert "2 anciennes clés oubliées" in run("keys", "--forget", **GOOD)[1]
    assert run("keys", "--rotate", "--forget", **GOOD)[0] != 0
    code, text = run("audit", **GOOD)
    assert code == 0
    assert "Registre intact : 3 entrées" in text


def test_a_changed_register_is_told_with_its_entry(run, tmp_path):
    import sqlite3

    run("invite-admin", "chef@exemple.fr", **GOOD)
    run("keys", "--rotate", **GOOD)
    with sqlite3.connect(tmp_path / "données" / "allervers.sqlite3") as base:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            base.execute("UPDATE audit_entry SET target = 'x' WHERE number = 1")
        base.execute("DROP TRIGGER audit_entry_no_update")
        base.execute("UPDATE audit_entry SET target = 'x' WHERE number = 1")
    base.close()
    code, text = run("audit", **GOOD)
    assert code != 0
    assert "entrée 1" in text
    assert "déclencheurs" in run("check", "--deploy", **GOOD)[1]


def test_in_production_pages_are_only_given_over_https(run, tmp_path):
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "plain = Client(HTTP_HOST='droits.exemple.fr').get('/donnees-personnelles/')\n"
        "print(plain.status_code, plain['Location'])\n"
        "safe = Client(HTTP_HOST='droits.exemple.fr', HTTP_X_FORWARDED_PROTO='https')"
        ".get('/compte/connexion/')\n"
        "print(safe.status_code, safe['Strict-Transport-Security'])\n"
        "print(safe.cookies['csrftoken']['secure'])\n"
    )
    run("invite-admin", "chef@exemple.fr", **GOOD)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment(tmp_path)
    )
    assert done.stdout.splitlines() == [
        "301 https://droits.exemple.fr/donnees-personnelles/",
        "200 max-age=31536000; includeSubDomains; preload",
        "True",
    ]


def test_processes_that_write_at_the_same_time_make_one_chain(run, tmp_path):
    run("invite-admin", "chef@exemple.fr", **GOOD)
    script = (
        "import django; django.setup()\n"
        "from datetime import UTC, datetime\n"
        "from allervers.apps.audit.actions import record\n"
        "for n in range(40):\n"
        "    record(acting_user=None, now=datetime.now(tz=UTC), action='essai', kind='k', target=str(n))\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script], env=environment(tmp_path), stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for writer in writers:
        _, told = writer.communicate(timeout=120)
        assert (writer.returncode, told) == (0, b"")
    assert "Registre intact : 121 entrées" in run("audit", **GOOD)[1]
