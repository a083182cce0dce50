"""Writes the extracts of every partner of the synthetic département: what an operator receives, errors included.

The truth stays apart: `truth-keys.parquet`, beside the folder, joins persons to the partners' numbers for measuring.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from allervers.extracts.synthetic.benefits import service_exports
from allervers.extracts.synthetic.caf import caf_exports, dossier_members, known_familles
from allervers.extracts.synthetic.cpam import cpam_exports
from allervers.extracts.synthetic.export import ExtractFile
from allervers.extracts.synthetic.housing import ccas_exports, landlord_exports
from allervers.extracts.synthetic.rsa import write_rsa_flow
from allervers.extracts.synthetic.truth import read_truth
from allervers.foundation.files import folder_written_whole, written_whole
from allervers.foundation.periods import Month

KEYS_FILE = "truth-keys.parquet"

DECLARATION = """Données synthétiques : aucune de ces personnes n'existe.
Ces fichiers imitent les extractions de partenaires (Caf, Cpam, Département, Cnav, ASP, rectorat, CCAS, bailleurs),
avec leurs erreurs habituelles. Mois de référence : {month}. Graine : {seed}.
Ils ne contiennent aucune donnée personnelle et ne viennent d'aucun de ces organismes.
"""


def write_extracts(*, population: Path, receipts: Path, folder: Path, month: Month, seed: int) -> list[ExtractFile]:
    """Write the partners' files, their mappings and LISEZMOI.txt in `folder`, whole or not at all.

    population: folder made by population.synthetic (interchange files, identity, situation). receipts: Parquet of what
    was entitled and received (unit_id, menage_id, right, month, entitled_eur, received_eur, status).
    returns: the files to import, in the order of import. raises: InvalidInput when the truth is incomplete.
    """
    truth = read_truth(population, receipts, month, seed)
    known = known_familles(truth)
    members = dossier_members(truth, known)
    exports = [
        *caf_exports(truth, known, members),
        *cpam_exports(truth, members["id"].unique()),
        *service_exports(truth),
        *ccas_exports(truth),
        *landlord_exports(truth),
    ]
    exports = [export for export in exports if export.rows.height]
    with folder_written_whole(folder) as temporary:
        written = [export.write(temporary, truth.stream(export.layout.file)) for export in exports]
        written.append(write_rsa_flow(truth, known, members, temporary))
        (temporary / "LISEZMOI.txt").write_text(DECLARATION.format(month=month, seed=seed), encoding="utf-8")
    with written_whole(folder.parent / KEYS_FILE) as path:
        pl.concat(export.keys() for export in exports).write_parquet(path)
    return [_placed(file, folder) for file in written]


def _placed(file: ExtractFile, folder: Path) -> ExtractFile:
    mapping = folder / file.mapping.name if file.mapping else None
    return ExtractFile(folder / file.path.name, file.format, file.partner, mapping, file.reference_on)
