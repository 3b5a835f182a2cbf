"""Every kind of image, layer and selection through the plug-in in the real GIMP, checked by value.

Twice: with a daemon that turns colours round, where every value is known, and with the real network, where
the daemon's answer to the same pixels sent directly is what must come out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import client_of, reported
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp
WIDTH, HEIGHT = 96, 64
SELECTED = {y * WIDTH + x for y in range(10, 40) for x in range(30, 70)}
PRECISIONS = (
    "u8-linear", "u8-non-linear", "u8-perceptual", "u16-linear", "u16-non-linear", "u32-linear",
    "u32-non-linear", "half-linear", "half-non-linear", "float-linear", "float-non-linear",
)  # fmt: skip


class Matrix:
    def __init__(self, home: Path, found: dict[str, Any]) -> None:
        self.home = home
        self.found = found
        self.is_real = home.name.startswith("home")
        self._direct: dict[bytes, bytes] = {}

    def __getitem__(self, case: str) -> dict[str, Any]:
        made: dict[str, Any] = self.found[case]
        assert made["status"] == "success", made["error"]
        return made

    def direct(self, pixels: bytes, width: int = WIDTH, height: int = HEIGHT) -> bytes:
        """What the daemon makes of these pixels when no GIMP is between."""
        if pixels not in self._direct:
            daemon = client_of(self.home)
            content = daemon.upload(pixels, width, height)["id"]
            method = {"iterations": 2, "quality": "standard"}
            job = daemon.submit({"content": content, "preset": "ink-wash", "size": 64, "method": method})
            assert list(daemon.events(job["id"]))[-1].name == "done"
            self._direct[pixels] = daemon.result(job["id"]).data
        return self._direct[pixels]


@pytest.fixture(scope="module", params=["fake", "real"])
def matrix(request: pytest.FixtureRequest, placed: Callable[..., Gimp]) -> Matrix:
    home = request.getfixturevalue(f"{request.param}_home")
    return Matrix(home, reported(placed(home), "matrix.py", timeout_s=600))


def pixels_of(made: dict[str, Any], key: str = "pixels") -> bytes:
    return base64.b64decode(made[key])


def check_alike(matrix: Matrix, one: bytes, other: bytes, most: int) -> None:
    """No value differs by more than `most`; with the network only the mean: it amplifies what is rounded, most of all
    where it computes in bfloat16, and a match that is another one changes the prices of all. A wrong curve or profile
    is further away."""
    differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
    assert sum(differences) / len(differences) < (10 if matrix.is_real else 3)
    assert matrix.is_real or max(differences) <= most


def test_the_result_lies_above_its_layer_at_its_place(matrix: Matrix) -> None:
    made = matrix["depth u8-non-linear"]
    assert made["names"][1] == "paint"
    assert made["name"].startswith("Neural Style: ink-wash (iteration ")
    assert (made["offsets"], made["size"], made["above"]) == ([0, 0], [WIDTH, HEIGHT], True)
    assert made["source_untouched"]


def test_8_bit_pixels_are_the_daemons_to_the_bit(matrix: Matrix) -> None:
    made = matrix["depth u8-non-linear"]
    assert pixels_of(made) == matrix.direct(pixels_of(made, "source"))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_colours_are_right_in_every_precision(matrix: Matrix, precision: str) -> None:
    made = matrix[f"depth {precision}"]
    assert made["precision"] == precision
    most = 9 if precision == "u8-linear" else 4
    check_alike(matrix, pixels_of(made), matrix.direct(pixels_of(made, "source")), most)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_pixels_outside_the_selection_are_unchanged_to_the_bit(matrix: Matrix, precision: str) -> None:
    made = matrix[f"selected {precision}"]
    assert made["changed"]
    assert set(made["changed"]) <= SELECTED
    mask = pixels_of(made, "mask")
    assert {at for at, weight in enumerate(mask) if weight} == SELECTED
    assert set(mask) == {0, 255}


def test_a_feather_becomes_the_layer_mask_and_fades_once(matrix: Matrix) -> None:
    made = matrix["feathered"]
    selection = base64.b64decode(matrix.found["the feathered selection"])
    assert pixels_of(made, "mask") == selection
    assert len(set(selection)) > 10
    assert set(made["changed"]) <= {at for at, weight in enumerate(selection) if weight}


def test_alpha_and_transparent_pixels_are_unchanged(matrix: Matrix) -> None:
    made = matrix["alpha_kept"]
    result, source = pixels_of(made), pixels_of(made, "source")
    assert result[3::4] == source[3::4]
    for at in range(0, len(source), 4):
        assert source[at + 3] or result[at : at + 4] == source[at : at + 4]


def test_a_layer_without_alpha_stays_without(matrix: Matrix) -> None:
    assert matrix["rgb_without_alpha"]["kinds"] == ["rgb-image", "rgb-image"]


@pytest.mark.parametrize("case", ["grey", "grey_alpha_16"])
def test_grey_images_stay_grey_with_the_right_lightness(matrix: Matrix, case: str) -> None:
    made = matrix[case]
    assert made["kinds"][0] == made["kinds"][1]
    painted = matrix.direct(pixels_of(made, "source"))
    grey = pixels_of(made)
    assert grey[0::4] == grey[1::4] == grey[2::4]
    seen = [at for at in range(0, len(grey), 4) if painted[at + 3]]
    expected = bytes(round(lightness(painted[at : at + 3])) for at in seen)
    check_alike(matrix, bytes(grey[at] for at in seen), expected, 4)


def lightness(colour: bytes) -> float:
    """The grey of the same luminance (sRGB's primaries and curve)."""
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = 0.2225 * linear[0] + 0.7169 * linear[1] + 0.0606 * linear[2]
    return 255 * (12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055)


def test_colours_are_right_under_another_profile(matrix: Matrix) -> None:
    made = matrix["adobe_rgb"]
    dark = 12  # dark tones have few of the 8-bit steps of that profile
    check_alike(matrix, pixels_of(made), matrix.direct(pixels_of(made, "source")), dark)


def test_outside_the_selection_another_profile_changes_nothing(matrix: Matrix) -> None:
    assert set(matrix["adobe_rgb_selected"]["changed"]) <= SELECTED


def test_a_layer_elsewhere_is_selected_where_it_lies(matrix: Matrix) -> None:
    made = matrix["smaller_and_aside"]
    assert (made["offsets"], made["size"]) == ([-10, 37], [50, 40])
    selected = {y * 50 + x for y in range(13) for x in range(10, 30)}
    assert set(made["changed"]) and set(made["changed"]) <= selected
    assert {at for at, weight in enumerate(pixels_of(made, "mask")) if weight} == selected


def test_a_layer_larger_than_its_image_is_painted_whole(matrix: Matrix) -> None:
    made = matrix["larger_than_the_image"]
    assert (made["offsets"], made["size"]) == ([-12, -13], [120, 90])
    assert pixels_of(made) == matrix.direct(pixels_of(made, "source"), 120, 90)


def test_a_layers_own_mask_is_kept(matrix: Matrix) -> None:
    assert pixels_of(matrix["own_mask"], "mask") == bytes(range(WIDTH)) * HEIGHT


def test_a_layers_own_mask_and_the_selection_both_count(matrix: Matrix) -> None:
    mask = pixels_of(matrix["own_mask_and_selection"], "mask")
    assert all(mask[at] == (at % WIDTH if at in SELECTED else 0) for at in range(len(mask)))


def test_a_layer_in_a_group_gets_its_result_there(matrix: Matrix) -> None:
    made = matrix["in_a_group"]
    assert (made["parent"], made["above"]) == ("scenery", True)


def test_a_group_is_painted_as_it_is_seen(matrix: Matrix) -> None:
    made = matrix["a_group_itself"]
    assert made["parent"] is None
    assert pixels_of(made) == matrix.direct(pixels_of(made, "source"))


def test_kept_frames_and_the_result_are_a_group(matrix: Matrix) -> None:
    made = matrix["kept_frames"]
    assert made["names"] == ["Neural Style: ink-wash", "paint"]
    assert (made["parent"], made["name"]) == (
        "Neural Style: ink-wash",
        "Neural Style: ink-wash (iteration 2)",
    )


def test_a_layer_says_how_it_was_made(matrix: Matrix) -> None:
    record = json.loads(matrix["depth u8-non-linear"]["parasite"])
    assert record["parameters"]["preset"] == "ink-wash"
    assert record["parameters"]["iterations"] == 2
    assert record["parameters"]["seed"] == record["seed"] >= 0


def test_a_run_may_start_from_another_layer(matrix: Matrix) -> None:
    assert matrix["starts_from_another_layer"]["above"]
    assert matrix["starts_from_a_smaller_layer"]["above"]


@pytest.mark.parametrize(("case", "size"), [("tiny", [5, 3]), ("thin", [1, 64])])
def test_the_smallest_layers_are_painted_too(matrix: Matrix, case: str, size: list[int]) -> None:
    made = matrix[case]
    assert (made["size"], made["source_untouched"]) == (size, True)
    assert made["changed"]


def test_an_indexed_image_is_explained_or_converted(matrix: Matrix) -> None:
    assert "Choose Image → Mode → RGB" in matrix.found["indexed"]["error"]
    assert matrix["indexed_converted"]["kinds"] == ["rgb-image", "rgb-image"]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("unknown_preset", "no preset named “ink-wish”. Did you mean “ink-wash”?"),
        ("wrong_quality", "quality must be one of “draft”, “standard”, “fine”"),
        ("empty_layer", "The layer is empty. Paint or paste something"),
        ("hidden_layer", "The layer “paint” is hidden"),
        ("a_later_layer_is_hidden", "The layer “hidden” is hidden"),
        ("hidden_group", "The layer “paint” is in the hidden group “scenery”"),
        ("selection_elsewhere", "The selection lies outside the layer “paint”"),
        ("a_layer_mask", "is a mask or a channel"),
    ],
)
def test_what_cannot_be_painted_is_said_and_inserts_nothing(matrix: Matrix, case: str, said: str) -> None:
    failed = matrix.found[case]
    assert failed["status"] == "execution-error"
    assert said in failed["error"]
    assert failed["names"] in (["paint"], ["scenery"], ["hidden", "paint"])
