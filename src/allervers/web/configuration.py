"""What an operator may set, read once from the environment (ALLERVERS_*, DATABASE_URL) into one typed object."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from allervers.apps.accounts.keyring import KeyRing, check_private, write_privately
from allervers.foundation.errors import InvalidInput

SECRET_FILE = "secret-key"  # noqa: S105 (a name of file)
"""File of the folder `keys` that signs sessions; made at first start, readable by its owner alone."""
OLD_SECRETS_FILE = "secret-key.old"
"""Those of before, one a line, newest first: what they signed still holds until they are forgotten."""
FIELDS_FILE = "field-keys"
"""File of the folder `keys` that encrypts fields (second factors)."""
KEPT_SECRETS = 3
"""Old keys of sessions that a rotation keeps at most."""


class Configuration(BaseSettings):
    """Settings of one installation. Each is an environment variable `ALLERVERS_NAME`."""

    model_config = SettingsConfigDict(env_prefix="ALLERVERS_", extra="ignore")

    data: Path = Path("donnees")
    """Folder of the installation: database, keys, received files; and the store, unless `store` says other."""
    store: Path | None = None
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    hosts: str = "127.0.0.1,localhost"
    https: bool = True
    demo: bool = False
    """Synthetic people: says so on every screen, gives its accounts on the sign-in page, asks no second factor."""
    debug: bool = False
    departement: str = "93"
    mail: str = "console"
    """console (written in the journal), or smtp://user:password@host:port."""
    mail_from: str = "ne-pas-repondre@localhost"
    oidc_issuer: str = Field(default="", pattern=r"^(https?://[^/?#\s;,]+[^?#\s]*[^/?#\s])?$")
    """Address of the identity provider (ProConnect). Empty: local accounts only."""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_algorithm: Literal["RS256", "ES256"] = "RS256"
    """How the provider signs: what was asked of it when this installation was declared there."""
    upload_megabytes: int = Field(default=256, ge=1, le=16_384)
    """Largest file that a partner may deposit by the pages: the server holds it in memory."""
    detection_day: int = Field(default=0, ge=0, le=28)
    """Day of the month from which the lists are made again; 0: only when someone asks."""
    detection_workers: int = Field(default=1, ge=1, le=64)
    api_per_minute: int = Field(default=300, ge=1, le=1_000_000)
    """Requests a minute of one token, or of one address without token, to the API (in each process)."""
    openfisca: bool | None = None
    """Serve the law under /api/openfisca/. Not said: in the demonstration alone."""
    openfisca_per_minute: int = Field(default=60, ge=1, le=1_000_000)
    """Computations a minute of one address there."""
    trust_proxy: bool = False
    """A reverse proxy of ours stands in front and sets X-Forwarded-Proto and X-Forwarded-For."""

    @property
    def store_folder(self) -> Path:
        """Folder of what partners sent and of what detection made of it."""
        return self.store or self.data / "store"

    @property
    def serves_openfisca(self) -> bool:
        """True when the law answers under /api/openfisca/."""
        return self.demo if self.openfisca is None else self.openfisca

    @property
    def allowed_hosts(self) -> list[str]:
        """Names under which this installation answers."""
        return [host.strip() for host in self.hosts.split(",") if host.strip()]


def read_configuration() -> Configuration:
    """The settings of this process. Raises InvalidInput, naming the variable that cannot be read."""
    try:
        return Configuration()
    except ValidationError as error:
        names = ", ".join(sorted({"ALLERVERS_" + str(problem["loc"][0]).upper() for problem in error.errors()}))
        raise InvalidInput(f"Réglage illisible : {names}. Voir docs/guide-operateur.md.") from error


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what a content policy names."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def secret_key(folder: Path) -> str:
    """The key that signs sessions, made at first start. Raises InvalidInput when others can read it."""
    path = folder / "keys" / SECRET_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Made with its final mode, and never over one that another process made at the same moment.
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    check_private(path)
    key = path.read_text("ascii").strip()
    if len(key) < 50:
        raise InvalidInput(f"La clé {path.name} est incomplète : supprimez-la, une autre sera faite.")
    return key


def old_secret_keys(folder: Path) -> list[str]:
    """Keys of sessions of before, newest first; none until a first rotation."""
    path = folder / "keys" / OLD_SECRETS_FILE
    if not path.exists():
        return []
    check_private(path)
    return path.read_text("ascii").split()


def rotate_secret_key(folder: Path) -> None:
    """Put a new key of sessions in the place of the current one, which stays among the old ones."""
    current = secret_key(folder)
    old = [current, *old_secret_keys(folder)][:KEPT_SECRETS]
    # The old ones first: a cut between the two leaves the current key in both, never in none.
    write_privately(folder / "keys" / OLD_SECRETS_FILE, "\n".join(old) + "\n")
    write_privately(folder / "keys" / SECRET_FILE, secrets.token_urlsafe(64))


def forget_old_secret_keys(folder: Path) -> int:
    """What they signed no longer holds. Returns the number forgotten."""
    old = old_secret_keys(folder)
    (folder / "keys" / OLD_SECRETS_FILE).unlink(missing_ok=True)
    return len(old)


def field_keys(folder: Path) -> KeyRing:
    """The keys that encrypt fields, made at first start. Raises InvalidInput when others can read them."""
    ring = KeyRing(folder / "keys" / FIELDS_FILE)
    ring.make_sure()
    return ring


def incoming_folder(folder: Path) -> Path:
    """Where files under way to us wait, readable by their owner alone: never the machine's common folder."""
    path = folder / "incoming"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's description of the database: SQLite in the folder, or the PostgreSQL of `url`. Raises InvalidInput."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "allervers.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise InvalidInput("DATABASE_URL attendue : postgresql://utilisateur:motdepasse@serveur:5432/base.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
