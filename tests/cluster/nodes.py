"""A Ray cluster on this machine, as a process of its own: `python -m tests.cluster.nodes FOLDER PORT`.

It reads orders, one a line, and answers each with a line: `add CORES` starts a node, `kill NUMBER` ends one at
once, `head` ends all and starts a new head at the same port. The head has no core, so that all work is on the nodes.
"""

from __future__ import annotations

import sys
from typing import Any

STORE_BYTES = 80 << 20


def main() -> None:
    from ray.cluster_utils import Cluster

    folder, port = sys.argv[1], int(sys.argv[2])
    small: dict[str, Any] = {"object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster, nodes = Cluster(), list[Any]()

    def start_head() -> None:
        cluster.add_node(num_cpus=0, gcs_server_port=port, temp_dir=folder, **small)

    start_head()
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, number = line.strip().partition(" ")
        if word == "add":
            nodes.append(cluster.add_node(num_cpus=int(number), temp_dir=folder, **small))
        elif word == "kill":
            cluster.remove_node(nodes[int(number)], allow_graceful=False)
        elif word == "head":
            for node in [*cluster.worker_nodes, cluster.head_node]:
                cluster.remove_node(node, allow_graceful=False)
            print("gone", flush=True)
            if sys.stdin.readline():
                start_head()
        print(f"{word} {len(nodes) - 1}", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
