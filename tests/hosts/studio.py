"""A painter's laptop, where no daemon runs, and a studio's box behind TLS that it has a token for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.client.tls import Tunnel, certificate
from tests.real import RealDaemon
from tests.waiting import wait_for

from neural_style_client import Client, certificates
from neural_style_server.tokens import Tokens

WARM_S = 300.0
"""An editor's tests are often run beside much else."""


class Studio:
    """`laptop` is the home folder that an editor is started with; it paints on the box, called "studio"."""

    def __init__(self, folder: Path) -> None:
        self.laptop, box = folder / "laptop", folder / "box"
        for home in (self.laptop, box):
            home.mkdir(parents=True, mode=0o700)
        self.tunnel = Tunnel(0, certificate())
        (box / "settings.yaml").write_text(f"public_name: 127.0.0.1:{self.tunnel.port}\n")
        self.daemon = RealDaemon(box)
        self.tunnel.to = int(self.daemon.client.url.rpartition(":")[2])
        self.token = Tokens(box).add("anna")
        shown = certificates.fetch("127.0.0.1", self.tunnel.port, 30)
        known = {"name": "studio", "url": self.tunnel.url, "token": self.token, "certificate": shown}
        self._write({"remotes": [known], "chosen": "studio"})

    def warm(self) -> Studio:
        wait_for(lambda: self.daemon.client.health()["warm"], WARM_S, "warming up")
        return self

    def jobs(self) -> list[dict[str, Any]]:
        """Of the painter, on the box."""
        return Client(self.daemon.client.url, self.token).jobs()

    def _write(self, record: dict[str, Any]) -> None:
        path = self.laptop / "remotes.json"
        path.write_text(json.dumps(record))
        path.chmod(0o600)

    def close(self) -> None:
        self.tunnel.close()
        self.daemon.end()
