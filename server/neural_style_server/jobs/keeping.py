"""What is kept and what goes: idle workers, old results, pictures, room on the disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from ..engine.memory.release import release_all
from .housekeeping import folder_bytes, named_images, outdated
from .image_store import ImageStore
from .painting import Painting
from .worker_process import WorkerLike

log = logging.getLogger(__name__)

FRESH_S = 600.0
"""A result is never forgotten for want of room so soon after it was finished: its client may be fetching it."""


class Keeping(Painting):
    """`tidy` is called now and then, on a thread of its own; `images` is the store of the jobs' pictures."""

    def __init__(
        self,
        folder: Path,
        *,
        start_worker: Callable[[], WorkerLike],
        idle_unload_s: float,
        max_kept: int,
        keep_s: float,
        paused_keep_s: float,
        images: ImageStore,
        disk_limit_bytes: int,
    ) -> None:
        super().__init__(
            folder,
            start_worker=start_worker,
            idle_unload_s=idle_unload_s,
            max_kept=max_kept,
            keep_s=keep_s,
            paused_keep_s=paused_keep_s,
        )
        self._images, self._disk_limit = images, disk_limit_bytes
        images.needed = self._needed_images

    def tidy(self) -> None:
        """End an idle or a hung worker, forget what is old, save what the disk would not take before."""
        with self._changed:
            end_worker = self._foreman.let_go() if self._is_idle() else None
            hung = self._foreman.worker if self._is_hung() else None
            self._forget_old()
            for identity in list(self._unsaved):
                self._save(self._jobs[identity])
            named = {item for job in self._jobs.values() for item in named_images(job)}
        if end_worker is not None:
            log.info("no job for a while: the worker ends and gives its memory back")
            end_worker()
        if hung is not None:
            log.warning("the worker has said nothing for too long: it is ended, and its jobs are taken up again")
            hung.kill()
        self._images.sweep(named, self._keep_s, time.time())
        if self._freed and not any(self.counts().values()):
            self._freed = False
            release_all()

    def _make_room(self, needed: int) -> bool:
        """Whether so many bytes are within the limit, once the oldest results have gone. Without the lock."""
        used = folder_bytes(self._folder)
        if used + needed > self._disk_limit:
            with self._changed:
                now = time.time()
                for job in outdated(self._jobs.values(), 0, self._keep_s, now):
                    if used + needed > self._disk_limit and now - (job.finished or now) > FRESH_S:
                        used -= folder_bytes(job.folder)
                        self._remove(job)
        return used + needed <= self._disk_limit
