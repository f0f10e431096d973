"""An OpenID Connect provider on 127.0.0.1: discovery, keys, the code flow with PKCE and nonce, and the end of a session. It signs what it
says with a key of its own and believes nothing: whoever forgets the verifier, the secret, the nonce or the state gets no token.

    with provider({"anna": {"name": "Anna"}}) as oidc: ...oidc.url
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "aftershock-tests", "a secret that only the two know"


@dataclass
class Provider:
    """What it knows: its readers by subject with their claims, its key, the codes that are out, and everything it was asked."""

    readers: Mapping[str, Mapping[str, Any]]
    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "tests", "use": "sig", "alg": "RS256"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def secrets_toml(self) -> str:
        """The [auth] of a server whose readers it vouches for."""
        return (
            '[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{secrets.token_hex(32)}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks", "end_session_endpoint": "end"}
        return {
            "issuer": self.url, **{name: f"{self.url}/{path}" for name, path in ends.items()}, "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": ["openid"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"], "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def code(self, subject: str, asked: Mapping[str, str]) -> str:
        """A code that can be used once."""
        found = secrets.token_urlsafe(16)
        self.codes[found] = {"sub": subject, **asked}
        return found

    def token(self, form: Mapping[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code, or None for whoever cannot show what they should."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        wanted = (
            base64.b64encode(f"{quote(CLIENT)}:{quote(SECRET)}".encode()).decode(),
            base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode(),
        )
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]
            or authorization.removeprefix("Basic ") not in wanted
        ):
            self.refused.append("token")
            return None
        now = int(time.time())
        claims = {"iss": self.url, "sub": asked["sub"], "aud": CLIENT, "iat": now, "exp": now + 3600, "nonce": asked["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "tests"}, claims | dict(self.readers[asked["sub"]]), self.key)
        return {"access_token": secrets.token_hex(16), "token_type": "Bearer", "expires_in": 3600, "id_token": signed}


class _Handler(BaseHTTPRequestHandler):
    """One request; the provider is the server's."""

    def do_GET(self) -> None:
        """Everything but the exchange of a code."""
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        provider.asked.append(parts.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                self._say(provider.metadata())
            case "/jwks":
                self._say({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize":
                self._authorize(provider, query)
            case "/end":
                self._send_on(query["post_logout_redirect_uri"])
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        """A code for tokens."""
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        provider.asked.append(self.path)
        form = {key: values[0] for key, values in parse_qs(body).items()}
        answer = provider.token(form, unquote(self.headers.get("Authorization", "")))
        self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    def _authorize(self, provider: Provider, query: Mapping[str, str]) -> None:
        """The page on which a person says who they are; then back with a code."""
        needed = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
        good = all(query.get(n) for n in needed) and query["client_id"] == CLIENT and query.get("code_challenge_method") == "S256"
        if not good or query.get("response_type") != "code":
            provider.refused.append("authorize")
            self.send_error(400)
        elif (subject := query.get("i_am", "")) in provider.readers:
            self._send_on(query["redirect_uri"] + "?" + urlencode({"code": provider.code(subject, query), "state": query["state"]}))
        else:
            links = (
                f'<p><a href="{html.escape(self.path)}&amp;i_am={quote(who)}">I am {html.escape(who)}</a></p>' for who in provider.readers
            )
            self._answer("<!doctype html><title>Who are you?</title>" + "".join(links), "text/html; charset=utf-8")

    def _say(self, what: Any, status: int = 200) -> None:
        self._answer(json.dumps(what), "application/json", status)

    def _answer(self, text: str, media: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _send_on(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def provider(readers: Mapping[str, Mapping[str, Any]]) -> Iterator[Provider]:
    """A provider that runs, on a port of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        found = Provider(readers, f"http://127.0.0.1:{server.server_address[1]}")
        server.provider = found  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found
        finally:
            server.shutdown()
