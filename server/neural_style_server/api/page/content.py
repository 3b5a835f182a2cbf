"""What the server writes into the page: the controls and choices of the one description that the plug-ins use, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neural_style_client.controls import CONTROLS
from neural_style_client.parameters import MAX_SEED, QUALITIES, SIZES, STARTS
from neural_style_client.regions import MOST_REGIONS
from neural_style_client.translations import LANGUAGES, N_, Catalogue

from ... import __version__
from ...engine.method import COLOUR_WORDS, MOST_ITERATIONS
from ...pictures.formats import UPLOADS

if TYPE_CHECKING:
    from ..services import Services


STATES = {
    "queued": N_("waiting"),
    "running": N_("painting"),
    "paused": N_("paused"),
    "done": N_("finished"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
}


def words_values(words: Catalogue) -> dict[str, Any]:
    """What every template needs."""
    return {"words": words, "tr": words.tr, "lang": words.tag}


def page_values(services: Services) -> dict[str, Any]:
    """For page.html; the list of jobs is for browsers without JavaScript."""
    return {
        "languages": LANGUAGES,
        "states": STATES,
        "version": __version__,
        "controls": CONTROLS,
        "colour_words": dict(COLOUR_WORDS),
        "qualities": QUALITIES,
        "starts": STARTS,
        "sizes": SIZES,
        "max_seed": MAX_SEED,
        "most_iterations": MOST_ITERATIONS,
        "most_regions": MOST_REGIONS,
        "uploads": ",".join(UPLOADS),
        "jobs": services.controller.jobs()[:20],
    }
