"""What an operator is told of the installation: each problem in a sentence, with what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from allervers.foundation.errors import AllerVersError
from allervers.web.configuration import FIELDS_FILE, OLD_SECRETS_FILE, SECRET_FILE

_HTTPS = "ALLERVERS_HTTPS est à 0 : les sessions passeraient en clair."
_IN_FRENCH = {
    "security.W004": _HTTPS,
    "security.W008": _HTTPS,
    "security.W012": _HTTPS,
    "security.W016": _HTTPS,
    "security.W018": "ALLERVERS_DEBUG est à 1 : les erreurs montreraient des données.",
    "security.W020": "ALLERVERS_HOSTS est vide : donnez le nom public.",
    "security.W005": _HTTPS,
    "security.W021": _HTTPS,
}
"""Django's own messages that an operator can act on, in our words. Another is a defect of ours: shown as it is."""


def problems(*, deploy: bool) -> list[str]:
    """Every problem found, once; empty when all is well. `deploy`: also what a production installation must have."""
    messages = run_checks(include_deployment_checks=deploy)
    found = [_IN_FRENCH.get(str(message.id), f"{message.id} : {message.msg}") for message in messages]
    found += _database() + _folders()
    if deploy:
        found += [*_production(), *_accounts()]
    return list(dict.fromkeys(found))


def _database() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return [f"La base de données ne répond pas ({type(error).__name__}) : voyez DATABASE_URL."]
    return ["Des tables sont à mettre à jour : lancez « allervers serve »."] if waiting else []


def _folders() -> list[str]:
    found = []
    for path in (settings.ALLERVERS.data, settings.ALLERVERS.store_folder):
        if path.exists() and path.stat().st_mode & 0o077:
            found.append(f"Le dossier « {path.name} » est lisible par d'autres : chmod 700.")
        if path.exists() and not os.access(path, os.W_OK):
            found.append(f"Le dossier « {path.name} » n'est pas accessible en écriture.")
    keys = Path(settings.ALLERVERS.data) / "keys"
    if keys.exists() and keys.stat().st_mode & 0o077:
        found.append("Le dossier des clés est lisible par d'autres : chmod 700.")
    for name, label in ((SECRET_FILE, "La clé des sessions"), (FIELDS_FILE, "La clé des doubles facteurs")):
        if not (keys / name).is_file() or (keys / name).stat().st_mode & 0o077:
            found.append(f"{label} manque ou est lisible par d'autres : chmod 600.")
    return found


def _production() -> list[str]:
    given = settings.ALLERVERS
    hosts, data = set(given.allowed_hosts), Path(given.data)
    asked = {
        "ALLERVERS_DEMO est à 1 : c'est une démonstration.": given.demo,
        "ALLERVERS_DEBUG est à 1 : les erreurs montreraient des données.": given.debug,
        _HTTPS: not given.https,
        "ALLERVERS_HOSTS ne nomme que cette machine : donnez le nom public.": hosts <= {"127.0.0.1", "localhost"},
        "ALLERVERS_HOSTS accepte tous les noms : donnez le nom public seul.": any(h in {"*", "."} for h in hosts),
        "DATABASE_URL est vide : la production demande PostgreSQL.": not given.database_url,
        "ALLERVERS_MAIL est « console » : aucun courriel ne partirait.": given.mail == "console",
        "ALLERVERS_MAIL_FROM finit par « localhost » : les courriels seraient refusés.": given.mail_from.endswith(
            "@localhost"
        ),
        "ALLERVERS_TRUST_PROXY est à 0 : derrière un relais HTTPS, mettez-le à 1.": not given.trust_proxy,
        "ALLERVERS_OIDC_ISSUER n'est pas en HTTPS.": given.oidc_issuer.startswith("http:"),
        "ProConnect est réglé sans ALLERVERS_OIDC_CLIENT_ID ou ALLERVERS_OIDC_CLIENT_SECRET.": bool(given.oidc_issuer)
        and not (given.oidc_client_id and given.oidc_client_secret),
        "Une ancienne clé de sessions est encore acceptée : « allervers keys --forget » après douze heures.": (
            data / "keys" / OLD_SECRETS_FILE
        ).exists(),
    }
    return [sentence for sentence, holds in asked.items() if holds]


def _accounts() -> Iterator[str]:
    from allervers.apps.accounts.domain import Role
    from allervers.apps.accounts.models import User
    from allervers.apps.accounts.rotation import keys_in_use
    from allervers.apps.audit.queries import is_protected

    try:
        if not User.objects.filter(role=Role.PLATFORM_ADMIN, is_active=True).exists():
            yield "Aucun administrateur de la plateforme : « allervers invite-admin ADRESSE »."
        if User.objects.filter(email__endswith="@demo.allervers.fr", is_active=True).exists():
            yield "Des comptes de la démonstration sont ouverts : leur mot de passe est public."
        if not is_protected():
            yield "La base n'interdit plus de changer le registre : restaurez ses déclencheurs."
        if keys_in_use() - set(settings.FIELD_KEYS.identifiers):
            yield "Des doubles facteurs sont sous une clé qui manque : restaurez le dossier des clés."
    except DatabaseError:
        return
    except AllerVersError as error:
        yield error.message
