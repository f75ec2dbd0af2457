"""Asks for credentials, an access token and an identity token as any program that runs on Google Cloud does.

Prints one JSON object with what it got. Tokens are not printed: of the access token its length, of the identity token
its header and its claims. Nothing is configured here; how the client finds its metadata server is what is being shown.
"""

import base64
import json
import os
import socket
import sys
import time

import google.auth
from google.auth.transport.requests import Request
from google.oauth2.id_token import fetch_id_token

AUDIENCE = sys.argv[1] if len(sys.argv) > 1 else "https://service.example"


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def wait_until_routed(seconds=30):
    """A node routes a new Service a moment after its server is ready, and google.auth.default() asks three times at once."""
    host, _, port = os.environ.get("GCE_METADATA_HOST", "").rpartition(":")
    deadline = time.monotonic() + seconds
    while host and time.monotonic() < deadline:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)


def main():
    wait_until_routed()
    request = Request()
    credentials, project = google.auth.default()
    credentials.refresh(request)
    header, claims, _ = fetch_id_token(request, AUDIENCE).split(".")
    print(json.dumps({
        "credentials": type(credentials).__module__ + "." + type(credentials).__name__,
        "project": project,
        "account": getattr(credentials, "service_account_email", None),
        "accessTokenLength": len(credentials.token),
        "accessTokenExpiry": credentials.expiry.isoformat() + "Z",
        "identityTokenHeader": decoded(header),
        "identityTokenClaims": decoded(claims),
    }, indent=2))


main()
