"""Run by `bin/test --pure` in its environment: fails when a web framework or an HTTP client can be imported there."""

import sys
from importlib.util import find_spec

UNWANTED = ("django", "flask", "werkzeug", "gunicorn", "starlette", "requests", "httpx", "urllib3", "aiohttp")


def main() -> int:
    """Exit status: 0 when none can be imported and the project can."""
    found = [name for name in UNWANTED if find_spec(name)]
    if found:
        print("Installés alors que les couches du bas n'en ont pas besoin : " + ", ".join(found), file=sys.stderr)
        return 1
    return 0 if find_spec("allervers") and find_spec("pytest") else 1


if __name__ == "__main__":
    sys.exit(main())
