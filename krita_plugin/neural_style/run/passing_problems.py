"""What stands in the painter's way for now: said until that has passed, unless something else was said since."""

from typing import Any, Callable


class PassingProblem:
    """`view` has `show_problem(words)` and `withdraw_problem(words)`, which does nothing where others are shown."""

    def __init__(self, view: Any) -> None:
        self._view, self._words = view, ""

    def say(self, words: str) -> None:
        """With "" it has passed."""
        if words:
            self._view.show_problem(words)
        elif self._words:
            self._view.withdraw_problem(self._words)
        self._words = words


class Refusal(PassingProblem):
    """Why the painter could not have what they asked for. `asked()` tells what that would be now: where something else
    is chosen, it may well be possible."""

    def __init__(self, view: Any, asked: Callable[[], Any]) -> None:
        super().__init__(view)
        self._asked, self._refused = asked, None

    def say(self, words: str) -> None:
        super().say(words)
        self._refused = self._asked() if words else None

    def watch(self) -> None:
        """Called now and then."""
        if self._words and self._asked() != self._refused:
            self.say("")
