"""What every dialog for a layer begins with: the layer in front, or what is in the way."""

from ..document import open_documents
from ..neural_style_client.translations import tr


def show_for_layer(docker, dialog):
    """Show `dialog(docker, document, node)` for the layer in front; the docker says what is in the way."""
    document = open_documents.current()
    node = document.activeNode() if document is not None else None
    if docker.controller.is_running:
        docker.controller.refuse(tr("Something is being painted. Wait for it, or cancel it first."))
    elif node is None:
        docker.controller.refuse(tr("No picture is open. Open one and choose a layer."))
    else:
        dialog(docker, document, node).show()
