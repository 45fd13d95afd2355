"""What Schemathesis has to know: an account is begun, and its requests are signed by its device
(seshat-protocol/src/http_signature.rs) or carry a token, as the description says who may ask.

SESHAT_URL is the server's address, as it knows itself."""

import base64
import hashlib
import os
import struct
import time
from urllib.parse import urlsplit

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

URL = os.environ["SESHAT_URL"]
LABEL = "seshat/v1"
ACCOUNT, DEVICE, EXCHANGE = os.urandom(16), os.urandom(16), os.urandom(32)
IDENTITY, PASSWORD, RECOVERY, LAPTOP = (Ed25519PrivateKey.generate() for _ in range(4))


def public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64_of(data):
    return base64.b64encode(data).decode()


def fields(*values):
    """seshat-protocol/src/fields.rs: each one's length, then the field."""
    plain = (value.encode() if isinstance(value, str) else value for value in values)
    return b"".join(struct.pack(">I", len(value)) + value for value in plain)


def begin_account():
    email = ACCOUNT.hex() + "@example.org"
    certified = fields(LABEL, "device", ACCOUNT, DEVICE, public(LAPTOP), EXCHANGE)
    kdf = {"memory_kib": 65536, "passes": 3, "lanes": 4, "salt": url64(os.urandom(16))}
    account = {
        "account": ACCOUNT.hex(),
        "email": email,
        "identity_key": url64(public(IDENTITY)),
        "vault": url64(b"a vault"),
        "sign_in": {
            "kdf": kdf,
            "account_code": False,
            "password_key": url64(public(PASSWORD)),
            "recovery_key": url64(public(RECOVERY)),
        },
        "device": {
            "id": DEVICE.hex(),
            "signing_key": url64(public(LAPTOP)),
            "exchange_key": url64(EXCHANGE),
            "certificate": url64(IDENTITY.sign(certified)),
        },
        "proof": url64(PASSWORD.sign(fields(LABEL, "create-account", URL, ACCOUNT, email))),
    }
    requests.post(URL + "/v1/accounts", json=account, timeout=10).raise_for_status()


def sign_in():
    asked = {"account": ACCOUNT.hex()}
    challenge = requests.post(URL + "/v1/sign-in/challenge", json=asked, timeout=10).json()["challenge"]
    message = fields(LABEL, "sign-in", URL, ACCOUNT, base64.urlsafe_b64decode(challenge + "="))
    answer = {
        "account": ACCOUNT.hex(),
        "challenge": challenge,
        "key": {"kind": "password"},
        "signature": url64(PASSWORD.sign(message)),
    }
    return requests.post(URL + "/v1/sign-in", json=answer, timeout=10).json()["token"]


begin_account()
TOKEN = sign_in()


class Signed(requests.auth.AuthBase):
    """Signs a request as it is going to be sent."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if not isinstance(body, bytes):
            return request
        expected = request.headers.get("If-Match")
        expected = expected.decode("latin-1") if isinstance(expected, bytes) else expected
        named = "" if expected is None else ' "if-match"'
        parameters = (
            f'("@method" "@path" "@query" "content-digest" "seshat-origin"{named})'
            f';created={int(time.time())};nonce="{url64(os.urandom(16))}"'
            f';keyid="{ACCOUNT.hex()}.{DEVICE.hex()}";alg="ed25519";tag="{LABEL}"'
        )
        parts = urlsplit(request.url)
        digest = f"sha-256=:{base64_of(hashlib.sha256(body).digest())}:"
        signed = {
            "@method": request.method,
            "@path": parts.path,
            "@query": "?" + parts.query,
            "content-digest": digest,
            "seshat-origin": URL,
        }
        if expected is not None:
            signed["if-match"] = expected
        lines = "".join(f'"{name}": {value}\n' for name, value in signed.items())
        message = f'{lines}"@signature-params": {parameters}'.encode("latin-1", "replace")
        request.headers["Content-Digest"] = digest
        request.headers["Seshat-Origin"] = URL
        request.headers["Signature-Input"] = "seshat=" + parameters
        request.headers["Signature"] = f"seshat=:{base64_of(LAPTOP.sign(message))}:"
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path == "/v1/events":
        # A stream of events has no end, and who waits for an answer waits long.
        case.query = {**(case.query or {}), "wait": 0}
    for name, value in list((case.headers or {}).items()):
        # What cannot stand in a header is no request to any route; hyper refuses it, and malformed.rs has such.
        if not all(" " <= letter <= "~" for letter in str(value)):
            case.headers[name] = "".join(letter if " " <= letter <= "~" else "?" for letter in str(value))
    security = case.operation.definition.raw.get("security") or []
    named = {name for one in security for name in one}
    if "device" in named:
        kwargs["auth"] = Signed()
    elif "joining" in named:
        case.headers["Authorization"] = "Bearer " + TOKEN
    # As a person one could delete the account, which would end the run.
