"""Checks the JSON summary of a demo: the rights that must be there, and numbers that hold together."""

import json
import math
import sys
from pathlib import Path

RIGHTS = (
    "rsa", "ppa", "aides_logement", "af", "cf", "asf", "paje_base", "ars", "aspa", "asi", "aah",
    "css_sans_participation", "css_avec_participation", "cheque_energie", "bourse_college", "bourse_lycee",
)  # fmt: skip
COUNTS = ("households_entitled", "households_receiving", "households_not_taken_up")
EUROS = ("eur_month_not_taken_up",)
"""Null where the right has no amount in money (health cover) or the law as coded may give a wrong one (register)."""

SHARES = ("precision", "recall", "beta_error")


def problems(summary: dict) -> list[str]:
    """What is wrong in a summary, one sentence each; a share or an amount may be null, a count may not."""
    rights, communes = summary.get("rights", {}), summary.get("communes", {})
    wrong = [f"{right}: missing" for right in RIGHTS if right not in rights]
    for right, row in rights.items():
        for key in (*COUNTS, *EUROS):
            value = row.get(key)
            if key in EUROS and key in row and value is None:
                continue
            if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
                wrong.append(f"{right}: {key} is {value!r}")
        for key in SHARES:
            value = row.get(key)
            if key not in row or (value is not None and not 0 <= value <= 1):
                wrong.append(f"{right}: {key} is {value!r}")
    if not communes:
        wrong.append("no commune")
    if not any(row.get("households_not_taken_up") for row in rights.values()):
        wrong.append("nobody is found: nothing was detected")
    return wrong


def main() -> int:
    """Exit status: 0 when the summary named on the command line is sound."""
    wrong = problems(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    print("\n".join(wrong) or "résumé : conforme", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
