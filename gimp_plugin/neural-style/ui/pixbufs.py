"""RGBA8 pixels as GTK shows and scales them."""

from gi.repository import GdkPixbuf, GLib


def pixbuf(pixels):
    data = GLib.Bytes.new(pixels.data)
    size = pixels.width, pixels.height
    return GdkPixbuf.Pixbuf.new_from_bytes(data, GdkPixbuf.Colorspace.RGB, True, 8, *size, 4 * pixels.width)


def enlarged(pixels, width, height):
    """The pixels in another size."""
    large = pixbuf(pixels).scale_simple(width, height, GdkPixbuf.InterpType.BILINEAR)
    stride, data = large.get_rowstride(), large.get_pixels()
    if stride != 4 * width:
        data = b"".join(data[row * stride : row * stride + 4 * width] for row in range(height))
    return pixels._replace(width=width, height=height, data=data)
