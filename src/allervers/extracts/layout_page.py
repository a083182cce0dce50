"""The table of columns of a format's documentation page, made from its layout so that the two cannot differ."""

from __future__ import annotations

from allervers.extracts.layout import Column, Kind, Layout

_WRITING = {
    Kind.TEXT: "texte",
    Kind.NIR: "texte",
    Kind.DATE: "date `AAAA-MM-JJ`",
    Kind.MONTH: "mois `AAAA-MM`",
    Kind.AMOUNT: "nombre",
    Kind.CODE: "code",
    Kind.FLAG: "`O` ou `N`",
    Kind.COMMUNE: "texte, 5 caractères",
    Kind.POSTCODE: "texte, 5 chiffres",
    Kind.PHONE: "texte",
    Kind.EMAIL: "texte",
    Kind.YEAR: "année `AAAA`",
}


def columns_table(layout: Layout) -> str:
    """A Markdown table in French: name, type, whether mandatory, meaning with codes or bounds. One line per column."""
    lines = ["| Colonne | Type | Obligatoire | Contenu |", "|---|---|---|---|"]
    for column in layout.columns:
        wanted = "oui" if column.required else "non"
        lines.append(f"| `{column.name}` | {_WRITING[column.kind]} | {wanted} | {_content(column)} |")
    return "\n".join(lines) + "\n"


def _content(column: Column) -> str:
    parts = [column.label]
    if column.codes:
        parts.append("codes " + ", ".join(f"`{code}`" for code in column.codes))
    if column.kind is Kind.AMOUNT:
        parts.append(f"de {column.low:.0f} à {column.high:.0f}")
    if column.lenient:
        parts.append("une valeur fausse est laissée de côté et comptée, la ligne est gardée")
    return " ; ".join(parts)
