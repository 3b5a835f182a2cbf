"""Colour: matching statistics before the transfer, keeping the content's colours after it.

All images are (1, 3, H, W), RGB, 0–255, sRGB-encoded; weights (1, 1, H, W) ≥ 0 or None.
Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016), called Gatys 2016c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""Weights of R'G'B' in luma (ITU-R BT.601); chroma is what remains."""

HISTOGRAM_BINS = 1024

EIGENVALUE_FLOOR = 1e-3
"""Least eigenvalue of a colour covariance when powers of it are taken; pictures of one colour have 0."""

WHITE_KNEE = 110.0
"""Luma above which `less_white` compresses the tones."""


def luma(image: Tensor) -> Tensor:
    """(1, 1, H, W), 0–255."""
    return (image * image.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


class ColourMoments(NamedTuple):
    """Mean (3, 1) and covariance (3, 3) of a picture's colours, in double precision."""

    mean: Tensor
    covariance: Tensor


def colour_moments(image: Tensor, weight: Tensor | None = None) -> ColourMoments:
    x = image[0].flatten(1).double()  # (3, N)
    w = torch.ones_like(x[:1]) if weight is None else weight.flatten()[None].double()
    total = w.sum().clamp_min(1e-9)
    mean = (x * w).sum(1, keepdim=True) / total
    return ColourMoments(mean, ((x - mean) * w) @ (x - mean).T / total)


def mixed_moments(parts: Sequence[tuple[float, ColourMoments]]) -> ColourMoments:
    """Those of several pictures' pixels together, each picture with its weight."""
    total = sum(weight for weight, _ in parts)
    shares = [(weight / total, found) for weight, found in parts]
    mean = torch.stack([share * found.mean for share, found in shares]).sum(0)
    spread = [share * (found.covariance + (found.mean - mean) @ (found.mean - mean).T) for share, found in shares]
    return ColourMoments(mean, torch.stack(spread).sum(0))


def match_covariance(
    image: Tensor,
    reference: Tensor,
    amount: float = 1.0,
    weight: Tensor | None = None,
    reference_weight: Tensor | None = None,
) -> Tensor:
    """Give `image` the colour mean and covariance of `reference` (Gatys 2016c, eq. 3), by `amount` in 0–1.

    The linear map is the optimal transport of Gaussians, T = S^(−½)(S^½ R S^½)^½ S^(−½), which moves colours least.
    """
    if amount == 0:
        return image
    return covariance_map(colour_moments(image, weight), colour_moments(reference, reference_weight))(image, amount)


def covariance_map(own: ColourMoments, goal: ColourMoments) -> Callable[[Tensor, float], Tensor]:
    """`match_covariance` for parts of a picture with the moments `own`: (part, amount) -> the matched part."""
    root, inverse = _power(own.covariance, 0.5), _power(own.covariance, -0.5)
    transport = inverse @ _power(root @ goal.covariance @ root, 0.5) @ inverse

    def move(part: Tensor, amount: float) -> Tensor:
        moved = (transport @ (part[0].flatten(1).double() - own.mean) + goal.mean).view(part.shape).to(part.dtype)
        return part + amount * (moved.clamp(0, 255) - part)

    return move


def match_histogram(image: Tensor, reference: Tensor, amount: float = 1.0) -> Tensor:
    """Give each of R, G, B the histogram of `reference`, after the covariances have been matched; by `amount`."""
    if amount == 0:
        return image
    start = match_covariance(image, reference)
    channels = [_match_channel(start[0, c], reference[0, c]) for c in range(3)]
    return image + amount * (torch.stack(channels)[None] - image)


def match_luma(image: Tensor, reference: Tensor, amount: float = 1.0) -> Tensor:
    """Give `image` the luma mean and deviation of `reference` (Gatys 2016c, eq. 4), by `amount`."""
    current, goal = luma(image), luma(reference)
    scale = goal.std(correction=0) / current.std(correction=0).clamp_min(1.0)
    return image + amount * ((current - current.mean()) * scale + goal.mean() - current)


def keep_chroma(result: Tensor, content: Tensor, amount: float) -> Tensor:
    """The result's luma with the content's chroma (Gatys 2016c, "luminance-only"), by `amount`; not clamped."""
    if amount == 0:
        return result
    return result + amount * (luma(result) - luma(content) + content - result)


def boldness(image: Tensor, factor: float) -> Tensor:
    """Saturation multiplied by `factor` and contrast by √factor around the mean luma; clamped to 0–255."""
    if factor == 1:
        return image
    grey = luma(image)
    centre = grey.mean()
    bolder: Tensor = (image - grey) * factor + (grey - centre) * factor**0.5 + centre
    return bolder.clamp(0, 255)


def less_white(image: Tensor, amount: float) -> Tensor:
    """Darken the light tones: luma above WHITE_KNEE is compressed towards it, at most to a third, by `amount`."""
    if amount == 0:
        return image
    grey = luma(image)
    over = (grey - WHITE_KNEE).clamp_min(0)
    pressed = grey - over * amount * (2 / 3)
    return image * (pressed / grey.clamp_min(1.0))


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    power: Tensor = (vectors * values.clamp_min(EIGENVALUE_FLOOR) ** exponent) @ vectors.T
    return power


def _match_channel(channel: Tensor, reference: Tensor) -> Tensor:
    """Histogram matching by comparing cumulated histograms; (H, W) -> (H, W)."""
    edges = torch.linspace(0, 255, HISTOGRAM_BINS + 1, dtype=torch.float64, device=channel.device)
    current = torch.histc(channel.float().clamp(0, 255), HISTOGRAM_BINS, 0, 255).double().cumsum(0)
    goal = torch.histc(reference.float().clamp(0, 255), HISTOGRAM_BINS, 0, 255).double().cumsum(0)
    current, goal = current / current[-1], goal / goal[-1]
    index = torch.searchsorted(goal, current).clamp_max(HISTOGRAM_BINS - 1)
    lut = edges[index + 1]
    place = (channel.double().clamp(0, 255) / 255 * HISTOGRAM_BINS).long().clamp_max(HISTOGRAM_BINS - 1)
    return lut[place].to(channel.dtype)
