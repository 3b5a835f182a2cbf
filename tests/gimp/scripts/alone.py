"""Runs in GIMP where no daemon can be had: the error, and an image that is as it was."""

import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside

image = inside.new_image(32, 32)
layer = inside.new_layer(image, (32, 32))
inside.write(layer, inside.picture(32, 32))
status, error, _ = inside.stylize(image, [layer])
inside.report(status=status, error=error, names=inside.names(image.get_layers()))
