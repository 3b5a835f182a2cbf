"""Workers on other machines: a pool's processes as actors of a Ray cluster.

`link.py` is the daemon's side. It has one child process, the driver (`driver.py`), which alone knows Ray: a driver ends
with its cluster, and the daemon must not. `actor.py` runs on the nodes, around the loop of `worker/main.py`.
"""
