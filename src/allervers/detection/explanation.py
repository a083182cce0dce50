"""The record that explains a finding to the person (CRPA L. 311-3-1, R. 311-3-1-2), in French sentences.

Four parts, as the article asks: degree and mode of the computation's contribution; data and sources; parameters and
their values for the person; operations carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import polars as pl

from allervers.detection.statuses import LABELS, NOT_TAKEN_UP, Status
from allervers.engine.explain.french import period
from allervers.foundation.money import euros
from allervers.rights.assumptions import assumptions
from allervers.rights.catalogue import Right
from allervers.rights.corrections import corrections_of
from allervers.rights.reasons.side_values import SideValues
from allervers.rights.reasons.telling import told

DEGREE = (
    "Un calcul a signalé cette situation à un agent. Il ne décide de rien : un agent vérifie avec la personne, "
    "et seule l'institution compétente décide. Les règles sont publiées ; aucun score n'est attribué aux personnes."
)


class Versioned(Protocol):
    """A law, or what remains of it once its lists are made: the version that an explanation ends with."""

    @property
    def version(self) -> str:
        """Texts and code under which the result was computed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a right has a status for a unit, in French, ready to print."""

    right: str
    unit_id: str
    status: str
    sentence: str
    reasons: tuple[str, ...]
    degree: str
    sources: tuple[str, ...]
    parameters: tuple[str, ...]
    operations: tuple[str, ...]
    corrections: tuple[str, ...]
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]
    law: str
    version: str

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """The explanation as a page of text."""
        parts = [
            self.sentence,
            *self.reasons,
            "",
            "Contribution du calcul",
            f"  {self.degree}",
            "",
            f"Textes : {self.law}",
        ]
        for title, lines in (
            ("Données et sources", self.sources),
            ("Paramètres et valeurs pour ce foyer", self.parameters),
            ("Opérations", self.operations),
            ("Écarts connus entre le code de la loi et la loi, et ce que nous faisons", self.corrections),
            ("Ce qui est supposé", self.assumptions),
            ("Questions qui changeraient le résultat", self.questions),
        ):
            if lines:
                parts += ["", title, *(f"  - {line}" for line in lines)]
        return "\n".join([*parts, "", f"Calcul : {self.version}"])


def explain(
    finding: Mapping[str, object],
    right: Right,
    sides: Mapping[str, float | None],
    provenance: pl.DataFrame,
    *,
    assumed: Sequence[str],
    law: Versioned,
) -> Explanation:
    """The explanation of one row of the list.

    finding: a row of detection.findings, as a dict. sides: side variables of the computation for the unit.
    provenance: rows of the unit's ménage (input_group, partner, reference_on, state). assumed: variables for which a
    declared assumption stands (rights.assumptions).
    """
    status = Status(str(finding["status"]))
    return Explanation(
        right=right.id,
        unit_id=str(finding["unit_id"]),
        status=status,
        sentence=_sentence(finding, right, status),
        reasons=_reasons(right, status, sides),
        degree=DEGREE,
        sources=_sources(provenance),
        parameters=_parameters(right, sides),
        operations=_operations(finding, right, status),
        corrections=tuple(
            f"{c.article} (depuis le {c.in_force_on}) : {c.openfisca} Ce que nous faisons : {c.ours}"
            for c in corrections_of(right.id)
        ),
        assumptions=tuple(assumptions()[name].sentence for name in assumed),
        questions=(
            *(str(q) for q in _as_list(finding.get("questions"))),
            *(assumptions()[name].question for name in assumed),
            *(str(c.question) for c in corrections_of(right.id, ("assumption",)) if c.question),
        ),
        law=right.law,
        version=law.version,
    )


def _sentence(finding: Mapping[str, object], right: Right, status: Status) -> str:
    amount = finding.get("amount_eur_month")
    money = f", {euros(float(amount))} par mois" if isinstance(amount, float) and amount > 0 else ""
    since = finding.get("since_month")
    beginning = f", depuis {'' if finding.get('since_is_exact') else 'au moins '}{period(str(since))}" if since else ""
    return f"{right.label} : {LABELS[status].lower()}{money}{beginning}."


def _reasons(right: Right, status: Status, sides: Mapping[str, float | None]) -> tuple[str, ...]:
    """Why the right is probable, in plain words; nothing where it is neither due nor computed."""
    if status not in NOT_TAKEN_UP or right.computation is None:
        return ()
    values = SideValues(sides, right.computation.explained_by)
    return tuple(one.text for one in told(right.id, "yes", values, spoken=False))


def _sources(provenance: pl.DataFrame) -> tuple[str, ...]:
    states = {"known": "connu", "derived": "déduit", "carried": "reporté du mois précédent", "unknown": "inconnu"}
    rows = provenance.select("input_group", "partner", "reference_on", "state").unique(maintain_order=True)
    lines = []
    for row in rows.iter_rows(named=True):
        origin = (
            f" ({row['partner']}, au {row['reference_on']:%d/%m/%Y})" if row["partner"] and row["reference_on"] else ""
        )
        lines.append(f"{str(row['input_group']).replace('_', ' ')} : {states.get(row['state'], row['state'])}{origin}")
    return tuple(lines)


def _parameters(right: Right, sides: Mapping[str, float | None]) -> tuple[str, ...]:
    labels = right.computation.explained_by if right.computation else {}
    return tuple(
        f"{label} : {'inconnu' if sides[name] is None else f'{sides[name]:.2f}'.replace('.', ',')}"
        for name, label in labels.items()
        if name in sides
    )


def _operations(finding: Mapping[str, object], right: Right, status: Status) -> tuple[str, ...]:
    start, months = right.start.article, right.start.retroactive_months
    steps = ["Le droit est calculé par OpenFisca-France, avec les corrections listées plus bas."]
    steps.append(f"Il est comparé à ce que les partenaires déclarent avoir versé : « {LABELS[status].lower()} ».")
    late = f"Rappel possible sur {months} mois." if months else "Ce qui n'est pas demandé à temps est perdu."
    steps.append(f"Début du droit : {start}. {late}")
    lost = finding.get("eur_lost")
    if isinstance(lost, float) and lost > 0:
        steps.append(f"Perdu depuis le premier mois constaté : {euros(lost)}.")
    return tuple(steps)


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
