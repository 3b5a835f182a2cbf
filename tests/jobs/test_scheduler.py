"""Which job is next, and on which worker: decisions alone, without threads or files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.jobs.test_store import FORECAST, record

from neural_style_server.jobs.record import RUNNING
from neural_style_server.jobs.scheduler import TURN_S, Scheduler
from neural_style_server.jobs.table import Client, Job
from neural_style_server.users import OWNER


def client(name: str, owner: str = OWNER) -> Client:
    return Client(owner, name)


def job(client: str, created: float, seconds: float = 100.0, worker: str | None = None, **more: Any) -> Job:
    forecast = {**FORECAST, "seconds": seconds}
    made = Job(record(f"{client}-{created:g}", client=client, created=created, forecast=forecast), Path(), **more)
    if worker is not None:
        made.record.state, made.worker = RUNNING, worker
    return made


def owned(owner: str, client: str, created: float) -> Job:
    made = job(client, created)
    made.record.owner = owner
    return made


def assigned(scheduler: Scheduler, waiting: list[Job], running: list[Job], ready: list[str]) -> list[str]:
    """Everything that can be handed out at once, as "JOB>WORKER"."""
    waiting, running, found = list(waiting), list(running), []
    while choice := scheduler.next(waiting, running, ready, idle_soon=False):
        chosen, chosen.worker = choice
        waiting.remove(chosen)
        running.append(chosen)
        scheduler.served(chosen.client, 10.0 + len(found))
        found.append(f"{chosen.id}>{chosen.worker}")
    return found


def test_one_worker_takes_two_clients_and_one_job_of_each() -> None:
    waiting = [job("a", 1), job("a", 2), job("b", 3), job("c", 4)]
    assert assigned(Scheduler(), waiting, [], ["w1"]) == ["a-1>w1", "b-3>w1"]


def test_two_workers_take_a_client_each_before_anything_is_shared() -> None:
    waiting = [job("a", 1), job("b", 2), job("c", 3)]
    assert assigned(Scheduler(), waiting, [], ["w1", "w2"]) == ["a-1>w1", "b-2>w2", "c-3>w1"]


def test_an_idle_worker_takes_a_second_job_of_the_only_client() -> None:
    waiting = [job("a", 1), job("a", 2), job("a", 3)]
    assert assigned(Scheduler(), waiting, [], ["w1", "w2"]) == ["a-1>w1", "a-2>w2"]


def test_another_client_is_before_a_client_s_second_job() -> None:
    running = [job("a", 1, worker="w1")]
    assert assigned(Scheduler(), [job("a", 2), job("b", 3)], running, ["w1", "w2"]) == ["b-3>w2"]


def test_a_worker_that_is_about_to_be_ready_is_waited_for() -> None:
    running, waiting = [job("a", 1, worker="w1")], [job("b", 2)]
    assert Scheduler().next(waiting, running, ["w1"], idle_soon=True) is None
    assert Scheduler().next(waiting, running, ["w1"], idle_soon=False) == (waiting[0], "w1")


def test_nobody_gets_a_worker_where_none_is_ready() -> None:
    assert Scheduler().next([job("a", 1)], [], [], idle_soon=False) is None


def test_the_client_that_was_served_longest_ago_is_next_with_its_short_jobs_first() -> None:
    scheduler = Scheduler()
    scheduler.served(client("a"), 5.0)
    scheduler.served(client("b"), 4.0)
    waiting = [job("a", 1), job("b", 2), job("b", 3, seconds=TURN_S)]
    assert scheduler.next(waiting, [], ["w1"], False) == (waiting[2], "w1")
    scheduler.keep_only({client("b")})
    assert scheduler.next(waiting, [], ["w1"], False) == (waiting[0], "w1")


def test_a_job_has_to_wait_only_where_every_worker_is_full_and_its_turn_is_over() -> None:
    running = [job("a", 1, worker="w1", since=0.0), job("b", 2, worker="w1", since=0.0)]
    waiting = [job("c", 3)]
    scheduler = Scheduler()
    assert not scheduler.must_wait(running[0], waiting, running, ["w1"], TURN_S)
    assert scheduler.must_wait(running[0], waiting, running, ["w1"], TURN_S + 1)
    assert not scheduler.must_wait(running[0], waiting, running, ["w1", "w2"], TURN_S + 1)
    assert not scheduler.must_wait(running[0], [job("a", 4)], running, ["w1"], TURN_S + 1)
    running[1].requested = "yield"
    assert not scheduler.must_wait(running[0], waiting, running, ["w1"], TURN_S + 1)


def test_users_share_alike_however_many_programs_one_has() -> None:
    many = [owned("anna", f"program-{n}", n) for n in range(20)]
    scheduler, late = Scheduler(), owned("ben", "gimp", 30)
    assert assigned(scheduler, many[:2], [], ["w1"]) == ["program-0-0>w1", "program-1-1>w1"]
    running = many[1:2]
    running[0].record.state = RUNNING
    chosen = scheduler.next([*many[2:], late], running, ["w1"], idle_soon=False)
    assert chosen == (late, "w1")


def test_programs_of_two_users_that_are_called_alike_are_two() -> None:
    assert assigned(Scheduler(), [owned("anna", "gimp", 1), owned("ben", "gimp", 2)], [], ["w1"]) == [
        "gimp-1>w1",
        "gimp-2>w1",
    ]


def test_a_long_job_waits_for_a_short_one_of_its_client() -> None:
    running, short = job("a", 1, worker="w1", since=0.0), job("a", 2, seconds=3.0)
    assert Scheduler().must_wait(running, [short], [running], ["w1"], TURN_S + 1)
    running.record.eta = 5.0
    assert not Scheduler().must_wait(running, [short], [running], ["w1"], TURN_S + 1)
