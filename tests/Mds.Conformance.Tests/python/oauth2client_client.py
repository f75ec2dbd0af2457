"""oauth2client, which gsutil and bq use, as a program uses it: everything comes from the environment. Prints what it got."""
import json
import sys
from urllib.parse import quote

import httplib2
from oauth2client.client import GoogleCredentials
from oauth2client.contrib import _metadata
from oauth2client.contrib.gce import AppAssertionCredentials

http = httplib2.Http()
credentials = GoogleCredentials.get_application_default()
token = credentials.get_access_token(http)

print(json.dumps({
    "client": "oauth2client for Python",
    "detected": isinstance(credentials, AppAssertionCredentials),
    "project": _metadata.get(http, "project/project-id"),
    "zone": _metadata.get(http, "instance/zone"),
    "attribute": _metadata.get(http, "instance/attributes/cluster-name"),
    "scopes": credentials.retrieve_scopes(http),
    "email": credentials.service_account_email,
    "accessToken": token.access_token,
    "identityToken": _metadata.get(http, "instance/service-accounts/default/identity?audience=" + quote(sys.argv[1], safe="")),
}))
