"""The people who share a daemon: each has a name and a token, of which `tokens.json` keeps a salted hash alone.

The command line writes the file, the daemon reads it again whenever it has changed. A token is 256 random bits, so that
one round of a hash is enough: there is nothing to guess. Who was revoked stays in the file, so that the daemon can say
so to whoever still uses the token; what that user has made stays, too, for the next token of the same name.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import Conflict, InvalidRequest, NotFound, StorageError, Unauthorised
from .files import LARGEST_JSON, private_folder, read_regular, write_json
from .users import OWNER, USER_PATTERN, Holder

log = logging.getLogger(__name__)

FILE_NAME, LOCK_NAME = "tokens.json", "tokens.lock"
PREFIX = "nst_"
"""Of every token, so that one that was published by mistake can be found."""

WAIT_S = 10.0
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Time = Annotated[float, Field(ge=0, le=10**12)]


class TokenRecord(BaseModel):
    """What is kept of a token. Times are Unix seconds."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    name: Annotated[str, Field(pattern=USER_PATTERN)]
    salt: Hash
    hash: Hash
    created: Time
    revoked: Time | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)

    version: Annotated[int, Field(ge=1, le=1)] = 1
    tokens: list[TokenRecord]


class Tokens:
    """The tokens of a home folder. Thread-safe, and safe beside other programs that change the file."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._known: list[TokenRecord] = []

    def add(self, name: str) -> str:
        """A new token for `name`. Raises InvalidRequest for what is no name, and Conflict where it has a token."""
        if name == OWNER or not _is_name(name):
            raise InvalidRequest(
                f"'{name[:60]}' cannot be a user's name.",
                hint="Use up to 40 lower-case letters, digits and dashes, and not 'owner', who runs the daemon.",
            )
        with self._changed() as records:
            if any(record.name == name and record.revoked is None for record in records):
                raise Conflict(f"'{name}' has a token already.", hint=f"'neural-style token revoke {name}' ends it.")
            token, salt = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(32)
            records.append(TokenRecord(name=name, salt=salt, hash=_hash(token, salt), created=time.time()))
        return token

    def revoke(self, name: str) -> None:
        """From now on the name's token opens nothing. Raises NotFound where it has none."""
        with self._changed() as records:
            valid = [record for record in records if record.name == name and record.revoked is None]
            if not valid:
                raise NotFound(f"'{name[:60]}' has no token.", hint="'neural-style token list' shows who has.")
            for record in valid:
                record.revoked = time.time()

    def records(self) -> list[TokenRecord]:
        """All of them, revoked ones too, in the order in which they were made. Raises StorageError."""
        with self._lock:
            return [record.model_copy() for record in self._read()]

    def holder(self, token: str) -> Holder:
        """Whose token this is. Raises Unauthorised, with a code of its own where it was revoked."""
        for record in self._all():
            if hmac.compare_digest(record.hash, _hash(token, record.salt)):
                if record.revoked is not None:
                    raise _revoked(record.name)
                return Holder(record.name, record.hash)
        raise Unauthorised("The token is missing or wrong.")

    def check(self, holder: Holder) -> None:
        """Raises Unauthorised where the token of somebody who has been let in is no longer valid."""
        if holder.key and not any(it.hash == holder.key and it.revoked is None for it in self._all()):
            raise _revoked(holder.user)

    def _all(self) -> list[TokenRecord]:
        """None where the file cannot be read: then nobody but the owner gets in."""
        with self._lock:
            try:
                return self._read()
            except StorageError as error:
                log.error("%s", error.detail)
                return []

    def _read(self) -> list[TokenRecord]:
        path = self._home / FILE_NAME
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp != self._stamp:
                self._known = _File.model_validate_json(read_regular(path, LARGEST_JSON)).tokens
                self._stamp = stamp
        except FileNotFoundError:
            self._known, self._stamp = [], None
        except (OSError, ValidationError) as error:
            self._known, self._stamp = [], None
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            hint = "Put a copy back, or delete the file and give every user a new token."
            raise StorageError(f"{path} cannot be read ({reason}), so no user is let in.", hint=hint) from None
        return self._known

    @contextmanager
    def _changed(self) -> Iterator[list[TokenRecord]]:
        """The records, which are written when the block has ended well."""
        private_folder(self._home)
        try:
            with FileLock(self._home / LOCK_NAME, timeout=WAIT_S, mode=0o600):
                records = self.records()
                yield records
                write_json(self._home / FILE_NAME, _File(tokens=records).model_dump())
        except Timeout:
            raise StorageError("Another program is changing the tokens.", hint="Try again in a moment.") from None


def _is_name(name: str) -> bool:
    return re.fullmatch(USER_PATTERN, name) is not None


def _hash(token: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{token}".encode()).hexdigest()


def _revoked(name: str) -> Unauthorised:
    return Unauthorised(
        f"The token of '{name}' was revoked.",
        hint="Ask whoever runs the daemon for a new one; your pictures are still there.",
        code="token_revoked",
    )
