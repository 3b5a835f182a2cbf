"""What a setting's value may be: each kind reads it, says what would be right, and shows it in the docs.

One table of kinds writes the check, the error message and the documentation, so that they cannot differ.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

SIZE_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
TIME_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
RESERVED_LIBRARIES = ("built-in", "user")


@dataclass(frozen=True)
class Kind:
    """Base of all kinds: `read` returns the value in its final type or raises ValueError."""

    is_text: ClassVar[bool] = False
    """Whether an environment variable is taken as it stands instead of being read as YAML."""

    @property
    def right(self) -> str:
        """Completes the sentence "KEY must be …"."""
        raise NotImplementedError

    def read(self, value: object) -> object:
        raise NotImplementedError

    def show(self, value: object) -> str:
        """The value as a person would write it in the settings file."""
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Whole(Kind):
    low: int
    high: int

    @property
    def right(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ValueError
        return value


@dataclass(frozen=True)
class Measure(Kind):
    """A whole number of the smallest unit, or words such as "10 GiB" and "7 days"."""

    units: Mapping[str, int]
    low: int
    example: str

    @property
    def right(self) -> str:
        smallest = next(iter(self.units))
        return f"at least {self.show(self.low)}, as a number of {smallest} or as in '{self.example}'"

    def read(self, value: object) -> int:
        if isinstance(value, str):
            value = self._from_words(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value < 2**62:
            raise ValueError
        return value

    def _from_words(self, text: str) -> int:
        match = re.fullmatch(r"\s*(\d{1,18})\s*([A-Za-z]+)\s*", text)
        factors = {name.lower().rstrip("s"): factor for name, factor in self.units.items()}
        unit = match[2].lower().rstrip("s") if match else ""
        if match is None or unit not in factors:
            raise ValueError
        return int(match[1]) * factors[unit]

    def show(self, value: object) -> str:
        assert isinstance(value, int)
        fitting = [(name, factor) for name, factor in self.units.items() if value and value % factor == 0]
        name, factor = fitting[-1] if fitting else next(iter(self.units.items()))
        return f"{value // factor} {name[:-1] if value == factor and name.endswith('s') else name}"


@dataclass(frozen=True)
class OrNull(Kind):
    """What another kind takes, or null for no such thing."""

    kind: Kind

    @property
    def right(self) -> str:
        return f"{self.kind.right}, or null"

    def read(self, value: object) -> object:
        return None if value is None or value == "null" else self.kind.read(value)

    def show(self, value: object) -> str:
        return "null" if value is None else self.kind.show(value)


@dataclass(frozen=True)
class Choice(Kind):
    """One of some values; `pattern` adds a family of words, told to people by `family`."""

    values: tuple[str | bool, ...]
    pattern: str = ""
    family: str = ""

    @property
    def right(self) -> str:
        shown = [self.show(value) for value in self.values] + ([self.family] if self.family else [])
        return f"{', '.join(shown[:-1])} or {shown[-1]}"

    def read(self, value: object) -> str | bool:
        if isinstance(value, str):
            value = value.strip().lower()
        for allowed in self.values:
            if value == allowed and type(value) is type(allowed):
                return allowed
        if isinstance(value, str) and self.pattern and re.fullmatch(self.pattern, value):
            return value
        raise ValueError


@dataclass(frozen=True)
class ListOf(Kind):
    """A list of what another kind takes, at least one; in the environment as [one, two]."""

    kind: Kind

    @property
    def right(self) -> str:
        return f"a list such as [cuda:0, cuda:1], of {self.kind.right}"

    def read(self, value: object) -> object:
        if not isinstance(value, (list, tuple)) or not 0 < len(value) <= 64:
            raise ValueError
        return tuple(self.kind.read(item) for item in value)

    def show(self, value: object) -> str:
        return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class Host(Kind):
    is_text: ClassVar[bool] = True

    @property
    def right(self) -> str:
        return "a host name or an address without scheme and port, such as 127.0.0.1"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.:%-]{1,253}", value):
            raise ValueError
        if ":" in value and not _address(value):
            raise ValueError
        return value


@dataclass(frozen=True)
class File(Kind):
    """A path, or null; `words` are names that stand for themselves."""

    is_text: ClassVar[bool] = True
    words: tuple[str, ...] = ()

    @property
    def right(self) -> str:
        return " or ".join(["a path", *(f"the word '{word}'" for word in self.words), "null"])

    def read(self, value: object) -> Path | str | None:
        if value is None or value == "null":
            return None
        if isinstance(value, str) and value in self.words:
            return value
        return _path(value)


@dataclass(frozen=True)
class Folders(Kind):
    """Names for folders: {"brushes": "/where/they/are"}."""

    @property
    def right(self) -> str:
        reserved = " and ".join(f"'{word}'" for word in RESERVED_LIBRARIES)
        return f"names with paths, as in {{brushes: /home/me/brushes}}; {reserved} are taken"

    def read(self, value: object) -> dict[str, Path]:
        if not isinstance(value, Mapping):
            raise ValueError
        return {self._name(name): _path(path) for name, path in value.items()}

    def show(self, value: object) -> str:
        assert isinstance(value, Mapping)
        return "{" + ", ".join(f"{name}: {path}" for name, path in value.items()) + "}"

    def _name(self, name: object) -> str:
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w -]{0,39}", name) or name in RESERVED_LIBRARIES:
            raise ValueError
        return name


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server bound to `host`."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise ValueError
    try:
        return Path(value).expanduser()
    except RuntimeError:  # "~somebody" whom this computer does not know
        raise ValueError from None
