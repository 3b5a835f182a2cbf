from . import extension

extension.register()
