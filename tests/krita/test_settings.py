"""What the docker remembers between two starts of Krita."""

from __future__ import annotations

import json

from neural_style.neural_style_client.parameters import Parameters

from neural_style.run.settings import FIRST, Settings


class KritaSettings:
    def __init__(self, text: str = "") -> None:
        self.text = text

    def read(self, group: str, name: str, default: str) -> str:
        return self.text or default

    def write(self, group: str, name: str, value: str) -> None:
        self.text = value

    def docker(self) -> Settings:
        return Settings(self.read, self.write)


def test_settings_come_back_after_a_restart() -> None:
    krita = KritaSettings()
    chosen = Parameters(preset="mosaic", controls={"strength": 10}, size=512)
    krita.docker().used(chosen)
    assert krita.docker().last == chosen
    assert krita.docker().controls_of("mosaic") == {"strength": 10}
    assert krita.docker().controls_of("other") == {}


def test_broken_settings_are_as_good_as_none() -> None:
    for text in ("{", "[]", '{"last": {"size": "x"}, "controls": null}'):
        settings = KritaSettings(text).docker()
        assert settings.last == FIRST and settings.controls_of("mosaic") == {}


def test_settings_of_version_0_1_0_are_read() -> None:
    old = {"preset": "mosaic", "size": 512, "keep": "every", "keep_text": "50", "seamless": "auto", "seed": -1}
    krita = KritaSettings(json.dumps({"last": old, "recent": ["mosaic"], "controls": {"mosaic": {"detail": 5}}}))
    assert krita.docker().last == FIRST.changed(preset="mosaic", size=512, keep="every 50")
    assert krita.docker().controls_of("mosaic") == {"detail": 5}
