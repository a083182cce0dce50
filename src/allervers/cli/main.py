"""The command `allervers`: its list of commands, and what an error becomes (a French message, an exit status)."""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from allervers.foundation.errors import EXIT_STATUS, AllerVersError

INTERNAL_ERROR = 70
"""Exit status of a defect of ours (EX_SOFTWARE of sysexits.h)."""

COMMANDS = {
    "simulate": "simulate:simulate_command",
    "serve": "web:serve_command",
    "worker": "web:worker_command",
    "jobs": "web:jobs_command",
    "check": "web:check_command",
    "audit": "web:audit_command",
    "keys": "accounts:keys_command",
    "invite-admin": "accounts:invite_admin_command",
    "api": "api:api_command",
    "evaluate": "evaluate:evaluate_command",
    "import": "imports:import_command",
    "imports": "imports:imports_command",
    "link": "link:link_command",
    "review": "link:review_command",
    "undo-link": "link:undo_command",
    "detect": "detect:detect_command",
    "explain": "detect:explain_command",
    "oppose": "purge:oppose_command",
    "purge": "purge:purge_command",
    "synthesize": "synthesize:synthesize_command",
    "demo": "demo:demo_command",
    "conformance": "conformance:conformance_command",
    "questions": "questions:questions_command",
    "bounds": "questions:bounds_command",
    "what-if": "what_if:what_if_command",
    "necessary": "questions:necessary_command",
}
"""Command -> module of this package and function."""


def application(names: Iterable[str]) -> typer.Typer:
    """The application with these commands. A module is loaded only with its command: an answer takes a fraction of the
    second that all of them take."""
    app = typer.Typer(
        name="allervers",
        help="Aller vers : trouver les droits que l'on a et ne reçoit pas, les suivre jusqu'au versement.",
        no_args_is_help=True,
        add_completion=False,
        # Typer's own tracebacks show local variables, which may hold data of persons.
        pretty_exceptions_enable=False,
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(import_module(f"allervers.cli.{module}"), function))
    app.callback()(options)
    return app


def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="En cas d'erreur, montrer la trace complète.")] = False,
) -> None:
    """Options that hold for every command."""
    context.obj = {"debug": debug}


def run() -> None:
    """Entry point: runs the command, turns errors into a message on stderr and an exit status."""
    # What a command writes holds data of persons: readable by its owner alone, wherever --out puts it.
    os.umask(0o077)
    # Our matrices are small: threads of BLAS would wait for each other, turning, on cores that others use.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Tables of millions of rows make objects, hardly any cycle: looking for cycles at every turn costs a third of them.
    gc.set_threshold(50_000, 20, 20)
    debug = "--debug" in sys.argv[1:]
    # Accepted before and after the name of the command.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    named = next((argument for argument in arguments if not argument.startswith("-")), "")
    try:
        application([named] if named in COMMANDS else COMMANDS)(args=arguments, prog_name="allervers")
    except AllerVersError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"Erreur : {error.message}", err=True)
        report = getattr(error, "report", None)  # where in a situation, in the form of OpenFisca's web API
        if report is not None:
            typer.echo(json.dumps(report, ensure_ascii=False, indent=2), err=True)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if debug:
            traceback.print_exc()
        # A file in place of a folder, a full disk, a refused access: the name of the file, no content.
        where = f" : {error.filename}" if error.filename else ""
        typer.echo(f"Erreur : fichier ou dossier inaccessible{where} ({error.strerror}).", err=True)
        raise SystemExit(EXIT_STATUS["unavailable"]) from None
    except Exception as error:
        if debug:
            traceback.print_exc()
        # The name of the error only: its message could hold a value of a person.
        typer.echo(f"Erreur interne ({type(error).__name__}). Relancez avec --debug pour la trace.", err=True)
        raise SystemExit(INTERNAL_ERROR) from None


if __name__ == "__main__":
    run()
