"""What the buttons of a run's window ask, passed on to the session of its job."""


class Buttons:
    """Where the daemon was not reached the window says so, and its buttons are as before."""

    def __init__(self, view, session, progress):
        self._view, self._session, self._progress = view, session, progress
        self._is_paused = self._is_ending = False

    def pass_on(self):
        """Called now and then; the daemon may not have the job yet."""
        if not self._session.job:
            return
        if self._view.finished and not self._is_ending:
            self._is_ending = True
            self._session.finish()
            self._progress.state("stopping")
        if self._view.paused != self._is_paused:
            self._is_paused = self._view.paused
            (self._session.pause if self._is_paused else self._session.resume)()

    def failed(self, words):
        """The job goes on as it was."""
        self._progress.stop_failed()
        self._view.finished = self._is_ending = False
        self._view.paused = self._is_paused = self._progress.is_paused
        self._view.tell(words)
        self._view.show(self._progress)
