"""TLS to a daemon whose certificate is known: the one that was seen first, and no other, whoever has signed it.

The handshake with `pinned` fails before a byte of ours is sent where the certificate is another one, or is not valid
now. `ssl` is imported when it is needed: an editor's Python may be without it.
"""

import base64
import hashlib
import socket
from typing import Any

from .errors import DaemonGone, NotTrusted
from .translations import tr

PARTIAL_CHAIN = 0x80000
"""X509_V_FLAG_PARTIAL_CHAIN, which Python 3.8 has no name for: what is trusted need not be a root."""

NOT_YET_VALID, EXPIRED = 9, 10
"""OpenSSL's numbers of these failures of a certificate."""


def fetch(host: str, port: int, timeout_s: float) -> str:
    """The certificate of whoever listens there, as PEM, unchecked. Raises DaemonGone."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        plain = socket.create_connection((host, port), timeout_s)
    except OSError as error:
        raise DaemonGone(tr("Nobody answers at {}:{} ({}).", host, port, error)) from None
    try:
        with plain, context.wrap_socket(plain, server_hostname=host) as secure:
            return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True) or b"")
    except OSError as error:  # SSLError is one, too
        raise DaemonGone(tr("Whoever answers at {}:{} speaks no TLS ({}).", host, port, error)) from None


def fingerprint(certificate: str) -> str:
    """SHA-256 of a certificate, as programs show it: pairs of digits with colons between."""
    lines = [line for line in certificate.splitlines() if line and not line.startswith("-")]
    digits = hashlib.sha256(base64.b64decode("".join(lines))).hexdigest().upper()
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def pinned(certificate: str) -> Any:
    """An ssl.SSLContext that trusts this certificate alone. Its name need not be the host's: it is known itself."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context


def check_same(connected: Any, certificate: str, name: str) -> None:
    """Raises NotTrusted where a connected socket's peer has another certificate, that this one has signed."""
    import ssl

    if connected.getpeercert(True) != ssl.PEM_cert_to_DER_cert(certificate):
        raise changed(name)


def changed(name: str) -> NotTrusted:
    return NotTrusted(
        tr(
            "The certificate of “{}” has changed: it was renewed, or somebody stands in between. Nothing was sent. Ask "
            "whoever runs it, then look at the new one with 'neural-style remote accept {}'. Until then you can paint "
            "on this computer.",
            name,
            name,
        )
    )


def failure(error: OSError, name: str, url: str) -> DaemonGone:
    """What a failed connection to a named daemon means."""
    code = getattr(error, "verify_code", None)
    if code == EXPIRED:
        return NotTrusted(
            tr(
                "The certificate of “{}” has expired, so nothing was sent. Ask whoever runs it to renew it, and accept "
                "the new one with 'neural-style remote accept {}'. Until then you can paint on this computer.",
                name,
                name,
            )
        )
    if code == NOT_YET_VALID:
        return NotTrusted(
            tr(
                "The certificate of “{}” is not valid yet, so nothing was sent. Look whether this computer's clock is "
                "right. Until then you can paint on this computer.",
                name,
            )
        )
    if code is not None:
        return changed(name)
    return DaemonGone(
        tr(
            "“{}” does not answer at {} ({}). Look whether it is switched on and this computer is on its network; "
            "'neural-style remote list' shows its address. You can paint on this computer instead.",
            name,
            url,
            error,
        )
    )
