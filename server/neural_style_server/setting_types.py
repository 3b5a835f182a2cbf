"""Types of settings that people write in words: sizes, times, addresses, paths.

A validator that raises an empty ValueError reports only that the value is wrong; the type's title says what is right.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import core_schema

from .field_types import ListOf

SIZE_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
TIME_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
RESERVED_LIBRARIES = ("built-in", "user")


@dataclass(frozen=True, eq=False)
class Measure:
    """A number of the first of the units, or words such as "10 GiB"."""

    units: Mapping[str, int]
    least: str
    example: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        number = core_schema.int_schema(strict=True, ge=self._number(self.least), lt=2**62)
        return core_schema.no_info_before_validator_function(self._number, number)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        smallest = next(iter(self.units))
        return {"title": f"at least {self.least}, as a number of {smallest} or as in '{self.example}'"}

    def _number(self, value: Any) -> Any:
        match = re.fullmatch(r"\s*(\d{1,18})\s*([A-Za-z]+)\s*", value) if isinstance(value, str) else None
        factors = {name.lower().rstrip("s"): factor for name, factor in self.units.items()}
        unit = match[2].lower().rstrip("s") if match else ""
        return int(match[1]) * factors[unit] if match and unit in factors else value


def plain_word(value: object) -> object:
    """For settings that are one of some words."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError  # 1 is not true
    return value.strip().lower() if isinstance(value, str) else value


def _host(value: str) -> str:
    if ":" in value and not _address(value):
        raise ValueError
    return value


def _path(value: object, info: ValidationInfo) -> Path:
    """Absolute, counted from the folder that the source of the setting names."""
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise ValueError
    try:
        base: Path = (info.context or {}).get("base", Path())
        return base / Path(value).expanduser()
    except RuntimeError:  # "~name" without such a user
        raise ValueError from None


def _weights(value: object, info: ValidationInfo) -> Path | str | None:
    if value is None or value == "null":
        return None
    return "torchvision" if value == "torchvision" else _path(value, info)


def _folders(value: object, info: ValidationInfo) -> dict[str, Path]:
    if not isinstance(value, Mapping):
        raise ValueError
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w -]{0,39}", name) or name in RESERVED_LIBRARIES:
            raise ValueError
    return {name: _path(path, info) for name, path in value.items()}


Size = Annotated[int, Measure(SIZE_UNITS, "1 KiB", "10 GiB")]
LogSize = Annotated[int, Measure(SIZE_UNITS, "4 KiB", "5 MiB")]
Seconds = Annotated[int, Measure(TIME_UNITS, "1 second", "15 minutes")]
Count = Annotated[int, Field(ge=1, le=10**6)]
Host = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_.:%-]{1,253}$"),
    AfterValidator(_host),
    Field(title="a host name or an address without scheme and port, such as 127.0.0.1"),
]
PublicName = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value),
    Field(
        pattern=r"^([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$",
        title="a host name, with a port where it is not 443, such as studio.example or 192.168.1.20:8443",
    ),
]
Weights = Annotated[
    Path | Literal["torchvision"] | None,
    PlainValidator(_weights),
    WithJsonSchema({"title": "a path or the word 'torchvision' or null"}),
]
Folders = Annotated[
    Mapping[str, Path],
    PlainValidator(_folders),
    WithJsonSchema({"title": "names with paths, as in {brushes: /home/me/brushes}; 'built-in' and 'user' are taken"}),
]
Device = Annotated[
    str,
    BeforeValidator(plain_word),
    Field(pattern=r"^(auto|cpu|mps|cuda(:\d{1,3})?)$", title="one of auto, cpu, cuda, mps or cuda:N"),
]
_DeviceName = Annotated[str, BeforeValidator(plain_word), Field(pattern=r"^(cpu|mps|cuda(:\d{1,3})?)$")]
_DEVICES = "a list such as [cuda:0, cuda:1], of cpu, cuda, mps or cuda:N"
Devices = Annotated[ListOf[_DeviceName], Field(min_length=1, max_length=64, title=_DEVICES)] | None
_CLUSTER = r"^(auto|(ray://)?([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5})$"
Cluster = Annotated[str, Field(pattern=_CLUSTER, title="auto, HOST:PORT or ray://HOST:PORT")] | None


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server bound to `host`."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
