"""Every colour model and depth: what goes out and what comes back, by pixel value."""

import struct

from driving import (
    SRGB,
    check,
    choose,
    daemon_result,
    document,
    in_space_of,
    paint_layer,
    problem,
    result_layer,
    run,
    samples,
    stylize,
    worst,
)
from krita import Selection
from rig_driver import drive

MODELS = (
    ("RGBA", "U8", SRGB),
    ("RGBA", "U16", SRGB),
    ("RGBA", "U16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F32", "sRGB-elle-V2-g10.icc"),
    ("GRAYA", "U8", ""),
    ("GRAYA", "U16", ""),
    ("GRAYA", "F32", ""),
    ("CMYKA", "U8", ""),
    ("CMYKA", "U16", ""),
    ("CMYKA", "F32", ""),
    ("LABA", "U8", ""),
    ("LABA", "U16", ""),
    ("LABA", "F32", ""),
    ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"),
)
WIDTH, HEIGHT = 64, 48


def survives(model, depth, profile):
    """The right half comes back to the bit as it was sent, the left half as the daemon painted it."""
    made = yield from document(WIDTH, HEIGHT)
    yield from paint_layer(made)
    assert made.setColorSpace(model, depth, profile)
    made.waitForDone()
    sent = sent_pixels(made)
    chosen = Selection()
    chosen.select(0, 0, WIDTH // 2, HEIGHT, 255)
    made.setSelection(chosen)
    yield 0.2
    done = yield from stylize()
    assert problem() == "", problem()
    layer = result_layer()
    format, painted_pixels = daemon_result(done.record["id"])
    assert format == ("RGBA8" if depth == "U8" else "RGBA16")
    assert (layer.colorModel(), layer.colorDepth(), layer.colorProfile()) == (
        made.colorModel(),
        made.colorDepth(),
        made.colorProfile(),
    )
    check_sent(done, sent, painted_pixels, format)
    check_back(made, done, layer, painted_pixels, format)


def sent_pixels(made):
    """What should go out: a copy of the layer in sRGB, 16 bits, converted as a painter would convert it."""
    copy = made.topLevelNodes()[0].duplicate()
    copy.setColorSpace("RGBA", "U16", SRGB)
    return samples(bytes(copy.pixelData(0, 0, WIDTH, HEIGHT)), "U16")


def check_sent(done, sent, painted_pixels, format):
    x, y, width, height = done.area
    got = samples(painted_pixels, "U8" if format == "RGBA8" else "U16")
    right = WIDTH // 2 - x
    for row in range(0, height, 7):
        for column in range(right, width):
            at, there = (row * width + column) * 4, ((y + row) * WIDTH + x + column) * 4
            if sent[there + 3] > 0:
                difference = worst(got[at : at + 4], sent[there : there + 4])
                assert difference < 0.009, (row, column, got[at : at + 4], sent[there : there + 4])


def check_back(made, done, layer, painted_pixels, format):
    x, y, width, height = done.area
    expected = samples(in_space_of(made, painted_pixels, format, width, height), made.colorDepth())
    got = samples(bytes(layer.pixelData(x, y, width, height)), made.colorDepth())
    channels = len(got) // (width * height)
    scale = 100.0 if made.colorModel() in ("LABA", "CMYKA") and made.colorDepth() == "F32" else 1.0
    allowed = (1.6 / 255 if made.colorDepth() == "U8" else 0.002) * scale
    for row in range(0, height, 5):
        for column in range(min(width, WIDTH // 2 - x)):
            at = (row * width + column) * channels
            if expected[at + channels - 1] > 0:
                difference = worst(got[at : at + channels], expected[at : at + channels])
                assert difference <= allowed, (row, column, got[at : at + channels], expected[at : at + channels])
    outside = (width - 1) * channels
    assert got[outside + channels - 1] == 0, "outside the selection the layer below shows"


def _add_checks():
    for model, depth, profile in MODELS:

        def one(model=model, depth=depth, profile=profile):
            yield from survives(model, depth, profile)

        one.__name__ = "_".join(filter(None, (model, depth, profile.split("-")[0], profile[-7:-4]))).lower()
        check(one)


_add_checks()


@check
def a_linear_gradient_is_neither_darkened_nor_banded():
    """512 steps go out as more than 256 different values, evenly spread."""
    made = yield from document(512, 32, "RGBA", "F32", "sRGB-elle-V2-g10.icc")
    row = b"".join(struct.pack("<4f", *(3 * [(x / 511) ** 2.2]), 1.0) for x in range(512))
    layer = made.createNode("gradient", "paintlayer")
    layer.setPixelData(row * 32, 0, 0, 512, 32)
    made.rootNode().addChildNode(layer, None)
    yield from choose(made, layer)
    chosen = Selection()
    chosen.select(0, 0, 4, 4, 255)
    made.setSelection(chosen)
    yield 0.2
    from neural_style.document.source import Source

    source = Source(made)
    source.area, source.mask = source.area._replace(x=0, y=0, width=512, height=32), None
    pieces = [piece for piece in source.pieces() if piece]
    greens = samples(b"".join(piece.data for piece in pieces)[: 512 * 8], "U16")[1::4]
    assert len(set(greens)) > 400, len(set(greens))
    assert abs(greens[255] - (255 / 511)) < 0.02, greens[255]


@drive
def test():
    return (yield from run())
