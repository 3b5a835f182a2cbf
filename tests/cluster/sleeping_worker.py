"""The worker process, sleeping instead of painting."""

from tests.cluster.sleeping import SleepingWorker

from neural_style_server.worker import main as worker

if __name__ == "__main__":
    worker.Worker = SleepingWorker  # type: ignore[misc]
    worker.main()
