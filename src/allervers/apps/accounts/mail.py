"""Mails about accounts. One that cannot leave is told to who asked, and never undoes what was done."""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from allervers.apps.accounts.models import Invitation, User

_LOG = logging.getLogger("allervers.accounts")


def send_invitation(invitation: Invitation, address: str) -> bool:
    """Send the link of an invitation. False when the mail server refused it or did not answer."""
    text = render_to_string("account/email/invitation_message.txt", {"invitation": invitation, "address": address})
    return _sent("AllerVers : votre compte vous attend", text, invitation.email)


def tell_second_factor_reset(account: User) -> bool:
    """Tell someone that their phone was forgotten by an administrator. False when the mail could not leave."""
    text = render_to_string("account/email/second_factor_reset_message.txt", {"account": account})
    return _sent("AllerVers : votre téléphone est à enregistrer de nouveau", text, account.email)


def _sent(subject: str, text: str, to: str) -> bool:
    try:
        EmailMessage(subject, text.strip(), to=[to]).send()
    except OSError as error:  # errors of SMTP are of this family
        _LOG.warning("mail not sent: %s", type(error).__name__)
        return False
    return True
