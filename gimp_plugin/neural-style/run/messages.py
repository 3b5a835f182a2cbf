"""What a session says, taken on the plug-in's own thread."""

import queue

from neural_style_client.tasks import WAIT

LOOKS = 10


def next_message(messages, look):
    """The next (name, value) of a queue; (None, None) now and then. Calls `look` as long as it waits, so that buttons
    are looked at."""
    for _ in range(LOOKS):
        look()
        try:
            return messages.get_nowait()
        except queue.Empty:
            yield WAIT
    return None, None
