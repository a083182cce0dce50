"""What people type about accounts: the library's forms in our words, invitations, filters of the list."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from django import forms
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.db.models import Model
from django.http import QueryDict

from allervers.apps.accounts.domain import INVITES, LABELS, MIN_PASSWORD, Role
from allervers.apps.accounts.models import Invitation, User
from allervers.apps.accounts.queries import SORTS, Filters

_PASSWORD_RULE = (
    f"{MIN_PASSWORD} caractères au moins. Une phrase de quelques mots est facile à retenir et difficile à deviner."
)
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}


class _Dressed:
    """Our classes on the fields, labels in place of placeholders, errors told to screen readers."""

    fields: dict[str, forms.Field]
    labels: dict[str, str]
    helps: dict[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            dress(field)
            field.label = getattr(self, "labels", {}).get(name, field.label)
            field.help_text = getattr(self, "helps", {}).get(name, "")


def dress(field: forms.Field) -> None:
    """Our class on the field, no placeholder: a label says what to type."""
    chosen = isinstance(field, forms.ChoiceField)
    field.widget.attrs.setdefault("class", "form-select" if chosen else "form-control")
    field.widget.attrs.pop("placeholder", None)


class LoginForm(_Dressed, account.LoginForm):  # type: ignore[misc]
    """Address and password."""

    labels = {"login": "Adresse électronique", "password": "Mot de passe"}  # noqa: RUF012


class ChangePasswordForm(_Dressed, account.ChangePasswordForm):  # type: ignore[misc]
    """The password in use, and the new one twice."""

    labels = {  # noqa: RUF012
        "oldpassword": "Mot de passe actuel",
        "password1": "Nouveau mot de passe",
        "password2": "Nouveau mot de passe, encore une fois",
    }
    helps = {"password1": _PASSWORD_RULE}  # noqa: RUF012


class ResetPasswordForm(_Dressed, account.ResetPasswordForm):  # type: ignore[misc]
    """The address that the link is sent to."""

    labels = {"email": "Adresse électronique"}  # noqa: RUF012


class ResetPasswordKeyForm(_Dressed, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password, twice."""

    labels = {"password1": "Nouveau mot de passe", "password2": "Le même, encore une fois"}  # noqa: RUF012
    helps = {"password1": _PASSWORD_RULE}  # noqa: RUF012


class ReauthenticateForm(_Dressed, account.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before something sensitive."""

    labels = {"password": "Votre mot de passe"}  # noqa: RUF012


class _Code(_Dressed):
    """A code of six figures, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(_CODE)
        self.fields["code"].label = "Code à six chiffres, ou code de secours"


class CodeForm(_Code, second_factor.AuthenticateForm):  # type: ignore[misc]
    """The code, when signing in."""


class CodeAgainForm(_Code, second_factor.ReauthenticateForm):  # type: ignore[misc]
    """The code again, before something sensitive."""


class ActivateForm(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code that the phone shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code à six chiffres que montre l'application"


class InvitationForm(_Dressed, forms.Form):
    """Someone to invite: the roles that the administrator may offer."""

    full_name = forms.CharField(label="Prénom et nom", max_length=150)
    email = forms.EmailField(label="Adresse électronique professionnelle", max_length=254)
    role = forms.ChoiceField(label="Rôle")
    organisation: forms.ModelChoiceField[Model] = forms.ModelChoiceField(
        label="Organisme", queryset=None, required=False
    )

    def __init__(self, data: QueryDict | None, acting_user: User) -> None:
        super().__init__(data)
        role, organisation = self.fields["role"], self.fields["organisation"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(organisation, forms.ModelChoiceField)
        role.choices = [(str(r), LABELS[r]) for r in INVITES.get(Role(acting_user.role), ())]
        if acting_user.role == Role.PLATFORM_ADMIN:
            # Named by its string: partnership stands above accounts.
            known = apps.get_model("partnership", "Organisation")._default_manager
            organisation.queryset = known.filter(is_active=True)
            organisation.help_text = "À laisser vide pour un administrateur de la plateforme."
        else:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        """An administrator of an organisation has one; one of the platform has none."""
        given: dict[str, Any] = super().clean() or {}
        role, organisation = given.get("role"), given.get("organisation")
        if role == Role.ORGANISATION_ADMIN and organisation is None:
            self.add_error("organisation", "Choisissez l'organisme de cet administrateur.")
        if role == Role.PLATFORM_ADMIN and organisation is not None:
            self.add_error("organisation", "Un administrateur de la plateforme n'a pas d'organisme.")
        return given


class AcceptForm(_Dressed, forms.Form):
    """Name and password of who accepts an invitation."""

    full_name = forms.CharField(
        label="Prénom et nom", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Mot de passe", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="Le même, encore une fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    helps = {"password": _PASSWORD_RULE}  # noqa: RUF012

    def __init__(self, data: QueryDict | None, invitation: Invitation) -> None:
        super().__init__(data, initial={"full_name": invitation.full_name})
        self._invitation = invitation

    def clean(self) -> dict[str, Any]:
        """The password is not weak, and was typed the same twice."""
        given: dict[str, Any] = super().clean() or {}
        password, again = given.get("password"), given.get("again")
        if password and again and password != again:
            self.add_error("again", "Les deux mots de passe sont différents.")
        if password:
            person = User(email=self._invitation.email, full_name=given.get("full_name", ""))
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class FilterForm(forms.Form):
    """Filters of the list of accounts."""

    q = forms.CharField(label="Nom ou adresse", required=False, max_length=100)
    role = forms.ChoiceField(label="Rôle", required=False)
    etat = forms.ChoiceField(
        label="État", required=False, choices=[("", "Tous"), ("ouvert", "Ouverts"), ("ferme", "Fermés")]
    )
    organisme = forms.ChoiceField(label="Organisme", required=False)
    tri = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, acting_user: User, offered: list[tuple[str, str]]) -> None:
        super().__init__(data)
        role, organisation = self.fields["role"], self.fields["organisme"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(organisation, forms.ChoiceField)
        of_platform = acting_user.role == Role.PLATFORM_ADMIN
        roles = (
            INVITES.get(Role(acting_user.role), ()) if of_platform else [r for r in Role if r != Role.PLATFORM_ADMIN]
        )
        role.choices = [("", "Tous"), *((str(r), LABELS[r]) for r in roles)]
        organisation.choices = [("", "Tous"), *offered]
        if not of_platform:
            del self.fields["organisme"]
        for name, field in self.fields.items():
            dress(field)
            field.widget.attrs["id"] = f"filtre-{name}"

    def filters(self) -> Filters:
        """What was asked; a value that cannot be read does not filter."""
        self.is_valid()
        given = {name: str(value) for name, value in self.cleaned_data.items() if value}
        sort = given.get("tri", "nom")
        return Filters(
            text=given.get("q", ""),
            role=given.get("role", ""),
            state=given.get("etat", ""),
            organisation=given.get("organisme", ""),
            sort=sort if sort in SORTS else "nom",
        )

    @property
    def has_filter(self) -> bool:
        """True when something narrows the list."""
        self.is_valid()
        return any(value for name, value in self.cleaned_data.items() if name != "tri")
