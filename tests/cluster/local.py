"""A local Ray cluster with nodes that can be killed, as tests and benchmarks use it."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.real import REPOSITORY

MISSING = next((name for name in ("ray", "grpc") if importlib.util.find_spec(name) is None), None)
"""What is not installed of the extra `cluster`, or None."""


class LocalCluster:
    """A head without cores, and `nodes`, by their numbers, of so many cores each, which need not exist. It asks for a
    token; `environment` has it, for those who connect. To be closed."""

    def __init__(self, nodes: int, cores: int = 1, **environment: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ray-"))
        (self._folder / "ray").mkdir()  # where Ray writes the cluster's address; it makes no folder for it
        self.port = _free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.environment = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
            "RAY_USAGE_STATS_ENABLED": "0",
            "NEURAL_STYLE_NODE_HOME": str(self._folder / "node"),
            "PYTHONPATH": f"{REPOSITORY / 'server'}:{REPOSITORY}",
            "OMP_NUM_THREADS": "1",
            "RAY_TMPDIR": str(self._folder),
            **environment,
        }
        self.node_home = self._folder / "node"
        self.log = self._folder / "nodes.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cluster.nodes", str(self._folder / "ray"), str(self.port)],
                env={**os.environ, **self.environment},
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._answer("ready")
        self._count, self._cores = 0, cores
        self.nodes: list[int] = []
        for _ in range(nodes):
            self.add_node()

    def add_node(self) -> int:
        """Its number."""
        self._order(f"add {self._cores}")
        self.nodes.append(self._count)
        self._count += 1
        return self.nodes[-1]

    def kill_node(self, number: int) -> None:
        """As a power cut does."""
        self._order(f"kill {number}")
        self.nodes.remove(number)

    def kill_all(self) -> None:
        """The head and all nodes."""
        self._say("head")
        self._answer("gone")
        self.nodes.clear()

    def start_head(self) -> None:
        """After `kill_all`, at the same address."""
        self._say("again")
        self._answer("head")

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _order(self, line: str) -> None:
        self._say(line)
        self._answer(line.partition(" ")[0])

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _answer(self, word: str) -> None:
        """Ray may print lines of its own before it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(word):
                return
        raise AssertionError(self.log.read_text()[-4000:])


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
