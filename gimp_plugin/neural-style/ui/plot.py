"""The loss curve as a picture, drawn here: Python can use Cairo only where one more package is installed."""

import math


def picture(losses, width, height, colour):
    """(iteration, loss) pairs as the bytes of an RGBA picture on a faint ground; `colour` is (r, g, b)."""
    pixels = bytearray(bytes(colour) + b"\x14") * (width * height)
    line = heights(losses, width, height - 6)
    for x, (top, bottom) in enumerate(zip(line, line[1:] + line[-1:])):
        _stroke(pixels, x, (width, height), min(top, bottom) + 3, max(top, bottom) + 3)
    return bytes(pixels)


def heights(losses, width, height):
    """The curve's y for each x from 0, logarithmic: a loss falls by powers of ten. Empty without a curve."""
    if len(losses) < 2:
        return []
    logs = [math.log(loss) for _, loss in losses]
    low, span = min(logs), max(max(logs) - min(logs), 1e-9)
    first, last = losses[0][0], max(losses[-1][0], losses[0][0] + 1)
    found, at = [], 0
    for x in range(width):
        iteration = first + (last - first) * x / max(1, width - 1)
        while at < len(losses) - 2 and losses[at + 1][0] < iteration:
            at += 1
        (left, _), (right, _) = losses[at], losses[at + 1]
        share = min(1.0, max(0.0, (iteration - left) / max(1, right - left)))
        value = logs[at] + share * (logs[at + 1] - logs[at])
        found.append((height - 1) * (1 - (value - low) / span))
    return found


def _stroke(pixels, x, size, top, bottom):
    """Cover a column from top to bottom, some 1.6 pixels thick, with soft ends."""
    width, height = size
    top, bottom = top - 0.8, bottom + 0.8
    for y in range(max(0, math.floor(top)), min(height, math.ceil(bottom))):
        cover = min(y + 1, bottom) - max(y, top)
        at = 4 * (y * width + x) + 3
        pixels[at] = max(pixels[at], int(235 * min(1.0, cover)))
