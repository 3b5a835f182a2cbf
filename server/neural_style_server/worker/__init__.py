"""The worker process: holds the network warm and paints jobs. The only package beside the engine that imports torch."""
