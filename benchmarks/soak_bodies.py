"""Wrong bodies: JSON, presets, pixels, pictures and bundles that cannot be; some written down, some by chance."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from soak_daemon import Daemon

NOBODY = "0" * 64
JSON, RAW, ZIP = "application/json", "application/octet-stream", "application/zip"


class Wrong(NamedTuple):
    """What is wrong, and the bytes to send."""

    kind: str
    data: bytes


class Bodies:
    """Requests with the right token, for a daemon with one real `job`, which is done, and its picture `content`."""

    def __init__(self, daemon: Daemon, job: str, content: str, chance: random.Random) -> None:
        self.daemon, self.job, self.content, self.chance = daemon, job, content, chance
        self._bundle = daemon.client.export_preset("night-swirl")

    def send(self, kind: str, method: str, path: str, body: bytes = b"", type: str = "", **headers: str) -> Wrong:
        """A request that is right but for what is given; an empty header leaves it out."""
        given = {"Host": f"127.0.0.1:{self.daemon.port}", "Authorization": f"Bearer {self.daemon.token}"}
        given |= {"Content-Type": type, "Content-Length": str(len(body)) if body else "", "Connection": "close"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path.replace('{job}', self.job)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in given.items() if value]
        return Wrong(kind, "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)

    def json(self, kind: str, method: str, path: str, body: object) -> Wrong:
        return self.send(kind, method, path, json.dumps(body).encode(), JSON)

    def specs(self) -> Iterator[Wrong]:
        """Jobs and forecasts with one value that cannot be."""
        good = {"content": self.content, "preset": "night-swirl"}
        odd: list[Any] = ["", "x", 0, -1, 1.5, 10**30, True, [], {}, [[]], {"a": 1}, "\0", "é" * 500, -(2**63)]
        right = {("controls", "{}"), ("method", "{}"), ("size", ""), ("client", '"x"'), ("seed", "0")}
        right |= {("client", json.dumps("\0"))}
        for key in (
            "content",
            "preset",
            "controls",
            "method",
            "size",
            "frames",
            "mask",
            "regions",
            "init",
            "client",
            "seed",
            "on_disconnect",
            "unknown",
        ):
            for value in odd:
                if (key, json.dumps(value)) in right:
                    continue
                for path in ("/v1/jobs", "/v1/forecast"):
                    yield self.json("a value that cannot be", "POST", path, {**good, key: value})
        for group, names in (
            ("controls", ("strength", "brush_size", "colour", "smoothness", "nothing")),
            (
                "method",
                (
                    "iterations",
                    "learning_rate",
                    "style_layers",
                    "content_weight",
                    "optimiser",
                    "loss",
                    "start",
                    "nothing",
                ),
            ),
        ):
            for name in names:
                for value in (None, "x", -1, 1e30, [], "__proto__", {"relu9_9": 1}, {"relu1_1": -1}, {}):
                    yield self.json("a value that cannot be", "POST", "/v1/jobs", {**good, group: {name: value}})
        for key in ("mask", "init"):
            for path in ("/v1/jobs",):
                yield self.json("no such image", "POST", path, {**good, key: NOBODY})
        yield self.json("no such image", "POST", "/v1/jobs", {**good, "content": NOBODY})
        for frames in (
            {"every": 0},
            {"at": []},
            {"at": [0]},
            {"seconds": 0},
            {"every": 1, "at": [1]},
            {"every": "1"},
            {"at": [1] * 1001},
            {"never": 1},
        ):
            yield self.json("a value that cannot be", "POST", "/v1/jobs", {**good, "frames": frames})
        for region in (
            {},
            {"mask": NOBODY},
            {"mask": NOBODY, "preset": "x", "style": NOBODY},
            {"mask": 1, "preset": "x"},
            {"mask": NOBODY, "preset": "night-swirl"},
        ):
            yield self.json("a value that cannot be", "POST", "/v1/jobs", {**good, "regions": [region] * 2})
        for size in (
            {"width": 0, "height": 5},
            {"width": 10**9, "height": 10**9},
            {"width": 5},
            {"width": "5", "height": 5},
            {"width": 1.5, "height": 2},
            {"width": True, "height": 1},
        ):
            yield self.json("a value that cannot be", "POST", "/v1/forecast", {"preset": "night-swirl", **size})
        for body in (
            {},
            {"iterations": 0},
            {"iterations": -1},
            {"iterations": 10**9},
            {"iterations": "5"},
            {"iterations": 1, "x": 1},
            {"iterations": True},
        ):
            yield self.json("a value that cannot be", "POST", "/v1/jobs/{job}/extend", body)
        for action in ("cancel", "pause", "resume", "finish"):
            yield self.send("the state does not allow it", "POST", f"/v1/jobs/{{job}}/{action}")

    def presets(self) -> Iterator[Wrong]:
        good = {"title": "A title", "images": [self.content]}
        for name in ("", "A", "-a", "a b", "../x", "a/b", "x" * 65, None, 5, [], "é", "con\0", "night-swirl"):
            yield self.json("a preset that cannot be", "POST", "/v1/presets", {**good, "name": name})
            yield self.json("a preset that cannot be", "POST", "/v1/presets", {"copy_of": "night-swirl", "name": name})
        changes: list[dict[str, Any]] = [{"title": value} for value in ("", "x" * 81, 5, None, [], "a\nb", "\u202e\0")]
        changes += [
            {"images": value}
            for value in ([], [NOBODY], ["x"], "x", 5, [{}], [{"id": NOBODY, "weight": -1}], [self.content] * 17)
        ]
        changes += [{"tags": value} for value in ("x", [""], ["x" * 33], [1], ["a"] * 13)]
        changes += [{"controls": value} for value in ([], {"nothing": 1}, {"strength": "x"}, {"strength": 10**9})]
        changes += [
            {"method": value}
            for value in (5, {"nothing": 1}, {"iterations": -1}, {"iterations": 10**12}, {"optimiser": "x"})
        ]
        changes += [{"unknown": 1}, {"schema": 2}, {"library": "elsewhere"}, {"favourite": "yes"}]
        for change in changes:
            yield self.json("a preset that cannot be", "POST", "/v1/presets", {"name": "fresh", **good, **change})
            yield self.json("a preset that cannot be", "PUT", "/v1/presets/not-there", change)
        yield self.json("a built-in preset changed", "PUT", "/v1/presets/night-swirl", {"title": "Mine now"})
        yield self.send("a built-in preset changed", "DELETE", "/v1/presets/night-swirl")
        yield self.json("a preset that cannot be", "POST", "/v1/presets", {"name": "copy", "copy_of": "not-there"})
        yield self.json(
            "a preset that cannot be", "POST", "/v1/presets", {"name": "copy", "copy_of": "night-swirl", "x": "y"}
        )

    def pictures(self) -> Iterator[Wrong]:
        """Raw pixels whose number is not what was said."""
        for width in ("0", "-1", "", "x", "1.0", "1e3", "٣", "99999999", "9" * 50, "4 "):
            for height in ("4", "0", "100000", "x"):
                query = f"width={width}&height={height}".replace(" ", "%20").encode().decode("latin-1")
                yield self.send("a wrong size", "POST", f"/v1/images?{query}", bytes(64), RAW)
        for count in (0, 1, 63, 65, 128):
            for format in ("RGBA8", "RGBA16", "RGBAF32"):
                if count != {"RGBA8": 64, "RGBA16": 128, "RGBAF32": 256}[format]:
                    yield self.send(
                        "a wrong number of pixels",
                        "POST",
                        f"/v1/images?width=4&height=4&format={format}",
                        bytes(count),
                        RAW,
                    )
        for format in ("rgba8", "RGB8", "", "RGBA8%00", "../x"):
            yield self.send("a wrong format", "POST", f"/v1/images?width=4&height=4&format={format}", bytes(64), RAW)
        for value in (b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\0\x80\xff"):
            yield self.send(
                "not a number among the pixels", "POST", "/v1/images?width=4&height=4&format=RGBAF32", value * 64, RAW
            )
        yield self.send("an unknown query", "POST", "/v1/images?width=4&height=4&depth=4", bytes(64), RAW)

    def noise(self, count: int) -> Iterator[Wrong]:
        places = [
            ("POST", "/v1/jobs"),
            ("POST", "/v1/forecast"),
            ("POST", "/v1/presets"),
            ("POST", "/v1/jobs/{job}/extend"),
        ]
        for _ in range(count):
            body = self.chance.randbytes(self.chance.randint(1, 2000))
            yield self.send("noise instead of JSON", *self.chance.choice(places), body, JSON)

    def broken_json(self, count: int) -> Iterator[Wrong]:
        good = json.dumps(
            {"content": self.content, "preset": "night-swirl", "seed": 5, "controls": {"strength": 0.5}}
        ).encode()
        breaks = (
            lambda: good[: self.chance.randint(1, len(good) - 1)],
            lambda: good.replace(
                b"5", self.chance.choice([b"NaN", b"Infinity", b"1e999", b"05", b"+5", b"0x5", b"5,", b"'5'"])
            ),
            lambda: good[:-1] + b', "seed": 6}',
            lambda: b"[" * self.chance.randint(1000, 100_000),
            lambda: b'{"a":' * self.chance.randint(1000, 50_000),
            lambda: self.chance.choice(
                [b"null", b"[]", b"5", b'"x"', b"true", b"{}x", b"\xef\xbb\xbf{", b"{'a': 1}", b"// x\n{}", b"[{}]"]
            ),
            lambda: good.decode().encode(self.chance.choice(["utf-16", "utf-32"]))[1:],
            lambda: good.replace(b"night", b"ni\xff\xfeht"),
            lambda: good.replace(b"night", b"\\ud800"),
        )
        for _ in range(count):
            yield self.send(
                "broken JSON",
                "POST",
                self.chance.choice(["/v1/jobs", "/v1/forecast"]),
                self.chance.choice(breaks)(),
                JSON,
            )

    def broken_pictures(self, count: int) -> Iterator[Wrong]:
        png = self.daemon.client.png(self.job)
        huge = bytearray(png)
        huge[16:24] = (60_000).to_bytes(4, "big") * 2
        for _ in range(count):
            type = self.chance.choice(["image/png", "image/jpeg", "image/webp", "image/tiff"])
            magic = {
                "image/png": b"\x89PNG\r\n\x1a\n",
                "image/jpeg": b"\xff\xd8\xff\xe0",
                "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
                "image/tiff": b"II*\0\x08\0\0\0",
            }
            body = self.chance.choice(
                [
                    magic[type] + self.chance.randbytes(self.chance.randint(0, 3000)),
                    self.chance.randbytes(self.chance.randint(1, 3000)),
                    png[: self.chance.randint(1, len(png) // 2)],
                    bytes(huge),
                    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                    b"GIF89a" + bytes(50),
                ]
            )
            yield self.send("a broken picture", "POST", "/v1/images", body, type)

    def broken_bundles(self, count: int) -> Iterator[Wrong]:
        for _ in range(count):
            body = self.chance.choice(
                [
                    self.chance.randbytes(self.chance.randint(1, 3000)),
                    b"PK\x03\x04" + self.chance.randbytes(2000),
                    self._bundle[: self.chance.randint(1, len(self._bundle) - 1)],
                    self._flipped(self._bundle),
                    _zip({"preset.yaml": b"title: x"}),
                    _zip({"../../evil.yaml": b"x", "manifest.json": b"{}"}),
                    _zip({"preset.yaml": b"a: &a [*a]", "manifest.json": b"[]"}),
                    _zip({"preset.yaml": bytes(3_000_000)}),
                    _zip({f"{number}.png": b"" for number in range(300)}),
                ]
            )
            yield self.send("a broken bundle", "POST", "/v1/presets/import", body, ZIP)

    def _flipped(self, data: bytes) -> bytes:
        """Changed in the first picture's data, whose hash the bundle carries."""
        changed = bytearray(data)
        changed[len(data) // 2] ^= 0xFF
        return bytes(changed)


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
