from __future__ import annotations

from neural_style_server.engine.layers import CHANNELS, CONVOLUTIONS, LAYERS, STRIDE, deepest, receptive_radius


def test_vgg_19_has_sixteen_convolutions_in_five_blocks() -> None:
    assert len(CONVOLUTIONS) == len(LAYERS) == 16
    assert [sum(name[4] == str(block) for name in LAYERS) for block in range(1, 6)] == [2, 2, 4, 4, 4]
    assert (LAYERS[0], LAYERS[-1]) == ("relu1_1", "relu5_4")


def test_each_block_halves_the_size_and_has_its_papers_channels() -> None:
    assert [STRIDE[f"relu{block}_1"] for block in range(1, 6)] == [1, 2, 4, 8, 16]
    assert [CHANNELS[f"relu{block}_1"] for block in range(1, 6)] == [64, 128, 256, 512, 512]


def test_the_deepest_layer_is_found_whatever_the_order() -> None:
    assert deepest({"relu4_2", "relu1_1", "relu5_1"}) == "relu5_1"
    assert deepest(["relu4_2", "relu4_1"]) == "relu4_2"


def test_receptive_radius_adds_up_by_hand() -> None:
    assert receptive_radius("relu1_1") == 1
    assert receptive_radius("relu2_1") == 1 + 1 + 2
    assert receptive_radius("relu5_1") == 2 * 1 + 2 * 2 + 4 * 4 + 4 * 8 + 16
