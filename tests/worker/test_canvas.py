"""A job's pictures as tensors, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.picture_files import PHOTO, saved
from tests.pictures.profiles import DISPLAY_P3, rgb_profile

from neural_style_server.engine.memory import working_set
from neural_style_server.engine.memory.tensor_store import InMemoryStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.task import painted_content
from neural_style_server.errors import ImageError
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.spec import StylePart
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pixels import Picture
from neural_style_server.worker.canvas import Canvas, selected

MEMORY = InMemoryStore("cpu")


def canvas_of(tmp_path: Path, content: Picture, mask: Picture | None = None) -> Canvas:
    write_picture(tmp_path / "content", content)
    if mask is not None:
        write_picture(tmp_path / "mask", mask)
    name = None if mask is None else "mask"
    task = TaskFile(method={}, frames={}, content="content", mask=name, regions=[])
    return Canvas(tmp_path, tmp_path, task)


def grey_mask(height: int, width: int, *chosen: tuple[int, int]) -> Picture:
    pixels = np.zeros((height, width, 4), "u1")
    pixels[..., 3] = 255
    for row, column in chosen:
        pixels[row, column, :3] = 255
    return Picture(pixels, "RGBA8")


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 700)


def test_a_style_image_is_painted_with_as_it_is_seen(tmp_path: Path) -> None:
    """Put into a preset's folder by hand, as a phone made it: turned, and in colours of its own."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(PHOTO, "JPEG", quality=95, exif=exif, icc_profile=rgb_profile(DISPLAY_P3, 2.2))
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "a.jpg").write_bytes(data)
    write_picture(tmp_path / "content", grey_mask(30, 40))
    style = TaskStyle(file="styles/a.jpg", weight=1)
    task = TaskFile(method={}, frames={}, content="content", regions=[TaskRegion(mask=None, styles=[style])])
    found = Canvas(tmp_path, tmp_path, task).task(MEMORY, torch.device("cpu")).regions[0].styles[0].image
    seen = read_picture_file(data, 10**6).picture.pixels[..., :3]
    assert seen.shape[:2] == PHOTO.size
    assert np.array_equal(found[0].permute(1, 2, 0).numpy(), seen)


def test_the_engine_sees_the_pictures_numbers(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 4)).astype("u1")
    task = canvas_of(tmp_path, Picture(pixels, "RGBA8")).task(MEMORY, torch.device("cpu"))
    assert torch.equal(task.content[0], torch.from_numpy(pixels[..., :3]).permute(2, 0, 1).float())
    assert task.alpha is not None
    assert np.allclose(task.alpha[0, 0].numpy() * 255, pixels[..., 3], atol=1e-4)


def test_an_opaque_picture_has_no_weights(tmp_path: Path) -> None:
    pixels = np.full((30, 40, 4), 255, "u1")
    assert canvas_of(tmp_path, Picture(pixels, "RGBA8")).task(MEMORY, torch.device("cpu")).alpha is None
    pixels[29, 39, 3] = 254
    assert canvas_of(tmp_path, Picture(pixels, "RGBA8")).task(MEMORY, torch.device("cpu")).alpha is not None


def test_a_selection_is_seen_with_its_surroundings_only(tmp_path: Path) -> None:
    mask = grey_mask(500, 300, (250, 20), (260, 40))
    canvas = canvas_of(tmp_path, Picture(np.full((500, 300, 4), 255, "u1"), "RGBA8"), mask)
    assert canvas.size == (260 + 1 + 96 - (250 - 96), 40 + 1 + 96)
    rows, columns = selected(mask)
    assert np.flatnonzero(rows).tolist() == [250, 260]
    assert np.flatnonzero(columns).tolist() == [20, 40]


@pytest.mark.parametrize("has_mask", [False, True])
def test_of_a_style_image_only_its_part_counts(tmp_path: Path, has_mask: bool) -> None:
    pixels = np.full((50, 30, 4), 255, "u1")
    pixels[20, 12, 3] = 0  # within the part
    write_picture(tmp_path / "style", Picture(pixels, "RGBA8"))
    write_picture(tmp_path / "chosen", grey_mask(50, 30, (21, 12), (0, 0)))
    write_picture(tmp_path / "content", Picture(pixels, "RGBA8"))
    part = StylePart(left=0.3, top=0.4, width=0.2, height=0.1)
    style = TaskStyle(image="style", weight=1, mask="chosen" if has_mask else None, part=part)
    task = TaskFile(method={}, frames={}, content="content", regions=[TaskRegion(mask=None, styles=[style])])
    (found,) = Canvas(tmp_path, tmp_path, task).task(MEMORY, torch.device("cpu")).regions[0].styles
    expected = np.zeros((50, 30), "f4")
    expected[20:25, 9:15] = 1
    expected[20, 12] = 0
    if has_mask:
        expected = np.zeros((50, 30), "f4")
        expected[21, 12] = 1
    assert found.mask is not None and np.array_equal(found.mask[0, 0].numpy(), expected)


@pytest.mark.parametrize(("left", "width", "columns"), [(0.99, 0.01, (9, 10)), (0.5, 1, (5, 10)), (0, 0.01, (0, 1))])
def test_a_part_has_a_pixel_at_least_and_ends_at_the_edge(left: float, width: float, columns: tuple[int, int]) -> None:
    assert StylePart(left=left, top=0, width=width, height=1).of(4, 10) == (slice(0, 4), slice(*columns))


def test_wrong_masks_are_refused(tmp_path: Path) -> None:
    content = Picture(np.full((50, 30, 4), 255, "u1"), "RGBA8")
    with pytest.raises(ImageError, match="31 × 50"):
        canvas_of(tmp_path, content, grey_mask(50, 31, (1, 1)))
    with pytest.raises(ImageError, match="empty"):
        canvas_of(tmp_path, content, grey_mask(50, 30))


def test_what_is_delivered_is_painted_inside_and_the_contents_own_outside(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (400, 300, 4)).astype("u1")
    pixels[..., 3] = 255
    chosen = [(row, column) for row in range(200, 220) for column in range(100, 130)]
    canvas = canvas_of(tmp_path, Picture(pixels, "RGBA8"), grey_mask(400, 300, *chosen))
    white = torch.full((1, 3, *canvas.size), 255.0)
    parts = list(canvas.delivered(white, Method(), MEMORY, white))
    assert len(parts) > 3
    found = np.concatenate(parts)
    assert (found[200:220, 100:130] == 255).all()
    found[200:220, 100:130] = pixels[200:220, 100:130]
    assert np.array_equal(found, pixels)


def test_no_style_delivers_the_content_itself(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 4)).astype("u1")
    canvas = canvas_of(tmp_path, Picture(pixels, "RGBA8"))
    black = torch.zeros(1, 3, 16, 16)
    found = canvas.delivered(black, Method(style_weight=0), MEMORY, black)
    assert np.array_equal(np.concatenate(list(found)), pixels)


@pytest.mark.parametrize("seamless", [False, True])
def test_colours_that_are_kept_meet_at_the_joint_of_a_seamless_picture(tmp_path: Path, seamless: bool) -> None:
    """A picture that runs from blue to brown, painted grey: its own colours come back without their jump."""
    pixels = np.full((64, 48, 4), 255, "u1")
    pixels[..., :3] = np.linspace((30, 90, 240), (200, 120, 20), 64)[:, None]
    canvas = canvas_of(tmp_path, Picture(pixels, "RGBA8"))
    method = Method(seamless=seamless, colour=1.0)
    grey = torch.full((1, 3, 64, 48), 128.0)
    content = painted_content(canvas.task(MEMORY, torch.device("cpu")), method, MEMORY)
    found = np.concatenate(list(canvas.delivered(grey, method, MEMORY, content))).astype(int)
    jump = np.abs(found[0, :, :3] - found[-1, :, :3]).max()
    assert jump < 12 if seamless else jump > 60
