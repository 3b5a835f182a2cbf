"""What the daemon's stable codes mean, in the painter's language; its own words are English.

`{code: (what happened, what to do next)}`. A code that is not here is told in the daemon's words.
"""

from typing import Dict, Tuple

from .translations import N_

_AGAIN = N_("Try again; if that does not help, run 'neural-style doctor' in a terminal.")
_RELOAD = N_("Reload the page.")
_SMALLER = N_("Choose a smaller size, or close other programs and try again.")
_CLUSTER = (N_("The cluster that paints cannot be used."), N_("Ask whoever runs the daemon."))

PROBLEMS: Dict[str, Tuple[str, str]] = {
    "cluster": _CLUSTER,
    "cluster_address": _CLUSTER,
    "cluster_insecure": _CLUSTER,
    "cluster_no_gpu": _CLUSTER,
    "cluster_no_room": _CLUSTER,
    "cluster_store": _CLUSTER,
    "cluster_token": _CLUSTER,
    "cluster_unreachable": _CLUSTER,
    "cluster_versions": _CLUSTER,
    "conflict": (N_("The job's state does not allow this."), N_("Wait a moment, then try again.")),
    "device": (N_("The graphics card cannot be used."), N_("Run 'neural-style doctor' in a terminal.")),
    "disk_full": (N_("The disk is full."), N_("Free some space on the disk, or delete old jobs, and try again.")),
    "disk_limit": (N_("The daemon has used the space that it may take."), N_("Delete old jobs, and try again.")),
    "diverged": (N_("The painting ran out of all bounds."), N_("Choose other weights, or the style's own.")),
    "does_not_fit": (N_("This does not fit into memory."), _SMALLER),
    "engine_failed": (N_("The painting failed."), _AGAIN),
    "forbidden": (N_("Only programs on this computer may use the daemon."), _AGAIN),
    "internal": (N_("The daemon met something that it did not expect."), _AGAIN),
    "invalid_image": (N_("The picture cannot be used."), N_("Choose a PNG, JPEG, WebP or TIFF picture.")),
    "invalid_method": (N_("A setting is out of its range."), N_("Take the style's own value.")),
    "invalid_preset": (N_("The style cannot be used."), N_("Choose another style.")),
    "invalid_request": (N_("The daemon cannot use what it was asked for."), N_("Change the settings, then try again.")),
    "invalid_settings": (N_("A setting of the daemon cannot be used."), N_("Correct the settings file.")),
    "name_taken": (N_("There is a style of that name already."), N_("Choose another name.")),
    "needed": (N_("Another job needs this one."), N_("Wait until that one is done.")),
    "needs_cluster": _CLUSTER,
    "needs_exr": (N_("OpenEXR pictures need the extra “exr”."), N_("Install neural-style-server[exr].")),
    "needs_heif": (N_("HEIC pictures need the extra “heif”."), N_("Install neural-style-server[heif].")),
    "needs_video": (N_("Moving pictures need the extra “video”."), N_("Install neural-style-server[video].")),
    "no_frame": (N_("That picture is not there (yet)."), N_("Wait a moment, then try again.")),
    "no_result": (N_("There is no result."), N_("Wait until the painting is done.")),
    "not_found": (N_("That is no longer there."), N_("It may have been deleted. Choose another.")),
    "not_kept": (N_("The daemon has not kept that frame."), N_("Paint from an earlier frame on.")),
    "other_size": (N_("All frames must have the same size."), N_("Scale it to that size.")),
    "out_of_memory": (N_("The memory does not suffice."), _SMALLER),
    "owner_only": (N_("Only who runs the daemon may do this."), N_("Ask whoever runs the daemon.")),
    "read_only": (N_("A style that came with the program cannot be changed."), N_("Save it as a style of your own.")),
    "storage": (N_("The disk cannot be written."), N_("Check the disk and its permissions, then try again.")),
    "token_revoked": (N_("Your token was revoked."), N_("Ask whoever runs the daemon for a new one.")),
    "too_large": (N_("The picture is too large."), N_("Choose a smaller size.")),
    "too_many": (N_("The daemon has too much to do."), N_("Wait until something has ended, then try again.")),
    "unauthorised": (N_("The daemon does not know this program."), _AGAIN),
    "unsupported_media_type": (N_("Files of this kind are not understood."), N_("Choose another one.")),
    "weights": (N_("The network's numbers are missing or damaged."), N_("Run 'neural-style doctor' in a terminal.")),
    "worker_died": (N_("The painting failed."), _SMALLER),
    "wrong_csrf_token": (N_("The page is out of date."), _RELOAD),
    "wrong_host": (N_("Only programs on this computer may use the daemon."), _RELOAD),
    "wrong_origin": (N_("Another site may not use the daemon."), _RELOAD),
}
