"""Which pictures may become style images, and how clean their copies are."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.presets import style_images
from neural_style_server.presets.style_images import check_image, clean_image, image_problem, image_size, small_png

Picture = Callable[..., bytes]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_a_photo_stays_a_jpeg_and_loses_its_metadata(picture: Picture) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    data, suffix = clean_image(picture("JPEG", exif=exif, comment=b"secret"), "me.jpg")
    assert suffix == ".jpg" and b"at home" not in data and b"secret" not in data
    assert not opened(data).getexif()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_other_pictures_become_png(picture: Picture, kind: str) -> None:
    data, suffix = clean_image(picture(kind), "a")
    assert suffix == ".png" and opened(data).format == "PNG" and opened(data).mode == "RGB"


def test_an_orientation_is_carried_out(picture: Picture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter, clockwise
    data, _ = clean_image(picture("JPEG", size=(64, 40), exif=exif), "a.jpg")
    assert opened(data).size == (40, 64)
    red, _, blue = opened(data).convert("RGB").getpixel((35, 5))  # type: ignore[misc]
    assert red > 200 > blue, "the gold corner is now at the upper right"


def test_a_colour_profile_is_applied_and_left_behind() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    source = Image.new("RGB", (40, 40), (200, 80, 40))
    as_srgb = saved(source, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data, _ = clean_image(as_srgb, "a.png")
    assert "icc_profile" not in opened(data).info
    near = zip(opened(data).tobytes()[:3], (200, 80, 40), strict=True)
    assert all(abs(found - expected) <= 1 for found, expected in near)
    wrong, _ = clean_image(saved(source, icc_profile=lab.tobytes()), "a.png")
    assert opened(wrong).getpixel((9, 9)) == (200, 80, 40), "a profile of another kind is ignored"
    broken, _ = clean_image(saved(source, icc_profile=b"no profile"), "a.png")
    assert opened(broken).getpixel((9, 9)) == (200, 80, 40)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_usual_kind_of_colour_is_understood(mode: str) -> None:
    image = Image.new("I;16", (40, 40), 32896) if mode == "I;16" else Image.new("L", (40, 40), 128).convert(mode)
    data, _ = clean_image(saved(image, "TIFF"), "a.tif")
    assert opened(data).mode == "RGB"
    if mode != "1":
        assert all(abs(value - 128) < 3 for value in opened(data).getpixel((5, 5)))  # type: ignore[union-attr]


def test_transparency_is_kept_where_there_is_some() -> None:
    data, suffix = clean_image(saved(Image.new("RGBA", (40, 40), (1, 2, 3, 100))), "a.png")
    assert suffix == ".png" and opened(data).getpixel((0, 0)) == (1, 2, 3, 100)


def test_a_huge_picture_is_made_smaller(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_images, "MAX_SIDE", 100)
    data, _ = clean_image(picture(size=(400, 200)), "a.png")
    assert opened(data).size == (100, 50)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    for use in (clean_image, check_image):
        with pytest.raises(ImageError, match=r"'a.png'.* (is not a PNG|is no picture)"):
            use(data, "a.png")


def test_a_picture_cut_short_is_refused(picture: Picture) -> None:
    for kind, file in (("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp")):
        whole = picture(kind, size=(200, 200))
        with pytest.raises(ImageError):
            check_image(whole[: len(whole) // 2], file)


def test_a_bomb_is_refused_by_the_size_in_its_header(picture: Picture) -> None:
    data = bytearray(picture())
    for side in (9_000, 60_000):  # above our limit, and above Pillow's own
        data[16:24] = side.to_bytes(4, "big") * 2
        header = bytes(data[:29])
        crc = __import__("zlib").crc32(header[12:]).to_bytes(4, "big")
        with pytest.raises(TooLarge, match="more than 64 megapixels"):
            clean_image(header + crc + bytes(data[33:]), "a.png")


def test_a_tiny_picture_is_refused_with_its_size(picture: Picture) -> None:
    with pytest.raises(ImageError, match="8×40 pixels; each side needs at least 32"):
        clean_image(picture(size=(8, 40)), "a.png")


def test_a_name_that_lies_is_told(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture("JPEG"))
    assert "is a JPEG picture" in (image_problem(tmp_path / "a.png") or "")
    with pytest.raises(ImageError, match="is a JPEG picture"):
        check_image(picture("JPEG"), "a.png")


def test_links_and_missing_files_are_told(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    assert image_problem(tmp_path / "a.png") is None
    assert "is a link" in (image_problem(tmp_path / "b.png") or "")
    assert "is not in the preset's folder" in (image_problem(tmp_path / "c.png") or "")


def test_a_thumbnail_is_made_small(picture: Picture) -> None:
    assert opened(small_png(picture(size=(200, 100)), 64)).size == (64, 32)


def test_a_file_is_decoded_once_under_each_of_its_names(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    load = style_images._load
    monkeypatch.setattr(style_images, "_load", lambda *given: [decoded.append(given[1]), load(*given)])
    data = picture("PNG", size=(45, 37))
    for name in ("a.png", "a.png", "b.png"):
        check_image(data, name)
    assert decoded == ["a.png", "b.png"]
    with pytest.raises(ImageError):
        check_image(data, "a.jpg")
    damaged = data[:-40] + bytes(40)
    for _ in range(2):
        with pytest.raises(ImageError):
            check_image(damaged, "a.png")


def test_a_turned_style_image_has_the_size_and_the_picture_that_are_seen(picture: Picture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = picture("JPEG", (48, 40), exif=exif)
    assert image_size(data, "a.jpg") == (40, 48)
    with Image.open(io.BytesIO(small_png(data, 24))) as small:
        assert small.size == (20, 24)
