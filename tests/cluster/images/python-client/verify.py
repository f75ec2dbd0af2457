"""Verifies identity tokens as a service does that trusts another issuer than Google, with Google's own library.

    verify.py ISSUER AUDIENCE TOKEN...

Prints the claims of each token as one line of JSON; ends with an error when one does not verify.
"""

import json
import sys

from google.auth.transport.requests import Request
from google.oauth2.id_token import verify_token

issuer, audience, *tokens = sys.argv[1:]
for token in tokens:
    claims = verify_token(token, Request(), audience=audience, certs_url=issuer + "/certs")
    if claims["iss"] != issuer:
        sys.exit(f"The token is of {claims['iss']}, not of {issuer}.")
    print(json.dumps(claims))
