"""Makes a job's folder from a request. All names and numbers are checked before anything is written."""

from __future__ import annotations

import copy
import secrets
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import __version__
from ..engine.memory.forecast import Forecast
from ..engine.method import Method
from ..errors import InvalidRequest
from ..files import own_folder
from ..pixels import Picture
from ..presets.library import Library
from ..users import OWNER
from .corrections import Corrections, mark_of
from .create_checks import check_masks, check_room
from .disk_limit import DiskLimit
from .forecasting import predict, read_calibration, resolve_method
from .frame_task import task_drawn_to, task_previous, write_key
from .image_store import ImageStore
from .record import ForecastView, FramePlace, JobRecord, named_images
from .spec import ChangeSpec, JobOptions, JobSpec, most_previews
from .status import JobsStatus
from .store import JobStore
from .styles import RegionStyles, find_styles, source, write_styles
from .task import TaskFile


class JobCreator:
    """Makes forecasts and new jobs: the owner's, of his pictures and presets. `of` answers another user's."""

    def __init__(
        self,
        home: Path,
        library: Library,
        images: ImageStore,
        store: JobStore,
        disk: DiskLimit,
        status: JobsStatus,
        corrections: Corrections,
        memory_limit_bytes: int | None,
    ) -> None:
        self._home, self._library, self._images, self._store = home, library, images, store
        self._disk, self._status, self._memory_limit = disk, status, memory_limit_bytes
        self._owner, self._corrections = OWNER, corrections

    def of(self, user: str, library: Library, images: ImageStore, disk: DiskLimit) -> JobCreator:
        mine = copy.copy(self)
        mine._owner, mine._library, mine._images, mine._disk = user, library, images, disk
        return mine

    def forecast(self, spec: JobOptions, width: int, height: int) -> dict[str, Any]:
        """What a job would take on a canvas of this size."""
        snapshot = self._library.snapshot(spec.preset)
        method = resolve_method(snapshot.preset, spec)
        regions = find_styles(spec, snapshot, self._library)
        return self._forecast(spec, method, regions, width, height).as_dict()

    def create(self, spec: JobSpec, place: FramePlace | None = None, key: Picture | None = None) -> JobRecord:
        """A new job's record, its folder complete and its pictures held; `place` is its place in a sequence. With a
        `key` that is its result already.

        Raises NotFound, MethodError, ImageError, TooLarge, StorageError; then nothing is left.
        """
        identity, request = secrets.token_hex(8), spec.model_dump(mode="json")
        names = named_images(request)
        if place is not None:
            names += place.images
        self._images.hold(identity, names)
        try:
            pictures = {name: self._images.get(name) for name in names}
            record = self._create(identity, spec, request, pictures, place)
            if key is not None:
                write_key(self._store.folder(record.id), record, key)
            self._store.create(record)
            return record
        except BaseException:
            self._images.release(identity)
            shutil.rmtree(self._store.folder(identity), ignore_errors=True)
            raise

    def _create(
        self,
        identity: str,
        spec: JobSpec,
        request: dict[str, Any],
        pictures: Mapping[str, Picture],
        place: FramePlace | None,
    ) -> JobRecord:
        snapshot = self._library.snapshot(spec.preset)
        method = resolve_method(snapshot.preset, spec)
        content = pictures[spec.content]
        regions = find_styles(spec, snapshot, self._library)
        check_masks(spec, regions, pictures)
        if method.start == "image" and spec.init is None:
            raise InvalidRequest("The start 'image' needs a picture in `init`.", hint="Upload one and name its id.")
        before, drawn_to = task_previous(place), task_drawn_to(place, pictures, content)
        size = content.width, content.height
        carried = before is not None or drawn_to is not None
        expected = self._forecast(spec, method, regions, *size, carried=carried)
        frames = _most_frames(spec, expected, content.pixels.nbytes)
        check_room(expected, self._store.root, (frames + 3) * content.pixels.nbytes, self._disk)
        folder = own_folder(self._store.folder(identity))
        task = TaskFile(
            method=method.as_dict(),
            frames=spec.frames.as_dict(),
            content=spec.content,
            mask=spec.mask,
            init=spec.init,
            size=spec.size,
            regions=write_styles(regions, folder),
            live=spec.live,
            previous=before,
            drawn_to=drawn_to,
            extendable=place is None,
        )
        task.write(folder)
        record = JobRecord(
            id=identity,
            owner=self._owner,
            client=spec.client,
            preset=spec.preset,
            on_disconnect=spec.on_disconnect,  # type: ignore[arg-type]
            request=request,
            preset_source=source(snapshot, regions),
            seed=method.seed,
            width=content.width,
            height=content.height,
            format=content.format,  # type: ignore[arg-type]
            iterations=expected.iterations,
            forecast=ForecastView(**expected.as_dict()),
            recipe=method.as_dict(),
            live=spec.live,
            versions={"neural_style": __version__, **self._status.versions()},
            sequence=place,
        )
        if not expected.full_detail:
            record.note(f"Painted at {expected.width} × {expected.height} px and enlarged: quick, not in full detail.")
        return record

    def change(self, record: JobRecord, folder: Path, change: ChangeSpec) -> tuple[dict[str, Any], list[str]]:
        """Write a live job's task with a change; -> the fields of its record that change with it, and the pictures that
        it no longer needs. Raises as `create` does; then nothing has changed."""
        whole = change.model_dump(mode="json")
        given = {key: whole[key] for key in change.model_fields_set}
        request = {**record.request, **given}
        spec = JobSpec.model_validate(_given(request))
        former, names = named_images(record.request), named_images(request)
        task = TaskFile.read(folder)
        self._images.hold(record.id, [*former, *names])
        try:
            pictures = {name: self._images.get(name) for name in names}
            changed = self._changed(record, folder, task, spec, given, pictures)
        except BaseException:
            self._images.hold(record.id, former)
            raise
        self._images.hold(record.id, names)
        return {**changed, "request": request, "revision": task.revision}, [
            name for name in former if name not in names
        ]

    def check_pictures(self, record: JobRecord) -> None:
        """Raises NotFound where a picture that the job is painted from is no longer kept."""
        self._images.check_there(record.images())

    def drop(self, images: Sequence[str]) -> None:
        """Delete pictures that a change has replaced."""
        self._images.drop(images)

    def _changed(
        self,
        record: JobRecord,
        folder: Path,
        task: TaskFile,
        spec: JobSpec,
        given: Collection[str],
        pictures: Mapping[str, Picture],
    ) -> dict[str, Any]:
        """Its styles are read again only where they change: their preset may be gone."""
        content, changed = pictures[spec.content], dict[str, Any]()
        task.revision += 1
        regions: Sequence[RegionStyles] = ()
        if {"preset", "blend", "regions", "controls", "method"} & set(given):
            snapshot = self._library.snapshot(spec.preset)
            method = replace(resolve_method(snapshot.preset, spec), seed=record.seed)
            task.method = changed["recipe"] = method.as_dict()
            if {"preset", "blend", "regions"} & set(given):
                regions = find_styles(spec, snapshot, self._library)
                task.regions = write_styles(regions, folder)
                changed.update(preset=spec.preset, preset_source=source(snapshot, regions))
        check_masks(spec, regions, pictures)
        if changed or (content.width, content.height, spec.size) != (record.width, record.height, task.size):
            expected = self._forecast(spec, Method(**task.method), regions, content.width, content.height)
            check_room(expected, self._store.root, 3 * content.pixels.nbytes, self._disk)
            changed["forecast"] = ForecastView(**expected.as_dict())
        task.content, task.mask, task.size = spec.content, spec.mask, spec.size
        task.write(folder)
        return {**changed, "width": content.width, "height": content.height, "format": content.format}

    def _forecast(
        self,
        spec: JobOptions,
        method: Method,
        regions: Sequence[RegionStyles],
        width: int,
        height: int,
        carried: bool = False,
    ) -> Forecast:
        calibration = read_calibration(self._home)
        return predict(
            spec,
            method,
            width,
            height,
            calibration,
            styles=sum(region.count for region in regions),
            limit=self._memory_limit,
            itemsize=4 if self._status.versions().get("dtype", "float32") == "float32" else 2,
            targets_cached=self._status.was_painted(spec, width, height, self._owner),
            carried=carried,
            correct=partial(self._corrections.factor, mark_of(calibration), method.loss),
        )


def _given(request: Any) -> Any:
    """A kept request as a client would send it: without what is not set."""
    if isinstance(request, list):
        return [_given(value) for value in request]
    if not isinstance(request, dict):
        return request
    return {key: _given(value) for key, value in request.items() if value is not None and value not in ([], {})}


def _most_frames(spec: JobSpec, expected: Forecast, picture_bytes: int) -> int:
    """How many frames there can be on the disk at once."""
    every, at, seconds = spec.frames.every, spec.frames.at, spec.frames.seconds
    chosen = len(at) if every is None else expected.iterations // every
    return chosen + (0 if seconds is None else most_previews(picture_bytes))
