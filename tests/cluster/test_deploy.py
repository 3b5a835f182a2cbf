"""The files in deploy/: Ray accepts the clusters, and all of them ask for token and encryption."""

from __future__ import annotations

import configparser
from typing import Any

import pytest
import yaml
from tests.cluster.local import MISSING
from tests.real import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
CLUSTERS = ("cluster.yaml", "machines.yaml")
SAFE = ("RAY_AUTH_MODE=token", "RAY_AUTH_TOKEN_PATH=", "RAY_USE_TLS=1", "RAY_TLS_SERVER_CERT=", "RAY_TLS_CA_CERT=")


def read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / name).read_text()))


@pytest.mark.skipif(MISSING is not None, reason=f"the extra 'cluster' lacks {MISSING}")
@pytest.mark.parametrize("name", CLUSTERS)
def test_ray_up_takes_a_cluster(name: str) -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    validate_config(prepare_config(read(name)))


@pytest.mark.parametrize("name", [*CLUSTERS, "neural-style-node.service"])
def test_no_cluster_is_open_or_unencrypted(name: str) -> None:
    text = (DEPLOY / name).read_text()
    assert not [word for word in SAFE if word not in text]
    assert "dashboard-host=0" not in text


def test_gpu_nodes_come_with_work_and_go_without_and_the_head_paints_nothing() -> None:
    found = read("cluster.yaml")
    kinds = found["available_node_types"]
    assert kinds["gpu"]["min_workers"] == 0 < kinds["gpu"]["max_workers"] <= found["max_workers"]
    assert kinds["gpu"]["resources"]["GPU"] == 1 and kinds["head"]["resources"] == {"CPU": 0}
    assert all("--num-cpus=0" in command for command in found["head_start_ray_commands"] if "--head" in command)


@pytest.mark.parametrize("name", ["neural-style-node.service", "neural-style.service"])
def test_a_unit_has_what_systemd_needs(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / name)
    assert unit["Service"]["ExecStart"].startswith("/opt/neural-style/bin/")
    assert unit["Service"]["User"] == "painter" and unit["Install"]["WantedBy"]


def test_the_container_has_the_extra_and_runs_as_no_root() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert "[cluster" in text and "\nUSER painter\n" in text
