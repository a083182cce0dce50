"""The command `allervers`: its list of commands, and what an error becomes (a French message, an exit status)."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from allervers.cli.api import api_command
from allervers.cli.conformance import conformance_command
from allervers.cli.demo import demo_command
from allervers.cli.detect import detect_command, explain_command
from allervers.cli.evaluate import evaluate_command
from allervers.cli.imports import import_command, imports_command
from allervers.cli.link import link_command, review_command, undo_command
from allervers.cli.purge import oppose_command, purge_command
from allervers.cli.questions import bounds_command, necessary_command, questions_command
from allervers.cli.simulate import simulate_command
from allervers.cli.synthesize import synthesize_command
from allervers.cli.what_if import what_if_command
from allervers.foundation.errors import EXIT_STATUS, AllerVersError

INTERNAL_ERROR = 70
"""Exit status of a defect of ours (EX_SOFTWARE of sysexits.h)."""

app = typer.Typer(
    name="allervers",
    help="Aller vers : trouver les droits que des personnes ont et ne reçoivent pas, les suivre jusqu'au versement.",
    no_args_is_help=True,
    add_completion=False,
    # Typer's own tracebacks show local variables, which may hold data of persons.
    pretty_exceptions_enable=False,
)
app.command("simulate")(simulate_command)
app.command("api")(api_command)
app.command("evaluate")(evaluate_command)
app.command("import")(import_command)
app.command("imports")(imports_command)
app.command("link")(link_command)
app.command("review")(review_command)
app.command("undo-link")(undo_command)
app.command("detect")(detect_command)
app.command("explain")(explain_command)
app.command("oppose")(oppose_command)
app.command("purge")(purge_command)
app.command("synthesize")(synthesize_command)
app.command("demo")(demo_command)
app.command("conformance")(conformance_command)
app.command("questions")(questions_command)
app.command("bounds")(bounds_command)
app.command("what-if")(what_if_command)
app.command("necessary")(necessary_command)


@app.callback()
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
    debug = "--debug" in sys.argv[1:]
    # Accepted before and after the name of the command.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(args=arguments, prog_name="allervers")
    except AllerVersError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"Erreur : {error.message}", err=True)
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
