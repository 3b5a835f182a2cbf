"""The calls about sequences, through a real socket."""

from __future__ import annotations

import pytest
from tests.client.conftest import Served

from neural_style_client import DaemonError


def test_a_sequence_is_begun_followed_steered_and_forgotten(served: Served) -> None:
    sequences = served.client.sequences
    sequence = sequences.start({"preset": "ink"})["id"]
    job = sequences.add_frame(sequence, {"content": served.shop.content})["id"]
    assert sequences.pause(sequence)["state"] == "paused"
    assert sequences.resume(sequence)["state"] == "running"
    served.shop.worker.done(job)
    assert (sequences.get(sequence)["state"], sequences.all()[0]["done"]) == ("done", 1)
    assert sequences.paint_again(sequence, 1)["state"] == sequences.paint_again(sequence, 1, 1)["state"]
    key = {"frame": 1, "image": served.shop.content}
    assert sequences.change_keys(sequence, [key])["jobs"][0]["key"]
    assert not sequences.change_keys(sequence, [])["jobs"][0]["key"]
    assert sequences.cancel(sequence)["state"] == "cancelled"
    sequences.delete(sequence)
    with pytest.raises(DaemonError, match="no sequence"):
        sequences.get(sequence)
