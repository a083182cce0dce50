"""`allervers keys`, `invite-admin`: keys of the installation, and the first account of its platform."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from allervers.cli.web import prepared
from allervers.foundation.errors import InvalidInput
from allervers.foundation.wording import counted


def keys_command(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Faire de nouvelles clés ; les anciennes restent acceptées.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Oublier les anciennes clés, une fois que plus rien n'en dépend.")
    ] = False,
) -> None:
    """Changer les clés des sessions et des doubles facteurs. Sans option : dire ce qu'il y a."""
    if rotate and forget:
        raise InvalidInput("Une chose à la fois : --rotate, puis --forget après douze heures.")
    prepared(migrate=False)
    from django.conf import settings

    from allervers.apps.accounts.rotation import forget_field_keys, rotate_field_keys
    from allervers.web.configuration import forget_old_secret_keys, old_secret_keys, rotate_secret_key

    now, data, ring = datetime.now(tz=UTC), settings.ALLERVERS.data, settings.FIELD_KEYS
    if rotate:
        done = rotate_field_keys(now=now, ring=ring)
        rotate_secret_key(data)
        typer.echo(
            f"Nouvelles clés faites ; {counted(done, 'double facteur rechiffré', 'doubles facteurs rechiffrés')}."
        )
        typer.echo("Relancez « allervers serve », puis « allervers keys --forget » après douze heures.")
    elif forget:
        forgotten = forget_field_keys(now=now, ring=ring) + forget_old_secret_keys(data)
        typer.echo(f"{counted(forgotten, 'ancienne clé oubliée', 'anciennes clés oubliées')}.")
    else:
        old = len(old_secret_keys(data)) + len(ring.identifiers) - 1
        still = counted(old, "ancienne clé encore acceptée", "anciennes clés encore acceptées")
        typer.echo(f"Clé des doubles facteurs : {ring.identifiers[0]} ; {still}.")


def invite_admin_command(
    email: Annotated[str, typer.Argument(help="Adresse électronique.")],
    name: Annotated[str, typer.Option("--name", help="Prénom et nom.")] = "",
    site: Annotated[str, typer.Option("--site", help="Adresse publique de l'application.")] = "http://127.0.0.1:8000",
) -> None:
    """Inviter un administrateur de la plateforme : le premier compte. Le lien est écrit ici, et envoyé."""
    prepared()
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.urls import reverse

    from allervers.apps.accounts.actions import invite
    from allervers.apps.accounts.domain import Role

    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput("Cette adresse électronique n'en est pas une.") from error
    shown: list[str] = []

    def address(token: str) -> str:
        shown.append(site.rstrip("/") + reverse("accept-invitation", args=[token]))
        return shown[-1]

    invite(
        acting_user=None, now=datetime.now(tz=UTC), email=email, full_name=name or email, role=Role.PLATFORM_ADMIN,
        organisation_id=None, address=address,
    )  # fmt: skip
    typer.echo(shown[0] if shown else "Cette adresse a déjà une invitation qui attend.")
