"""cloud-init's data source for Compute Engine, from the folder that is given. Prints what it read, and publishes a host key."""
import json
import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])

from cloudinit.sources import DataSourceGCE

report = DataSourceGCE.read_md(
    url_params=SimpleNamespace(num_retries=0, sec_between_retries=0),
    # Whether this machine's firmware is Google's is not the question.
    platform_check=False)
DataSourceGCE._write_host_key_to_guest_attributes("ssh-ed25519", "AAAAC3Host")
if report["user-data"]:
    report["user-data"] = report["user-data"].decode()
print(json.dumps(report))
