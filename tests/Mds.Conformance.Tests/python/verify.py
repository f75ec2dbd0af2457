"""A service that trusts the local issuer, with google-auth. Prints what it believes of a token, or that it does not."""
import json
import sys

import google.auth.exceptions
import google.auth.transport.requests
from google.oauth2 import id_token

issuer, audience, token = sys.argv[1:]
request = google.auth.transport.requests.Request()


def verified(certs):
    try:
        return id_token.verify_token(token, request, audience=audience, certs_url=issuer + certs)
    except (ValueError, google.auth.exceptions.GoogleAuthError):
        return None


print(json.dumps({"claims": verified("/certs")}))
