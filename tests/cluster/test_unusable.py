"""Clusters that cannot be used: a sentence with a code each, and this computer offered instead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.conftest import Studio
from tests.cluster.local import MISSING, LocalCluster

from neural_style_server.cluster import access
from neural_style_server.cluster.access import QUESTIONS, Place, check, place_of
from neural_style_server.cluster.connection import Connection, demands, explained, room_for
from neural_style_server.cluster.objects import Objects
from neural_style_server.cluster.protocol import DriverOptions
from neural_style_server.cluster.remote_worker import RemoteWorker, check_store, check_versions
from neural_style_server.errors import ClusterError
from neural_style_server.jobs.messages import StartRun, WorkerOptions
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle

OFFER = "To paint on this computer instead"
needs_ray = pytest.mark.skipif(MISSING is not None, reason=f"the extra 'cluster' lacks {MISSING}")


def refused(action: Callable[[], Any]) -> ClusterError:
    with pytest.raises(ClusterError) as caught:
        action()
    assert OFFER in caught.value.hint or caught.value.code == "cluster_address"
    return caught.value


@pytest.fixture
def serve() -> Iterator[Callable[[str | None], int]]:
    """A stand-in for a head that wants this token, or none; answers its port."""
    import grpc

    servers: list[Any] = []

    def start(token: str | None) -> int:
        def answer(request: bytes, context: Any) -> bytes:
            sent = dict(context.invocation_metadata()).get("authorization")
            if token is not None and sent != f"Bearer {token}":
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "no")
            return b""

        _, service, method = QUESTIONS[False].split("/")
        handler = grpc.method_handlers_generic_handler(service, {method: grpc.unary_unary_rpc_method_handler(answer)})
        server = grpc.server(ThreadPoolExecutor(2))
        server.add_generic_rpc_handlers((handler,))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return int(port)

    yield start
    for server in servers:
        server.stop(0).wait()


def test_a_job_for_a_cluster_that_does_not_answer_fails_with_a_sentence(open_studio: Callable[..., Studio]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    studio = open_studio(f"127.0.0.1:{port}")
    error = studio.wait(studio.submit())["error"]
    assert error["code"] == ("cluster_unreachable" if MISSING is None else "needs_cluster")
    assert OFFER in error["hint"]
    assert studio.controller.status.worker().state == "failed"


@needs_ray
def test_a_service_that_is_no_cluster_is_told_apart(serve: Callable[[str | None], int]) -> None:
    error = refused(lambda: check(Place("127.0.0.1", serve(None), by_client=True), {}))
    assert error.code == "cluster_unreachable" and "no Ray cluster" in error.detail


@needs_ray
def test_an_open_cluster_is_used_on_loopback_only(
    serve: Callable[[str | None], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("127.0.0.1", serve(None), by_client=False)
    assert check(place, {}) is False
    monkeypatch.setattr(access, "is_loopback", lambda host: False)
    error = refused(lambda: check(place, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "x" * 32}))
    assert error.code == "cluster_insecure" and "open" in error.detail


@needs_ray
def test_a_connection_to_another_computer_must_be_encrypted(
    serve: Callable[[str | None], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "is_loopback", lambda host: False)
    monkeypatch.setattr(access, "_is_own", lambda host: False)
    place = Place("127.0.0.1", serve("secret"), by_client=False)
    error = refused(lambda: check(place, {"RAY_AUTH_TOKEN": "secret"}))
    assert error.code == "cluster_insecure" and "encrypted" in error.detail


@needs_ray
@pytest.mark.parametrize(("own", "words"), [(None, "there is none"), ("wrong", "does not accept")])
def test_a_token_that_is_missing_or_wrong_is_told_at_once(
    serve: Callable[[str | None], int], tmp_path: Any, own: str | None, words: str
) -> None:
    environ = {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "none")} | ({} if own is None else {"RAY_AUTH_TOKEN": own})
    place = Place("127.0.0.1", serve("right"), by_client=False)
    error = refused(lambda: check(place, environ))
    assert error.code == "cluster_token" and words in error.detail
    assert check(place, {"RAY_AUTH_TOKEN": "right"}) is True


@needs_ray
def test_a_real_cluster_refuses_a_wrong_token(cluster: LocalCluster) -> None:
    place = place_of(cluster.address)
    assert check(place, cluster.environment) is True
    assert refused(lambda: check(place, {**cluster.environment, "RAY_AUTH_TOKEN": "0" * 32})).code == "cluster_token"


@pytest.mark.parametrize("address", ["ray://", "ray://host", "host", ":1", "host:99999999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert refused(lambda: place_of(address)).code == "cluster_address"


def test_auto_is_the_cluster_that_this_computer_is_a_node_of(tmp_path: Any) -> None:
    assert refused(lambda: place_of("auto", {"RAY_TMPDIR": str(tmp_path)})).code == "cluster_unreachable"
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("10.1.2.3:6379")
    assert place_of("auto", {"RAY_TMPDIR": str(tmp_path)}) == Place("10.1.2.3", 6379, by_client=False)
    assert place_of("auto", {"RAY_ADDRESS": "ray://gpu:10001"}) == Place("gpu", 10001, by_client=True)


VERSIONS = {"neural-style-server": "1", "Python": "3.11", "ray": "2.60.0", "torch": "2.9.0"}


@pytest.mark.parametrize("name", VERSIONS)
def test_other_versions_on_a_node_are_named(name: str) -> None:
    check_versions(VERSIONS, {"host": "gpu-3", "versions": VERSIONS})
    other = {"host": "gpu-3", "versions": {**VERSIONS, name: "7"}}
    error = refused(lambda: check_versions(VERSIONS, other))
    assert error.code == "cluster_versions"
    assert error.detail == f"The cluster's node gpu-3 has {name} 7, and here it is {VERSIONS[name]}."


def test_what_ray_says_of_versions_becomes_a_sentence() -> None:
    place = Place("gpu", 10001, by_client=True)
    error = explained(place, RuntimeError("Version mismatch: The cluster was started with:\n  Ray: 2.52.0"))
    assert (error.code, OFFER in error.hint) == ("cluster_versions", True)
    assert explained(place, ConnectionError("ray client connection timeout")).code == "cluster_unreachable"


GPUS = [{"CPU": 8.0}, {"CPU": 16.0, "GPU": 4.0}]
CORES = [{"CPU": 4.0}, {"CPU": 9.0}]


@pytest.mark.parametrize(
    ("options", "nodes", "wanted", "room"),
    [
        ({}, GPUS, {"num_gpus": 1, "num_cpus": 0}, 4),
        ({"device": "cuda:1"}, GPUS, {"num_gpus": 1, "num_cpus": 0}, 4),
        ({"device": "cpu", "threads": 8}, GPUS, {"num_gpus": 0, "num_cpus": 8}, 3),
        ({}, CORES, {"num_gpus": 0, "num_cpus": 4}, 3),
        ({"threads": 1}, CORES, {"num_gpus": 0, "num_cpus": 1}, 13),
        ({"device": "cuda", "grows": True}, CORES, {"num_gpus": 1, "num_cpus": 0}, 0),
    ],
)
def test_an_actor_has_a_gpu_or_so_many_cores(
    options: dict[str, Any], nodes: Sequence[dict[str, float]], wanted: dict[str, int], room: int
) -> None:
    found = demands(DriverOptions(address="x:1", **options), nodes, "x:1")
    assert (found, room_for(found, nodes)) == (wanted, room)


@pytest.mark.parametrize(
    ("options", "code"), [({"device": "cuda"}, "cluster_no_gpu"), ({"threads": 10}, "cluster_no_room")]
)
def test_what_no_node_has_is_told(options: dict[str, Any], code: str) -> None:
    assert refused(lambda: demands(DriverOptions(address="x:1", **options), CORES, "x:1")).code == code


def test_a_job_that_is_larger_than_an_object_store_is_refused() -> None:
    check_store(80 << 20, 80 << 20)
    error = refused(lambda: check_store(81 << 20, 80 << 20))
    assert error.code == "cluster_store" and "take 81 MiB" in error.detail and "holds 80 MiB" in error.detail


class Unused(Connection):
    """Of a cluster that is not asked for."""

    def settled(self, timeout_s: float) -> bool:
        self.problem = ClusterError("It is not asked for.")
        return True


class FullStore(Objects):
    """Raises what Ray does, which is no error of this program's nor of the system's."""

    def argument(self, item: Any) -> Any:
        raise RuntimeError("Failed to put object:\nthe store is full")


def test_a_job_that_the_object_store_does_not_take_fails_and_the_next_is_sent(tmp_path: Path) -> None:
    told, ended = list[Any](), threading.Event()
    connection = Unused(DriverOptions(address="auto"), lambda room: None, lambda: None)
    connection.store = 1 << 30
    worker = RemoteWorker(
        tmp_path,
        WorkerOptions(device="cpu"),
        connection,
        FullStore(lambda value: value, lambda: 0),
        told.append,
        lambda code: ended.set(),
    )
    assert ended.wait(10)
    told.clear()
    for number in (1, 2):
        folder = tmp_path / "jobs" / str(number)
        folder.mkdir(parents=True)
        region = TaskRegion(mask=None, styles=[TaskStyle(image="b" * 64, weight=1)])
        TaskFile(method={}, frames={"every": 5}, content="a" * 64, regions=[region]).write(folder)
        worker.send(StartRun(id=f"run-{number}", folder=str(folder)))
    worker._commands.put(None)
    worker._send_all()
    assert [(message.id, message.state, message.error["code"]) for message in told] == [
        ("run-1", "failed", "cluster"), ("run-2", "failed", "cluster")
    ]  # fmt: skip
    assert "the store is full" in told[0].error["detail"]
