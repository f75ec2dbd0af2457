"""Asks for credentials, an access token and an identity token as any program that runs on Google Cloud does.

Prints one JSON object with what it got. Tokens are not printed: of the access token its length, of the identity token
its header and its claims. Nothing is configured here; how the client finds its metadata server is what is being shown.
"""

import base64
import json
import sys

import google.auth
from google.auth.transport.requests import Request
from google.oauth2.id_token import fetch_id_token

AUDIENCE = sys.argv[1] if len(sys.argv) > 1 else "https://service.example"


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def main():
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
