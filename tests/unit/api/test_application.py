"""The web API as a function: paths, methods, errors, headers, as OpenFisca's web API gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_law import SMALL, application

from allervers.api.messages import Request, Response

JSON = {"content-type": "application/json", "host": "api.example.org"}


def ask(method: str, path: str, body: bytes = b"", **headers: str) -> Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return application().answer(Request(method, path, JSON | given, body))


def post(body: Any, path: str = "/calculate", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask("POST", path, content, **headers)


def header(response: Response, name: str) -> str | None:
    return dict(response.headers).get(name)


def test_nulls_are_filled_keys_sorted_and_text_is_ascii():
    response = post({"individus": {"é": {}, "a": {}}, "familles": {"f": {"rsa": {"2026-01": None, "2025-01": 3}}}})
    assert response.status == 200
    assert response.body == (
        b'{"familles":{"f":{"rsa":{"2025-01":3,"2026-01":607.75}}},"individus":{"a":{},"\\u00e9":{}}}\n'
    )
    assert header(response, "Content-Type") == "application/json"
    assert header(response, "Content-Length") == str(len(response.body))


def test_dates_asked_are_written_as_in_http_and_dates_given_are_left():
    response = post({"individus": {"a": {"naissance": {"ETERNITY": None}}, "b": {"naissance": {"X": "1980-02-03"}}}})
    assert json.loads(response.body)["individus"] == {
        "a": {"naissance": {"ETERNITY": "Thu, 01 Jan 1970 00:00:00 GMT"}},
        "b": {"naissance": {"X": "1980-02-03"}},
    }


def test_trace_lists_what_was_asked():
    response = post({"individus": {"a": {"rsa": {"2026-01": None}}}}, "/trace")
    assert json.loads(response.body)["requestedCalculations"] == ["rsa"]


@pytest.mark.parametrize("path", ["/calculate", "/trace"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Invalid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"{", "Invalid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b'{"a":"\xff"}', "Invalid JSON: utf-8"),
        (b"\xff\xfe{", "Invalid JSON: utf-16-le"),
        (b"[]", "Invalid type: must be of type 'Object'."),
        (b"null", "Invalid type: must be of type 'Object'."),
        (b'{"a": NaN}', "Invalid JSON: NaN is not a JSON number"),
        (b'{"a": -Infinity}', "Invalid JSON: -Infinity is not a JSON number"),
        (b'{"a": {"b": 1e400}}', "Invalid JSON: a number is out of range"),
        (b"[" * 100_000, "Invalid JSON: too many nested levels"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "Invalid JSON: too many nested levels"),
        (
            b'{"individus":{},"axes":[[{"count":1000000000}]]}',
            "Too many persons once axes are expanded: 100000 at most",
        ),
        (
            b'{"individus":{},"axes":[[{"count":1000}],[{"count":1000}]]}',
            "Too many persons once axes are expanded: 100000 at most",
        ),
    ],
)
def test_what_is_no_situation_is_refused(path, body, said):
    if path == "/trace" and "range" in said:
        pytest.skip("a trace does not give the situation back")
    response = post(body, path)
    assert (response.status, json.loads(response.body)) == (400, {"error": said})


def test_a_number_of_ten_thousand_digits_is_refused():
    response = post(b'{"individus":{"a":{"rsa":{"2026-01":' + b"9" * 10_000 + b"}}}}")
    assert response.status == 400
    assert b"4300 digits" in response.body


@pytest.mark.parametrize("axes", [3, [], [[]], [3], [[{"count": "x"}]], {}, None])
def test_strange_axes_are_left_to_the_law(axes):
    assert post({"individus": {"a": {}}, "axes": axes}).status == 200


def test_a_result_that_is_not_finite_is_refused():
    assert post({"individus": {"a": {"infinite": {"2026-01": None}}}}).status == 400


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_gets_the_500_of_openfisca(kind):
    response = post({}, content_type=kind)
    assert (response.status, response.body) == (
        500,
        b"{\"error\":\"Internal server error: 'NoneType' object has no attribute 'args'\"}\n",
    )


@pytest.mark.parametrize("kind", ["application/vnd.api+json", "APPLICATION/JSON; charset=latin-1"])
def test_json_has_several_names(kind):
    assert post({"individus": {}}, content_type=kind).status == 200


def test_errors_of_the_law_keep_their_status_and_their_form():
    assert post({"individus": {"refused": {}}}).status == 404
    assert json.loads(post({"individus": {"refused": {}}}).body) == {"individus": "No."}
    unforeseen = post({"individus": {"unforeseen": {}}})
    assert (unforeseen.status, json.loads(unforeseen.body)) == (
        500,
        {"error": "Internal server error: not a whole month"},
    )


def test_a_broken_law_is_a_500_whose_message_stays_out_of_what_is_logged():
    response = post({"individus": {"broken": {}}})
    assert response.status == 500
    assert response.fault.startswith("RuntimeError fake_law:")
    assert "secret" not in response.fault + response.route


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/calculate", 405, "POST, OPTIONS"),
        ("HEAD", "/trace", 405, "POST, OPTIONS"),
        ("POST", "/variables", 405, "GET, HEAD, OPTIONS"),
        ("FOO", "/variable/rsa", 405, "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/calculate", 200, "POST, OPTIONS"),
        ("OPTIONS", "/variables", 200, "GET, HEAD, OPTIONS"),
        ("GET", "/nope", 404, None),
        ("OPTIONS", "/nope", 404, None),
        ("GET", "/VARIABLES", 404, None),
        ("GET", "/variable", 404, None),
        ("GET", "/variable/nope", 404, None),
        ("GET", "/variable/a/b", 404, None),
        ("GET", "/parameter/nope", 404, None),
        ("GET", "/parameter//a", 404, None),
        ("GET", "//variables", 200, None),
    ],
)
def test_methods_and_paths(method, path, status, allowed):
    response = ask(method, path)
    assert (response.status, header(response, "Allow")) == (status, allowed)
    assert header(response, "Country-Package") == "openfisca-fake"
    assert header(response, "Country-Package-Version") == "1.2.3"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/variables/", "/variables"),
        ("//evil.org/", "/evil.org"),
        ("/\\evil.org/", "/%5Cevil.org"),
        ("/a\r\nX: 1/", "/a%0D%0AX:%201"),
        ("/<b>é/", "/%3Cb%3E%C3%A9"),
    ],
)
def test_a_last_slash_is_redirected_on_this_server_only(path, location):
    response = ask("GET", path)
    assert (response.status, header(response, "Location")) == (302, location)
    assert b"<b>" not in response.body


def test_head_has_the_length_and_no_body():
    whole = ask("GET", "/entities")
    head = ask("HEAD", "/entities")
    assert (head.status, head.body, header(head, "Content-Length")) == (200, b"", str(len(whole.body)))


def test_entities_variables_and_parameters():
    assert json.loads(ask("GET", "/entities").body)["famille"] == {
        "plural": "familles",
        "description": "Famille",
        "documentation": "",
        "roles": {
            "parent": {"plural": "parents", "description": "Parent", "max": 2},
            "enfant": {"plural": "enfants", "description": None},
        },
    }
    assert json.loads(ask("GET", "/variables").body)["rsa"] == {
        "description": "Le rsa",
        "href": "http://api.example.org/variable/rsa",
    }
    rsa = json.loads(ask("GET", "/variable/rsa").body)
    assert rsa["formulas"]["2027-01-01"] is None
    assert rsa["source"] == "https://example.org/r/blob/1.2.3/openfisca_fake/rsa.py#L7-L8"
    assert json.loads(ask("GET", "/parameters").body) == {
        f"a.{name}": {"description": label, "href": f"http://api.example.org/parameter/a/{name}"}
        for name, label in (("b", "Montant"), ("c", "Barème"), ("d", "Fini"))
    }
    amount = json.loads(ask("GET", "/parameter/a.b").body)
    assert amount == json.loads(ask("GET", "/parameter/a/b").body)
    assert amount["metadata"] == {"seen": "Fri, 02 Jan 2026 00:00:00 GMT"}
    assert amount["values"] == {"2026-01-01": 2.5}
    assert json.loads(ask("GET", "/parameter/a").body)["subparams"]["b"] == {"description": "Montant"}
    ended = json.loads(ask("GET", "/parameter/a.d").body)
    assert ended["brackets"] == {"2026-01-01": {"0.0": 0.1}, "2027-01-01": None}
    assert "source" not in ended, "a file of this machine"


def test_the_specification_names_this_server():
    spec = json.loads(ask("GET", "/spec", x_forwarded_proto="https").body)
    assert spec["servers"] == [{"url": "https://api.example.org"}]
    assert spec["info"]["title"] == "Openfisca-Fake Web API"
    assert set(spec["components"]["schemas"]["Famille"]["properties"]) == {"parents", "enfants", "rsa"}


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"host": "example.org:80"}, "http://example.org"),
        ({"host": "EXAMPLE.org:8080"}, "http://example.org:8080"),
        ({"host": "[::1]:5000"}, "http://[::1]:5000"),
        ({"host": "x", "x_forwarded_host": "a.b, c.d", "x_forwarded_proto": "https"}, "https://c.d"),
        ({"host": "x:443", "x_forwarded_proto": "https"}, "https://x"),
        ({"host": "x", "x_forwarded_proto": "javascript"}, "http://x"),
        ({"host": 'a"b<'}, "http://"),
        ({"host": "a/../b"}, "http://"),
        ({"host": "é.org"}, "http://"),
    ],
)
def test_links_bear_the_address_that_the_client_used(headers, address):
    response = ask("GET", "/", **headers)
    assert response.status == 300
    assert f"({address}/spec)" in json.loads(response.body)["welcome"]
    assert json.loads(ask("GET", "/variables", **headers).body)["rsa"]["href"] == f"{address}/variable/rsa"


def test_what_did_not_change_is_not_sent_again():
    first = ask("GET", "/variables")
    tag = header(first, "ETag")
    again = ask("GET", "/variables", if_none_match=f'"other", W/{tag}')
    assert (again.status, again.body) == (304, b"")
    elsewhere = ask("GET", "/variables", if_none_match=tag, host="other.org")
    assert elsewhere.status == 200, "its links differ"


def test_any_page_may_read_the_answers():
    plain = ask("GET", "/entities")
    assert (header(plain, "Access-Control-Allow-Origin"), header(plain, "Vary")) == ("*", None)
    asked = {"origin": "https://x.fr", "access_control_request_method": "POST"}
    before = ask("OPTIONS", "/calculate", **asked, access_control_request_headers="x-b, content-type,")
    assert {name: value for name, value in before.headers if name.startswith("Access") or name == "Vary"} == {
        "Access-Control-Allow-Origin": "https://x.fr",
        "Access-Control-Allow-Headers": "content-type, x-b",
        "Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        "Vary": "Origin",
    }
    other = ask("OPTIONS", "/calculate", origin="https://x.fr", access_control_request_method="FOO")
    assert header(other, "Access-Control-Allow-Methods") is None


def test_routes_of_the_log_hold_nothing_of_the_request():
    paths = ("/variable/secret", "/parameter/secret/x", "/secret", "/secret/", "/calculate")
    assert [ask("GET", path).route for path in paths] == ["/variable/{id}", "/parameter/{id}", "?", "/…/", "/calculate"]


def test_names_that_do_not_exist_are_not_kept():
    catalogue = application()._catalogue
    before = len(catalogue._kept)
    for number in range(50):
        ask("GET", f"/variable/none{number}")
    assert len(catalogue._kept) == before
    assert SMALL.depth == 32
