"""google-auth as a program uses it: everything comes from the environment. Prints what it got."""
import json
import sys
from urllib.parse import quote

import google.auth
import google.auth.compute_engine
import google.auth.transport.requests
from google.auth.compute_engine import _metadata
from google.oauth2 import id_token

audience = sys.argv[1]
request = google.auth.transport.requests.Request()

credentials, project = google.auth.default()
credentials.refresh(request)

if hasattr(id_token, "fetch_id_token"):
    identity_token = id_token.fetch_id_token(request, audience)
else:
    # google-auth 1.5.1 (Debian 12) has no such function yet, and its IDTokenCredentials ask Google's IAM instead.
    identity_token = _metadata.get(
        request, "instance/service-accounts/default/identity?audience=" + quote(audience, safe=""))

print(json.dumps({
    "client": "google-auth for Python",
    "detected": isinstance(credentials, google.auth.compute_engine.Credentials) and _metadata.ping(request),
    "project": project,
    "zone": _metadata.get(request, "instance/zone"),
    "attribute": _metadata.get(request, "instance/attributes/cluster-name"),
    "email": credentials.service_account_email,
    "accessToken": credentials.token,
    "identityToken": identity_token,
}))
