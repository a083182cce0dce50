"""Asks again every request of golden.json to OpenFisca's own web API, and writes down what it answers.

python -m venv V && V/bin/pip install 'openfisca-core[web-api]==44.7.1' openfisca-france==176.1.8
V/bin/openfisca serve --country-package openfisca_france --bind 127.0.0.1:5900 --workers 1
python tests/unit/api/record_golden.py 5900
"""

from __future__ import annotations

import http.client
import json
import sys
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).with_name("golden.json")
KEPT_HEADERS = ("Content-Type", "Allow", "Location", "Vary", "Country-Package", "Country-Package-Version")


def kept(headers: list[tuple[str, str]]) -> dict[str, str]:
    """The headers that clients rely on; methods in alphabetical order, for theirs come in any."""
    found = {name: value for name, value in headers if name in KEPT_HEADERS or name.startswith("Access-Control")}
    if "Allow" in found:
        found["Allow"] = ", ".join(sorted(found["Allow"].split(", ")))
    return found


def asked(port: int, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with the answer of the server on this port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Host": "127.0.0.1:5900"} | entry["headers"]
    body = entry["body"].encode() if isinstance(entry["body"], str) else json.dumps(entry["body"]).encode()
    connection.request(entry["method"], entry["path"], None if entry["body"] is None else body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return entry | {"answer": {"status": response.status, "headers": kept(response.getheaders()), "body": text}}


if __name__ == "__main__":
    entries = [asked(int(sys.argv[1]), entry) for entry in json.loads(GOLDEN.read_text("utf-8"))]
    GOLDEN.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", "utf-8")
