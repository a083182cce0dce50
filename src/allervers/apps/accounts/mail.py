"""Mails about accounts. One that cannot leave is told to who asked, and never undoes what was done."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from allervers.apps.accounts.models import Invitation

_LOG = logging.getLogger("allervers.accounts")


def send_invitation(invitation: Invitation, address: str) -> bool:
    """Send the link of an invitation. False when the mail server refused it or did not answer."""
    text = render_to_string("account/email/invitation_message.txt", {"invitation": invitation, "address": address})
    try:
        EmailMessage("AllerVers : votre compte vous attend", text.strip(), to=[invitation.email]).send()
    except (OSError, SMTPException) as error:
        _LOG.warning("invitation %s not sent: %s", invitation.pk, type(error).__name__)
        return False
    return True
