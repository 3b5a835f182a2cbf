"""What is sent for one layer of a run, and what has come back."""

from neural_style_client.errors import PainterError
from neural_style_client.job_session import JobRequest
from neural_style_client.translations import tr
from run import records


class LayerResult:
    """What one layer has brought so far: `live` is on the canvas, `kept` are (layer, iteration) of kept frames, `parts`
    the layers of its `regions`, where it is to become a group of these."""

    def __init__(self, source):
        self.source = source
        self.live = None
        self.shown = False
        self.kept = []
        self.regions, self.parts = [], []
        self.iteration = self.seed = self.last_event = 0
        self.job = ""
        self.done = False

    def earlier_job(self, iteration):
        """For the parasite of its layer, so that it can go on."""
        return records.EarlierJob(self.job, self.last_event, iteration, self.seed, tuple(self.source.box))


def job_request(body, picture, init=None, marked=()):
    """What is sent for a layer's picture; `init` is that of the layer to start from, `marked` are its regions."""
    if not picture.has_paint():
        raise PainterError(tr("The layer is empty. Paint or paste something into it, then try again."))
    if init is None and body["method"].get("start") == "image":
        raise PainterError(tr("Choose the layer to start from, or another start image."))
    return JobRequest(body, picture.pixels(), picture.mask(), init and init.pixels(), marked)
