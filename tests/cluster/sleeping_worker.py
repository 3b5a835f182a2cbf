"""The worker process, sleeping instead of painting."""

from tests.cluster.sleeping import SleepingNetwork

from neural_style_server.worker.main import main

if __name__ == "__main__":
    main(SleepingNetwork)  # type: ignore[arg-type]
