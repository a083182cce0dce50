"""Accounts and invitations."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from allervers.apps.accounts.domain import LABELS, MACHINE_ROLE, Role


def new_public_id() -> str:
    """An identifier that says nothing: what logs and the register hold in place of a name."""
    return secrets.token_hex(8)


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An account, its address in lower case; without a password it signs in through ProConnect alone."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_machine(self, name: str, organisation_id: int) -> User:
        """The account of a program: closed and without password, so that nothing signs in with it, ever."""
        identifier = new_public_id()
        return self.create_user(
            f"{identifier}@machine.invalid", full_name=name, role=MACHINE_ROLE, organisation_id=organisation_id,
            public_id=identifier, is_active=False,
        )  # fmt: skip

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of that address, whatever its capitals."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who works with AllerVers. Never deleted, since the register names it: an agent who leaves is closed."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150)
    role = models.CharField(max_length=32, choices=[(r.value, LABELS[r]) for r in Role])
    organisation = models.ForeignKey(
        "partnership.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="accounts"
    )
    proconnect_sub = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "role"]

    class Meta:
        """One account an address; the platform's administrators have no organisation, all the others have one."""

        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_account_an_address"),
            models.UniqueConstraint(
                fields=["proconnect_sub"], condition=~models.Q(proconnect_sub=""), name="one_account_a_sub"
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.PLATFORM_ADMIN, organisation=None)
                | (~models.Q(role=Role.PLATFORM_ADMIN) & models.Q(organisation__isnull=False)),
                name="organisation_unless_platform",
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    @property
    def organisation_code(self) -> str:
        """Code of the organisation, empty for the platform's administrators."""
        return self.organisation.code if self.organisation is not None else ""

    @property
    def role_label(self) -> str:
        """The role in French."""
        return "Logiciel" if self.role == MACHINE_ROLE else LABELS[Role(self.role)]


class Invitation(models.Model):
    """An account offered by an administrator. The token is sent by mail and kept as a hash."""

    email = models.EmailField()
    full_name = models.CharField(max_length=150)
    role = models.CharField(max_length=32, choices=[(r.value, LABELS[r]) for r in Role])
    organisation = models.ForeignKey(
        "partnership.Organisation", null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Null: the operator, from the command line."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    """When its last mail left; null: it did not, and must be sent again."""
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """One that waits an address."""

        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_invitation_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def role_label(self) -> str:
        """The role in French."""
        return LABELS[Role(self.role)]
