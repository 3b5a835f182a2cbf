"""Jobs: what was asked for, where it stands, and the worker process that paints it. Knows nothing of HTTP."""
