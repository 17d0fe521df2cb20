"""Succeeds when the service in this container answers `/livez`. No curl, proxy or redirect.

Not `/readyz`: some orchestrators kill what is unhealthy, and that would end all interviews because
the database was away for a minute.
"""

import http.client
import os
import sys

PATIENCE = 4
"""Seconds; less than the time that the container's health check allows."""


def main() -> None:
    # The settings would cost importing the service, every few seconds.
    port = int(os.environ.get("VIVAVOCE_PORT") or 8008)  # noqa: TID251
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as exc:
        sys.exit(f"no answer on port {port}: {exc}")
    if status != 200:
        sys.exit(f"/livez answered {status}")


main()
