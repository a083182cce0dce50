"""Every address of the application, for every role: allowed, stranger, nearest neighbour. A new address needs its row.

To add an address: one line in ROWS. `Opens(roles)`: who gets the page, everybody else being refused (403) and strangers
sent to sign in. `neighbour`: the account of an allowed role that must not have this very object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from small_world import World, line

from allervers.apps.accounts.domain import Role

pytestmark = pytest.mark.usefixtures("in_november")

AGENT, MANAGER, ADMIN = Role.AGENT, Role.TEAM_MANAGER, Role.ORGANISATION_ADMIN
ANALYST, OFFICER, PLATFORM = Role.ANALYST, Role.DATA_PROTECTION_OFFICER, Role.PLATFORM_ADMIN
ALL = tuple(Role)
WHO = {
    AGENT: "agent", MANAGER: "manager", ADMIN: "admin", ANALYST: "analyst", OFFICER: "officer", PLATFORM: "platform",
}  # fmt: skip
OK = frozenset({200})
DONE = frozenset({200, 302, 400, 403, 404, 409})
"""What an allowed role may get from a form sent empty: done, sent elsewhere, or told what is missing (not by its role).
"""
ROLE_REFUSED = "Votre rôle n&#x27;ouvre pas cette page."


@dataclass(frozen=True)
class Opens:
    """Who an address opens to. args: of the address, from the world; closed_to: answer of the neighbour."""

    roles: tuple[Role, ...]
    args: Callable[[World], list[Any]] = lambda world: []
    method: str = "get"
    neighbour: str = ""
    closed_to: frozenset[int] = frozenset({404})
    statuses: frozenset[int] = field(default=OK)


@dataclass(frozen=True)
class Public:
    """An address open to everybody, signed in or not. statuses: what it answers."""

    statuses: frozenset[int] = frozenset({200, 302})
    method: str = "get"
    args: tuple[str, ...] = ()


def post(roles: tuple[Role, ...], args: Callable[[World], list[Any]] = lambda world: [], neighbour: str = "") -> Opens:
    """A button: only by POST."""
    return Opens(roles, args, "post", neighbour, frozenset({403, 404}), DONE)


def a_line(world: World) -> list[Any]:
    return [line(world).pk]


def a_household(world: World) -> list[Any]:
    return [line(world).household]


def an_account(world: World) -> list[Any]:
    return [world.agent.public_id]


def convention(world: World) -> list[Any]:
    return [world.convention.pk]


def a_draft(world: World) -> list[Any]:
    world.convention.signed_on = None
    world.convention.save()
    return [world.convention.pk]


def a_correction(world: World) -> list[Any]:
    from allervers.apps.findings.models import CorrectionRequest

    made = CorrectionRequest.objects.create(
        household="menage-1", partner=world.saint_denis, category="ressources", asked_by=world.neighbour,
        asked_at=world.publication.published_at,
    )  # fmt: skip
    return [made.pk]


def a_job(world: World) -> list[Any]:
    from allervers.apps.jobs.models import Job

    return [
        Job.objects.create(
            task="retention", organisation="ccas-saint-denis", asked_at=world.publication.published_at
        ).pk
    ]


def a_deposit(world: World) -> list[Any]:
    from allervers.apps.intake.models import Deposit

    made = Deposit.objects.create(
        organisation=world.saint_denis, convention=world.convention, format="caf_allocataires",
        reference_on="2026-11-05", file_name="a.csv", sha256="0" * 64, bytes=1, deposited_by=world.admin,
        deposited_at=world.publication.published_at,
    )  # fmt: skip
    return [made.pk]


def of_a_plan(what: str = "plan") -> Callable[[World], list[Any]]:
    """A plan of Saint-Denis, or one of its parts."""

    def made(world: World) -> list[Any]:
        from small_plan import make_plan

        return [getattr(make_plan(world), what).pk]

    return made


def of_a_meeting(more: tuple[str, ...] = ()) -> Callable[[World], list[Any]]:
    """The meeting of the agent of Saint-Denis, and what follows it in the address."""
    return lambda world: [*of_a_plan("meeting")(world), *more]


OF_ITS_AGENT = frozenset({200, 302, 403})
"""Until the household is confirmed, to the page that confirms it."""


def plan_button(what: str = "plan") -> Opens:
    return post((AGENT, MANAGER), of_a_plan(what), neighbour="neighbour")


ROWS: dict[str, Opens | Public] = {
    # The whole
    "home": Public(),
    "accessibility": Public(),
    "privacy": Public(),
    "set-theme": Public(method="post"),
    "set-language": Public(method="post"),
    "health": Public(),
    "health-page": Opens((PLATFORM,)),
    # Accounts
    "account": Opens(ALL),
    "accounts": Opens((ADMIN, PLATFORM)),
    "accounts-export": Opens((ADMIN, PLATFORM)),
    "end-session": post(ALL, lambda world: [1]),
    "accept-invitation": Public(frozenset({404}), args=("x",)),
    "invite": post((ADMIN, PLATFORM)),
    "resend-invitation": post((ADMIN, PLATFORM), lambda world: [1]),
    "withdraw-invitation": post((ADMIN, PLATFORM), lambda world: [1]),
    "edit-account": Opens((ADMIN, PLATFORM), an_account, neighbour="admin_of_bondy", statuses=frozenset({200, 404})),
    "close-account": post((ADMIN, PLATFORM), an_account, neighbour="admin_of_bondy"),
    "reopen-account": post((ADMIN, PLATFORM), an_account, neighbour="admin_of_bondy"),
    "reset-phone": post((ADMIN, PLATFORM), an_account, neighbour="admin_of_bondy"),
    "change-role": post((ADMIN, PLATFORM), an_account, neighbour="admin_of_bondy"),
    # Programs
    "tokens": Opens((ADMIN,)),
    "token-new": Opens((ADMIN,)),
    "token-revoke": post((ADMIN,), lambda world: [1]),
    "api-reference": Public(),
    "api-index": Public(),
    "openfisca": Public(frozenset({200, 404, 503})),
    # Lists
    "findings": Opens((AGENT, MANAGER)),
    "my-work": Opens((AGENT, MANAGER)),
    "to-complete": Opens((AGENT, MANAGER)),
    "export-to-complete": Opens((AGENT, MANAGER)),
    "export-list": Opens((AGENT, MANAGER), lambda world: ["csv"]),
    "household": Opens((AGENT, MANAGER), a_household, "get", "neighbour", frozenset({403, 404}), frozenset({200, 404})),
    "change-line": post((AGENT, MANAGER), a_line, neighbour="neighbour"),
    "assign": post((MANAGER,)),
    "workload": Opens((MANAGER,)),
    "volumes": Opens((MANAGER, ANALYST, ADMIN)),
    "export-volumes": Opens((MANAGER, ANALYST, ADMIN)),
    "ask-correction": post((AGENT, MANAGER), a_line, neighbour="neighbour"),
    "oppose": Opens((AGENT, MANAGER), a_household, "get", "neighbour", frozenset({403}), frozenset({200, 404})),
    "save-filter": post((AGENT, MANAGER)),
    # Plans
    "follow-ups": Opens((AGENT, MANAGER)),
    "export-follow-ups": Opens((AGENT, MANAGER)),
    "counter": Opens((AGENT, MANAGER)),
    "meeting-counter": post((AGENT, MANAGER)),
    "plan-figures": Opens((MANAGER, ANALYST, ADMIN)),
    "export-plan-figures": Opens((MANAGER, ANALYST, ADMIN)),
    "plan-open": post((AGENT, MANAGER), a_household, neighbour="neighbour"),
    "meeting-start": post((AGENT, MANAGER), a_household, neighbour="neighbour"),
    "meeting-hold": plan_button("meeting"),
    # Of a meeting, its agent alone: the manager of the team has the role, and is told that it is a colleague's
    **{
        name: Opens((AGENT, MANAGER), of_a_meeting(more), neighbour="neighbour", statuses=OF_ITS_AGENT)
        for name, more in (
            ("interview", ()),
            ("interview-household", ()),
            ("interview-question", ("loyer", "m")),
            ("interview-why", ("rsa",)),
            ("interview-ahead", ()),
            ("interview-finish", ()),
        )
    },
    "interview-family": post((AGENT, MANAGER), of_a_meeting(), neighbour="neighbour"),
    "interview-confirm": post((AGENT, MANAGER), of_a_meeting(), neighbour="neighbour"),
    "interview-correct": post((AGENT, MANAGER), of_a_meeting(), neighbour="neighbour"),
    "interview-note": post((AGENT, MANAGER), of_a_meeting(), neighbour="neighbour"),
    "plan": Opens((AGENT, MANAGER), of_a_plan(), neighbour="neighbour"),
    "plan-summary": Opens((AGENT, MANAGER), of_a_plan(), neighbour="neighbour"),
    "plan-summary-pdf": Opens((AGENT, MANAGER), of_a_plan(), neighbour="neighbour"),
    "plan-change": plan_button(),
    "plan-rights": plan_button(),
    "plan-situations": plan_button(),
    "plan-paper": plan_button(),
    "plan-steps": plan_button(),
    "plan-notes": plan_button(),
    "plan-refer": plan_button(),
    "plan-right": plan_button("right"),
    "plan-step": plan_button("step"),
    "plan-referral": plan_button("referral"),
    # Partnership
    "organisations": Opens((PLATFORM,)),
    "organisation-new": Opens((PLATFORM,)),
    "organisation": Opens((PLATFORM,), lambda world: ["ccas-bondy"]),
    "organisation-activity": post((PLATFORM,), lambda world: ["ccas-bondy"]),
    "teams": Opens((ADMIN,)),
    "team-new": Opens((ADMIN,)),
    "team": Opens((ADMIN,), lambda world: [world.team.pk], neighbour="admin_of_bondy"),
    "conventions": Opens(ALL),
    "convention": Opens(ALL, convention, neighbour="outsider"),
    "convention-new": Opens((ADMIN, PLATFORM)),
    "convention-edit": Opens((ADMIN, PLATFORM), a_draft, neighbour="outsider"),
    "party-gives": Opens((ADMIN, PLATFORM), a_draft, neighbour="outsider"),
    "party-receives": Opens((ADMIN, PLATFORM), a_draft, neighbour="outsider"),
    "party-remove": post((ADMIN, PLATFORM), lambda world: [*a_draft(world), 1], neighbour="outsider"),
    "convention-sign": post((ADMIN, PLATFORM), convention, neighbour="outsider"),
    "convention-end": post((ADMIN, PLATFORM), convention, neighbour="outsider"),
    "convention-renew": post((ADMIN, PLATFORM), convention, neighbour="outsider"),
    "person-name": post((ADMIN,), convention, neighbour="outsider"),
    "person-withdraw": post(
        (ADMIN,),
        lambda world: [world.convention.pk, world.convention.habilitations.get(user=world.agent).pk],
        neighbour="admin_of_bondy",
    ),
    "access-matrix": Opens((ADMIN, OFFICER)),
    "access-file": Opens((ADMIN, OFFICER)),
    # Jobs and files
    "jobs": Opens((ADMIN, PLATFORM)),
    "job": Opens((ADMIN, PLATFORM), a_job, neighbour="admin_of_bondy"),
    "job-cancel": post((ADMIN, PLATFORM), a_job, neighbour="admin_of_bondy"),
    "job-retry": post((ADMIN, PLATFORM), a_job, neighbour="admin_of_bondy"),
    "imports": Opens((ADMIN,)),
    "deposit-new": Opens((ADMIN,)),
    "deposit": Opens((ADMIN,), a_deposit, neighbour="admin_of_bondy"),
    "deposit-rejects": Opens((ADMIN,), a_deposit, neighbour="admin_of_bondy", statuses=frozenset({404})),
    "import-destroy": post((ADMIN,), lambda world: ["caf_allocataires.caf-93.2026-11-05.1"]),
    "detections": Opens((PLATFORM,)),
    "detection-ask": post((PLATFORM,)),
    # Register, catalogue
    "audit": Opens((OFFICER,)),
    "audit-export": Opens((OFFICER,)),
    "readers": Opens((OFFICER,)),
    "correction": Opens((OFFICER,), a_correction, "get", "officer_of_bondy", frozenset({403, 404})),
    "answer-correction": post((OFFICER,), a_correction, neighbour="officer_of_bondy"),
    "requests": Opens((OFFICER,)),
    "catalogue": Public(),
    "catalogue-search": Public(),
    "catalogue-reading": Public(),
    "catalogue-graph": Public(),
    "catalogue-changes": Public(),
    "catalogue-changes-csv": Public(),
    "catalogue-changes-feed": Public(),
    "catalogue-procedures": Public(),
    "catalogue-procedures-csv": Public(),
    "catalogue-way": Public(args=("theme", "logement")),
    "catalogue-unknown": Public(frozenset({404}), args=("rien du tout",)),
    "right-sheet": Public(args=("rsa",)),
    # Simulator: without answers in the browser, a page sends to the start
    "simulation": Public(),
    "simulation-household": Public(),
    "simulation-family": Public(method="post"),
    "simulation-next": Public(),
    "simulation-question": Public(args=("salaire", "p1")),
    "simulation-answers": Public(),
    "simulation-results": Public(),
    "simulation-right": Public(args=("rsa",)),
    "simulation-report": Public(),
    "simulation-report-pdf": Public(),
    "simulation-what-if": Public(),
    "simulation-keep": Public(),
    "simulation-code": Public(method="post"),
    "simulation-file": Public(),
    "simulation-resume": Public(),
    "simulation-resume-code": Public(frozenset({400}), method="post"),
    "simulation-resume-file": Public(frozenset({400}), method="post"),
    "simulation-forget": Public(),
    "simulation-forgotten": Public(),
    "simulation-search": Public(),
}
NOT_OURS = ("account_", "mfa_", "usersessions_", "oidc_")
"""Names of the addresses of libraries: walked by the tests of accounts."""


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, address) of every pattern of the project."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and pattern.namespace:
            continue  # the API, walked by its own tests
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, address)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or "", address


OURS = sorted({name for name, _ in addresses() if not name.startswith(NOT_OURS)})


def test_every_address_has_its_row():
    unnamed = [address for name, address in addresses() if not name]
    assert not unnamed, f"give a name to these addresses: {unnamed}"
    missing = [f"{name} ({address})" for name, address in addresses() if name in OURS and name not in ROWS]
    assert not missing, f"say in ROWS of tests/apps/test_role_matrix.py who opens: {', '.join(missing)}"
    gone = sorted(set(ROWS) - set(OURS))
    assert not gone, f"these rows of ROWS name no address any more: {gone}"


def ask(client: Client, row: Opens | Public, address: str) -> Any:
    return client.post(address, {}) if row.method == "post" else client.get(address)


def is_sent_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and reverse("account_login") in answer["Location"]


def address_of(name: str, row: Opens, world: World) -> str:
    return reverse(name, args=row.args(world))


RESTRICTED = sorted(name for name, row in ROWS.items() if isinstance(row, Opens) and name in OURS)


@pytest.mark.parametrize("name", RESTRICTED)
def test_strangers_are_sent_to_sign_in(name, world):
    row = ROWS[name]
    answer = ask(Client(), row, address_of(name, row, world))
    assert is_sent_to_sign_in(answer), f"{name}: a stranger got {answer.status_code}"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", RESTRICTED)
def test_each_role_has_its_pages_and_no_other(name, role, world, signed_in):
    row = ROWS[name]
    address = address_of(name, row, world)
    answer = ask(signed_in(getattr(world, WHO[role])), row, address)
    refused = answer.status_code == 403 and ROLE_REFUSED in answer.content.decode()
    if role in row.roles:
        assert not refused, f"{name}: {role} should have this page"
        assert answer.status_code in row.statuses, f"{name}: {role} got {answer.status_code} for {address}"
        assert not is_sent_to_sign_in(answer)
    else:
        assert refused, f"{name}: {role} should be refused and got {answer.status_code} for {address}"


@pytest.mark.parametrize("name", [n for n in RESTRICTED if ROWS[n].neighbour])
def test_the_nearest_neighbour_is_refused(name, world, signed_in):
    row = ROWS[name]
    address = address_of(name, row, world)
    answer = ask(signed_in(getattr(world, row.neighbour)), row, address)
    assert answer.status_code in row.closed_to, f"{name}: {row.neighbour} got {answer.status_code} for {address}"


@pytest.mark.parametrize("name", sorted(n for n, row in ROWS.items() if isinstance(row, Public) and n in OURS))
def test_public_pages_are_open_to_all(name, world, signed_in):
    row = ROWS[name]
    address = reverse(name, args=row.args)
    for client in (Client(), signed_in(world.agent)):
        assert ask(client, row, address).status_code in row.statuses, name


def test_a_closed_account_opens_nothing(world, signed_in):
    client = signed_in(world.admin)
    world.admin.is_active = False
    world.admin.save()
    assert is_sent_to_sign_in(client.get(reverse("teams")))


def test_without_second_factor_no_page(world, client):
    assert not settings.ALLERVERS.demo
    client.force_login(world.admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("teams")).status_code == 302
