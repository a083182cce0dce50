"""A small identity provider that speaks OpenID Connect for real, on this machine: what ProConnect does, in a thread.

Discovery, authorization code with PKCE, RS256 identity, userinfo signed as a JWT, logout. One knob a fault.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "allervers-essai", "un-secret-de-test"


@cache
def _keys():
    return tuple(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


@dataclass
class Provider:
    """The provider, and the person who is signed in there."""

    person: dict = field(default_factory=dict)
    """Claims of the person: sub, email…"""
    identity: dict = field(default_factory=dict)
    """Claims that the identity has more, or in place of the right ones."""
    userinfo: dict = field(default_factory=dict)
    """The same of the userinfo."""
    other_key: bool = False
    """Sign with a key that is not published."""
    refuses: str = ""
    """Error that the provider sends back in place of a code."""
    is_plain: bool = False
    """Userinfo as JSON, not signed."""
    named: str = ""
    """Issuer that discovery tells, when it lies."""
    codes: dict = field(default_factory=dict)
    tokens: set = field(default_factory=set)
    asked: list = field(default_factory=list)
    """Paths asked for."""
    ended: list = field(default_factory=list)
    """Identities whose session was ended."""

    def __post_init__(self) -> None:
        self.key, self.stolen = _keys()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                provider.answer(self, dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, dict(parse_qsl(body)))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/api/v2"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Close the door, and the socket."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, http: BaseHTTPRequestHandler, given: dict) -> None:
        """One request."""
        path = urlsplit(http.path).path.removeprefix("/api/v2")
        self.asked.append(path)
        status, kind, body, headers = {
            "/.well-known/openid-configuration": self._discovery,
            "/jwks": self._jwks,
            "/authorize": self._authorize,
            "/token": self._token,
            "/session/end": self._end,
        }.get(path, lambda given: self._userinfo(http.headers.get("Authorization", "")))(given)
        http.send_response(status)
        http.send_header("Content-Type", kind)
        for name, value in headers.items():
            http.send_header(name, value)
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    def _discovery(self, _):
        names = {
            "authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks", "end_session_endpoint": "session/end",
        }  # fmt: skip
        told = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return _json({"issuer": self.named or self.issuer, "code_challenge_methods_supported": ["S256"], **told})

    def _jwks(self, _):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return _json({"keys": [{**public, "kid": "une", "use": "sig", "alg": "RS256"}]})

    def _authorize(self, given):
        back = given["redirect_uri"]
        if self.refuses:
            return (
                302,
                "text/plain",
                b"",
                {"Location": f"{back}?{urlencode({'error': self.refuses, 'state': given['state']})}"},
            )
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT_ID
        assert "openid" in given["scope"].split()
        assert given["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"challenge": given["code_challenge"], "nonce": given["nonce"], "redirect_uri": back}
        self.codes[code]["claims"] = json.loads(given.get("claims", "{}")).get("id_token", {})
        return 302, "text/plain", b"", {"Location": f"{back}?{urlencode({'code': code, 'state': given['state']})}"}

    def _token(self, given):
        asked = self.codes.pop(given.get("code", ""), None)
        proof = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        known = (given.get("client_id"), given.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if asked is None or not known or given.get("redirect_uri") != asked["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self.tokens.add(access)
        now = int(time.time())
        told = {name: value for name, value in self.identity.items() if name != "amr" or name in asked["claims"]}
        claims = {"sub": self.person["sub"], "nonce": asked["nonce"], "exp": now + 60, "iat": now, **told}
        return _json({"access_token": access, "token_type": "Bearer", "id_token": self._signed(claims)})

    def _userinfo(self, authorization):
        if authorization.removeprefix("Bearer ") not in self.tokens:
            return _json({"error": "invalid_token"}, 401)
        claims = {**self.person, **self.userinfo}
        if self.is_plain:
            return _json(claims)
        return 200, "application/jwt", self._signed(claims).encode(), {}

    def _end(self, given):
        claims = jwt.decode(given["id_token_hint"], self.key.public_key(), algorithms=["RS256"], audience=CLIENT_ID)
        self.ended.append(claims["sub"])
        return 302, "text/plain", b"", {"Location": given["post_logout_redirect_uri"]}

    def _signed(self, claims):
        whole = {"iss": self.issuer, "aud": CLIENT_ID, **claims}
        return jwt.encode(whole, self.stolen if self.other_key else self.key, "RS256", headers={"kid": "une"})


def _json(value, status=200):
    return status, "application/json", json.dumps(value).encode(), {}


def parameters(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
