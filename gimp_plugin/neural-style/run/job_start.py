"""How the job of a layer begins: a new one is sent, one that has ended goes on, or its result comes back.

Each has `begin(layer, session)`, a task for the LayerResult; `convert(pixels)` is called on the session's thread for
each picture, `check(result, pixels)` raises PainterError for one that cannot be written.
"""

from neural_style_client.errors import PainterError
from neural_style_client.job_session import JobRequest, going_on
from neural_style_client.masks import alpha_of
from neural_style_client.parameters import START_LAYER, job_body
from neural_style_client.region_layers import region_layers
from neural_style_client.regions import EACH, empty_ones
from neural_style_client.translations import tr
from run.layer_result import LayerResult, ReturnedResult


def job_request(body, picture, init=None, marked=()):
    """What is sent for a layer's picture; `init` is that of the layer to start from, `marked` are its regions."""
    if not picture.has_paint():
        raise PainterError(tr("The layer is empty. Paint or paste something into it, then try again."))
    if init is None and body["method"].get("start") == START_LAYER[0]:
        raise PainterError(tr("Choose the layer to start from, or another start image."))
    return JobRequest(body, picture.pixels(), picture.mask(), init and init.pixels(), marked)


class NewJob:
    """`init_layer` is the layer to start from, `init` a Picture to start from."""

    is_new = True

    def __init__(self, editor, image, parameters, client_name, is_live, init_layer=None, init=None):
        self._editor, self._image, self._parameters = editor, image, parameters
        self._client_name, self._is_live = client_name, is_live
        self._init_layer, self._init = init_layer, init

    def begin(self, layer, session):
        editor, image, chosen = self._editor, self._image, self._parameters
        if self._init is None and self._init_layer is not None:
            self._init = yield from editor.read_picture(image, self._init_layer)
        source = yield from editor.read_source(image, layer)
        marked = yield from editor.read_regions(image, source.place, chosen.regions)
        if empty_ones(marked):
            editor.tell(empty_ones(marked))
        body = job_body(chosen, self._client_name, live=self._is_live)
        if self._init is not None:
            body["method"]["start"] = START_LAYER[0]
        result = LayerResult(editor, image, source, chosen)

        def prepare():
            request = job_request(body, source.picture, self._init, marked)
            if chosen.region_result == EACH:
                result.regions = region_layers(marked, alpha_of(request.content))
            return request

        session.send(prepare)
        return result

    def convert(self, pixels):
        return pixels

    def check(self, result, pixels):
        pass


class MoreIterations:
    """From where an earlier job, of `records.EarlierJob`, ended."""

    is_new = False

    def __init__(self, editor, image, parameters, earlier, iterations):
        self._editor, self._image, self._parameters = editor, image, parameters
        self._earlier, self._iterations = earlier, iterations

    def begin(self, layer, session):
        earlier = self._earlier
        source = yield from self._editor.read_result(self._image, layer, earlier.box)
        result = LayerResult(self._editor, self._image, source, self._parameters)
        result.job, result.seed = earlier.job, earlier.seed
        session.follow(earlier.job, earlier.last_event, going_on(earlier.job, self._iterations))
        return result

    def convert(self, pixels):
        return pixels

    def check(self, result, pixels):
        if not result.fits(pixels):
            name = result.source.layer.get_name()
            raise PainterError(tr("“{}” has another size than when it was painted. Paint its layer anew.", name))


class ResultBack:
    """The result of an earlier job, as a new layer where it was, above whatever layer is chosen now."""

    is_new = False

    def __init__(self, editor, image, parameters, earlier):
        self._editor, self._image, self._parameters, self._earlier = editor, image, parameters, earlier
        self._marked, self._result = [], None

    def begin(self, layer, session):
        editor, earlier = self._editor, self._earlier
        source = editor.returned_source(self._image, layer, earlier.place)
        if tuple(source.canvas) != tuple(earlier.canvas):
            raise PainterError(
                tr("The image had another size when this was painted. Use its settings to paint it anew.")
            )
        if self._parameters.region_result == EACH:
            try:
                self._marked = yield from editor.read_regions(self._image, source.place, self._parameters.regions)
            except PainterError as problem:
                editor.tell("{} {}".format(problem, tr("So the result is one layer.")))
        self._result = ReturnedResult(editor, self._image, source, self._parameters)
        self._result.job, self._result.seed = earlier.job, earlier.seed
        session.follow(earlier.job, 0, self._ask)
        return self._result

    def _ask(self, client):
        """On the session's thread: what was selected then. Raises PainterError where there is no result."""
        job = going_on(self._earlier.job, 0)(client)
        if job["state"] in ("cancelled", "failed"):
            raise PainterError(
                tr("The daemon has no result of this painting, which was cancelled. Use its settings to paint it anew.")
            )
        mask = (job.get("request") or {}).get("mask")
        if mask:
            self._result.select(client.image(mask).data[::4])

    def convert(self, pixels):
        if self._marked:
            self._result.regions = region_layers(self._marked, alpha_of(pixels))
        return pixels

    def check(self, result, pixels):
        if not result.fits(pixels):
            raise PainterError(tr("The daemon has another picture under this name. Use its settings to paint it anew."))
