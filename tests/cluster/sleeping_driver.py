"""The driver process with actors that sleep instead of painting."""

from tests.cluster.sleeping import SleepingActor

from neural_style_server.cluster import driver, remote_worker

if __name__ == "__main__":
    remote_worker.WorkerActor = SleepingActor  # type: ignore[misc]
    driver.main()
