"""Putting the plug-ins into the editors' profiles, and taking them out again.

    for action in install():
        print(action.state, action.path, action.next_step)

Both may be repeated: an up-to-date plug-in is left alone, and an older one is replaced together with its files that
the new version does not have. Only files that were installed from here (manifest.py) are overwritten or removed, and
in Krita's settings only the line that enables the plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from .. import __version__
from ..errors import NeuralStyleError
from .manifest import read_manifest
from .payload import make_payload
from .placing import exists, is_current, is_enabled, obstacle, owned_folder, remove_all, set_enabled, write_all
from .profiles import EDITORS, TITLES, Editor, Machine, Profile, default_profile, find_profiles

State = Literal["installed", "upgraded", "unchanged", "removed", "absent", "missing", "refused", "failed"]
Sources = Mapping[Editor, Path]


@dataclass(frozen=True)
class Action:
    """What was done about one profile, and what the painter does next."""

    editor: Editor
    title: str
    state: State
    path: Path | None
    detail: str
    next_step: str = ""

    @property
    def ok(self) -> bool:
        return self.state not in ("missing", "refused", "failed")

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"path": str(self.path) if self.path else None, "ok": self.ok}


def succeeded(actions: Iterable[Action]) -> bool:
    """Whether the command may end with 0: something was found, and nothing was refused or failed.

    An editor that is not there is no failure as long as another one is.
    """
    actions = list(actions)
    return any(one.ok for one in actions) and not any(one.state in ("refused", "failed") for one in actions)


def install(
    editors: Iterable[Editor] = EDITORS,
    machine: Machine | None = None,
    *,
    create: bool = False,
    sources: Sources | None = None,
) -> list[Action]:
    """Install or upgrade in every profile found; `create` makes the usual one where there is none."""
    machine = machine or Machine.here()
    actions: list[Action] = []
    for editor in editors:
        profiles = find_profiles([editor], machine)
        if not profiles and create:
            profiles = [default_profile(editor, machine)]
        source = (sources or {}).get(editor)
        actions += [_guarded(_install_one, profile, machine, source) for profile in profiles]
        actions += [] if profiles else [_missing(editor, machine)]
    return actions


def uninstall(editors: Iterable[Editor] = EDITORS, machine: Machine | None = None) -> list[Action]:
    """Remove what `install` put there, and nothing else."""
    machine = machine or Machine.here()
    profiles = find_profiles(editors, machine)
    return [_guarded(_uninstall_one, profile, machine, None) for profile in profiles]


def plugin_state(
    profile: Profile, machine: Machine | None = None, source: Path | None = None
) -> tuple[Literal["absent", "foreign", "outdated", "current"], str]:
    """How the plug-in in this profile compares with this installation, and the version that is there."""
    owned = owned_folder(profile)
    installed = read_manifest(owned)
    if installed is None:
        return ("foreign" if exists(owned) else "absent"), ""
    payload = make_payload(profile, machine or Machine.here(), source)
    current = is_current(profile, payload, installed) and is_enabled(profile)
    return ("current" if current else "outdated"), installed.version


def _install_one(profile: Profile, machine: Machine, source: Path | None) -> Action:
    payload = make_payload(profile, machine, source)
    owned = owned_folder(profile)
    before = read_manifest(owned)
    in_the_way = obstacle(profile, payload, before)
    if in_the_way:
        detail = f"{in_the_way} was not put there by neural-style, so nothing was changed."
        return _action(profile, "refused", detail, "Move it elsewhere, then run 'neural-style install-plugins' again.")
    if before and is_current(profile, payload, before) and is_enabled(profile):
        return _action(profile, "unchanged", f"Version {before.version} is in place.", _restart(profile))
    write_all(profile, payload, before)
    set_enabled(profile, True)
    state: State = "upgraded" if before else "installed"
    enabled = f" and enabled in {profile.kritarc}" if profile.kritarc else ""
    return _action(profile, state, f"Version {__version__} {state}{enabled}.", _restart(profile))


def _uninstall_one(profile: Profile, machine: Machine, source: Path | None) -> Action:
    owned = owned_folder(profile)
    before = read_manifest(owned)
    if before is None:
        if exists(owned):
            detail = f"{owned} was not put there by neural-style, so it was left alone."
            return _action(profile, "refused", detail, "Delete it yourself if you no longer want it.")
        return _action(profile, "absent", "The plug-in is not installed here.")
    set_enabled(profile, False)
    remove_all(profile, before)
    left = f" Files of your own in {owned} were left." if exists(owned) else ""
    return _action(profile, "removed", f"Version {before.version} was removed.{left}", _restart(profile, gone=True))


def _guarded(
    work: Callable[[Profile, Machine, Path | None], Action],
    profile: Profile,
    machine: Machine,
    source: Path | None,
) -> Action:
    """A profile that cannot be written does not stop the others."""
    try:
        return work(profile, machine, source)
    except OSError as error:
        detail = f"{error.filename or profile.folder}: {error.strerror or error}."
        return _action(profile, "failed", detail, "Put that right, then run the command again.")
    except NeuralStyleError as error:
        return _action(profile, "failed", error.detail, error.hint)


def _missing(editor: Editor, machine: Machine) -> Action:
    name, folder = TITLES[editor], default_profile(editor, machine).folder
    least = "GIMP 3" if editor == "gimp" else "Krita 5"
    detail = f"No folder of {least} was found; it makes one when it starts for the first time."
    next_step = f"Start {name} once and run this again, or add --create to make {folder} now."
    return Action(editor, name, "missing", folder, detail, next_step)


def _action(profile: Profile, state: State, detail: str, next_step: str = "") -> Action:
    return Action(profile.editor, profile.title, state, owned_folder(profile), detail, next_step)


def _restart(profile: Profile, *, gone: bool = False) -> str:
    """What the painter does next; both editors read their plug-ins only when they start."""
    if gone:
        return f"Restart {TITLES[profile.editor]}."
    where = {
        "gimp": "Restart GIMP; it is in the menu Filters → Neural Style.",
        "krita": "Restart Krita; it is in the menu Settings → Dockers → Neural Style.",
    }[profile.editor]
    return " ".join(filter(None, (where, SANDBOX_ADVICE.get(profile.packaging, ""))))


SANDBOX_ADVICE = {
    "Flatpak": "A Flatpak cannot start the daemon: run 'neural-style service install' once.",
    "Snap": "A Snap cannot start the daemon: run 'neural-style service install' once. If it still does not"
    " connect, its confinement hides the daemon's files; use the Flatpak or the system's own package.",
}
