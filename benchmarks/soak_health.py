"""How long `/v1/health` takes, asked again and again until standard input ends. Started by the soak.

A daemon that is away (it is killed and started again) is waited for and not counted: nobody was there to ask.
"""

from __future__ import annotations

import http.client
import json
import select
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def main() -> None:
    discovery, pause_s = Path(sys.argv[1]) / "daemon.json", float(sys.argv[2])
    times: list[float] = []
    while not select.select([sys.stdin], [], [], pause_s)[0]:
        try:
            address = urlsplit(json.loads(discovery.read_text())["url"])
            began = time.perf_counter()
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
            connection.request("GET", "/v1/health")
            answer = connection.getresponse()
            answer.read()
            connection.close()
        except TimeoutError:
            times.append(10.0)
        except (OSError, ValueError, http.client.HTTPException):
            continue
        else:
            assert answer.status == 200, answer.status
            times.append(time.perf_counter() - began)
    times.sort()
    found: dict[str, float] = {"asked": len(times)}
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        found[name] = round(1000 * times[min(len(times) - 1, int(share * len(times)))], 2) if times else 0.0
    print(json.dumps(found))


if __name__ == "__main__":
    main()
