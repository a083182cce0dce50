"""`allervers api`: the engine over HTTP, in the form of OpenFisca's web API."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Annotated

import typer

from allervers.cli.law_choice import HELP, Engine, LawChoice, engine_name
from allervers.cli.options import DEFAULT_WORKERS, Workers, say

if TYPE_CHECKING:
    from allervers.api.application import Application
    from allervers.api.limits import Limits


def api_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port d'écoute.")] = 5000,
    host: Annotated[
        str, typer.Option("--host", help="Adresse d'écoute ; 127.0.0.1 : cette machine seulement.")
    ] = "127.0.0.1",
    workers: Workers = DEFAULT_WORKERS,
    law: Annotated[LawChoice, typer.Option("--law", help=HELP)] = LawChoice.OPENFISCA,
    engine: Engine = None,
    body_mib: Annotated[
        int, typer.Option("--max-body", min=1, max=1024, help="Taille d'une requête, au plus, en Mio.")
    ] = 4,
    answer_seconds: Annotated[
        int, typer.Option("--max-seconds", min=1, max=3600, help="Durée d'un calcul, au plus, en secondes.")
    ] = 120,
) -> None:
    """Servir le moteur par HTTP : les mêmes adresses et les mêmes réponses que l'API web d'OpenFisca."""
    from allervers.api.limits import Limits
    from allervers.api.server import serve

    limits = Limits(body_bytes=body_mib * 1024 * 1024, answer_seconds=answer_seconds)
    say(f"Chargement de la loi ({law.value})… puis écoute sur http://{host}:{port}/ ; Ctrl-C pour arrêter.")
    serve(partial(application, law, engine_name(engine), limits), host, port, workers, limits)


@cache
def application(law: LawChoice, engine: str, limits: Limits) -> Application:
    """The web API over this version of the law, ready to answer. Seconds to load; made once in a process."""
    from allervers.api.application import Application
    from allervers.engine.compiled_law import CompiledLaw
    from allervers.engine.description import LawDescription
    from allervers.engine.openfisca import OpenFiscaLaw

    openfisca = OpenFiscaLaw(law.value, law.changes)
    answering: CompiledLaw | OpenFiscaLaw = openfisca
    if engine != "openfisca":
        answering = CompiledLaw(law.value, law.changes, engine, stock=openfisca)
    made = Application(answering, openfisca.trace_situation, LawDescription(openfisca.system), limits)
    made.prepare()
    return made
