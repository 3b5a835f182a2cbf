"""Makes requests that are wrong in every way that came to mind, and some that chance finds."""

from __future__ import annotations

from collections.abc import Iterator

from soak_bodies import JSON, RAW, Bodies, Wrong

ROUTES = [
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/presets"),
    ("GET", "/v1/presets/night-swirl"),
    ("GET", "/v1/presets/night-swirl/thumbnail"),
    ("GET", "/v1/presets/night-swirl/bundle"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/{job}"),
    ("GET", "/v1/jobs/{job}/events"),
    ("GET", "/v1/jobs/{job}/frames/1"),
    ("GET", "/v1/jobs/{job}/result"),
    ("GET", "/v1/jobs/{job}/losses"),
    ("POST", "/v1/jobs"),
    ("POST", "/v1/forecast"),
    ("POST", "/v1/images?width=1&height=1"),
    ("POST", "/v1/presets"),
    ("POST", "/v1/presets/import"),
    ("PUT", "/v1/presets/night-swirl"),
    ("DELETE", "/v1/presets/night-swirl"),
    ("POST", "/v1/jobs/{job}/cancel"),
    ("POST", "/v1/jobs/{job}/pause"),
    ("POST", "/v1/jobs/{job}/resume"),
    ("POST", "/v1/jobs/{job}/finish"),
    ("POST", "/v1/jobs/{job}/extend"),
    ("DELETE", "/v1/jobs/{job}"),
    ("POST", "/v1/unload"),
    ("POST", "/v1/shutdown"),
]


class Forger(Bodies):
    """Adds what is wrong around a body: callers, paths, methods, headers, queries."""

    def all(self, least: int) -> list[Wrong]:
        """At least so many, each kind of them in its share, in a random order."""
        found = [*self._callers(), *self._paths(), *self._wire(), *self.specs(), *self.presets()]
        found += [*self.pictures(), *self._queries()]
        while len(found) < least:
            found += [*self.noise(20), *self.broken_json(20), *self.broken_pictures(10), *self.broken_bundles(10)]
        self.chance.shuffle(found)
        return found

    def _callers(self) -> Iterator[Wrong]:
        """Strangers, other sites and other names, at every route."""
        foreign = f"evil.example:{self.daemon.port}"
        for method, path in ROUTES:
            for token in ("", "Bearer", "Bearer wrong", f"Basic {self.daemon.token}", f"Bearer {self.daemon.token}x"):
                yield self.send("no or a wrong token", method, path, Authorization=token)
            for host in ("", "evil.example", foreign, "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "[::1"):
                yield self.send("another host name", method, path, Host=host)
            for origin in (
                "null",
                "http://evil.example",
                f"http://{foreign}",
                "file://",
                "http://127.0.0.1",
                "http://[",
            ):
                yield self.send("another site", method, path, Origin=origin)
            for site in ("cross-site", "same-site", "?"):
                yield self.send("another site", method, path, Sec_Fetch_Site=site)

    def _paths(self) -> Iterator[Wrong]:
        """Paths and methods that there are not."""
        for path in (
            "/",
            "/v1",
            "/v2/health",
            "/v1/jobs/",
            "/v1/nothing",
            "//",
            "/%00",
            "/v1/%2e%2e/health",
            "/v1/health/",
        ):
            yield self.send("no such path", "GET", path)
        tricks = (
            "..%2f..%2fdaemon.json",
            "%2e%2e",
            "x" * 3000,
            "%ff%fe",
            "a%00b",
            "' OR 1",
            "<script>",
            "-1",
            "𝔍".encode().decode("latin-1"),
        )
        for trick in tricks:
            trick = trick.replace(" ", "%20")
            for path in (
                "/v1/jobs/{}",
                "/v1/jobs/{}/result",
                "/v1/jobs/{}/events",
                "/v1/presets/{}",
                "/v1/presets/{}/thumbnail",
            ):
                yield self.send("no such job or preset", "GET", path.format(trick))
            yield self.send("no such frame", "GET", f"/v1/jobs/{{job}}/frames/{trick}")
            yield self.send("no such job or preset", "DELETE", f"/v1/jobs/{trick}")
            yield self.send("no such job or preset", "POST", f"/v1/jobs/{trick}/cancel")
        for number in ("0", "-1", "1.5", "1e3", "99999", "9" * 40, "latest2", "²"):
            yield self.send("no such frame", "GET", f"/v1/jobs/{{job}}/frames/{number}")
        known = {path for _, path in ROUTES}
        for path in sorted(known):
            for method in ("PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "JOBS"):
                yield self.send("no such method", method, path)
            for method in {"GET", "POST", "PUT", "DELETE"} - {made for made, at in ROUTES if at == path}:
                if (method, path) not in (
                    ("PUT", "/v1/presets/import"),
                    ("GET", "/v1/presets/import"),
                    ("DELETE", "/v1/presets/import"),
                ):
                    yield self.send("no such method", method, path)

    def _wire(self) -> Iterator[Wrong]:
        """Not HTTP, or hardly."""
        host = f"Host: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer {self.daemon.token}\r\n"
        lines = [
            "GET",
            "GET /v1/jobs",
            "GET  /v1/jobs HTTP/1.1",
            "GET /v1/jobs HTTP/9.9",
            "/v1/jobs GET HTTP/1.1",
            "GET /v1/jobs HTTP/1.1 x",
        ]
        lines += [
            "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            "PRI * HTTP/2.0",
            "GET http://evil.example/v1/jobs HTTP/1.1x",
            "🖌 /v1/jobs HTTP/1.1",
        ]
        for line in lines:
            yield Wrong("not HTTP", f"{line}\r\n{host}\r\n".encode())
        bad = [
            "No colon here",
            " : x",
            "Bad Name: x",
            "X: a\0b\r\nY : z",
            "Content-Length: -1",
            "Content-Length: 1e3",
            "Content-Length: x",
        ]
        bad += [
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 99999999999999999999",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: chunked, gzip",
        ]
        bad += ["X-Long: " + "x" * 300_000]
        for line in bad:
            for method, path in (
                ("POST", "/v1/jobs"),
                ("POST", "/v1/images?width=1&height=1"),
                ("PUT", "/v1/presets/x"),
            ):
                yield Wrong(
                    "bad headers", f"{method} {path} HTTP/1.1\r\n{host}Content-Type: {JSON}\r\n{line}\r\n\r\n".encode()
                )
        for chunk in (
            "zz\r\nabc\r\n0\r\n\r\n",
            "-1\r\nabc\r\n0\r\n\r\n",
            "3\r\nabcdef\r\n0\r\n\r\n",
            "3;\0\r\nabc\r\n0\r\n\r\n",
        ):
            start = f"POST /v1/jobs HTTP/1.1\r\n{host}Content-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
            yield Wrong("bad chunks", (start + chunk).encode())
        for size in (4 * 2**20 + 1, 5 * 2**20, 2**33, 2**63, 10**30):
            for path in ("/v1/images?width=1&height=1", "/v1/jobs", "/v1/presets/import"):
                sent = self.send("body over the limit", "POST", path, type=RAW, Content_Length=str(size))
                body = bytes(size) if size < 8 * 2**20 else b""
                yield Wrong(sent.kind, sent.data + body)
        for type in (
            "",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "image/svg+xml",
            "image/gif",
            "application/jsonx",
            "*/*",
            "x",
        ):
            for method, path in (
                ("POST", "/v1/jobs"),
                ("POST", "/v1/forecast"),
                ("POST", "/v1/images"),
                ("POST", "/v1/presets"),
                ("POST", "/v1/presets/import"),
                ("PUT", "/v1/presets/x"),
                ("POST", "/v1/jobs/{job}/extend"),
            ):
                yield self.send("another content type", method, path, b"{}", type)

    def _queries(self) -> Iterator[Wrong]:
        for value in ("0", "-1", "x", "1.5", "9" * 30, "", "²"):
            for path in ("result", "frames/1", "frames/latest"):
                yield self.send(
                    "a wrong query", "GET", f"/v1/jobs/{{job}}/{path}?max={value}".encode().decode("latin-1")
                )
        for path in ("/v1/jobs/{job}/result", "/v1/jobs/{job}/frames/1", "/v1/presets"):
            yield self.send("a wrong query", "GET", f"{path}?unknown=1")
        for path in ("/v1/jobs/{job}/result", "/v1/jobs/{job}/frames/1", "/v1/jobs/{job}/losses"):
            for accept in ("text/html", "image/webp", "x", "video/*"):
                yield self.send("nothing that is accepted", "GET", path, Accept=accept)
        for last in ("x", "-1", "1.5", "9" * 20, "²"):
            yield self.send("a wrong event number", "GET", "/v1/jobs/{job}/events", Last_Event_ID=last)
