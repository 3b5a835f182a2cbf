"""What GIMP and Krita have in common: a profile that begins after the editor's very first start."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tests.hosts.inside import Inside, Running, ensure_editors
from tests.hosts.screen import Session

S = TypeVar("S", bound=Session)


class Editor:
    """An editor with a profile of its own. `environment` is what it sees beside the rig's own variables.

    kept: the parts of a profile that an editor fills at its first start; proof: the file that says it did.
    """

    kept: Sequence[str]
    proof: str

    def __init__(
        self,
        profile_dir: Path,
        shared: Iterable[Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.profile = profile_dir.resolve()
        self.profile.mkdir(parents=True, exist_ok=True)
        self.shared = list(shared)
        self.environment = dict(environment or {})
        self._started: list[Running] = []
        self._from_used_profile = True

    def first_start(self) -> None:
        """Start and end the editor, so that it fills its profile."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Give the profile what the first start makes, unless it has it."""
        if not self._from_used_profile or (self.profile / self.proof).exists():
            return
        used_profile = self._used_profile()
        for part in self.kept:
            _copy_over(used_profile / part, self.profile / part)

    def _used_profile(self) -> Path:
        """The profile after a first start, made beside and renamed when it is not there yet."""
        editors = ensure_editors()
        profile = editors.with_name(f"{editors.name}.{type(self).__name__.lower()}")
        if profile.is_dir():
            return profile
        with tempfile.TemporaryDirectory(dir=editors.parent) as folder:
            editor = type(self)(Path(folder) / "profile")
            editor._from_used_profile = False
            editor.first_start()
            editor.close()
            with suppress(OSError):  # another run was quicker
                editor.profile.rename(profile)
        return profile

    def _start(self, kind: type[S], argv: Sequence[str], log: str, more_shared: Iterable[Path] = ()) -> S:
        inside = Inside(self.profile, [*self.shared, *more_shared], self.environment)
        session = kind(inside, argv, self.profile / log)
        self._started.append(session)
        return session

    def close(self) -> None:
        """End all that was started."""
        for running in self._started:
            running.close()
        self._started.clear()


def _copy_over(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
