"""What stands in the painter's way is said as long as it does."""

from __future__ import annotations

from neural_style.run.passing_problems import PassingProblem, Refusal


class View:
    def __init__(self) -> None:
        self.shown = ""

    def show_problem(self, words: str) -> None:
        self.shown = words

    def withdraw_problem(self, words: str) -> None:
        if self.shown == words:
            self.shown = ""


def test_it_is_said_until_it_has_passed() -> None:
    view = View()
    problem = PassingProblem(view)
    problem.say("The layer is locked.")
    assert view.shown == "The layer is locked."
    problem.say("")
    assert view.shown == ""


def test_what_was_said_since_stays() -> None:
    view = View()
    problem = PassingProblem(view)
    problem.say("The layer is locked.")
    view.show_problem("The picture was closed.")
    problem.say("")
    problem.say("")
    assert view.shown == "The picture was closed."


def test_a_refusal_stands_as_long_as_the_same_is_asked_for() -> None:
    view, asked = View(), ["start from another layer", "sky"]
    refusal = Refusal(view, lambda: tuple(asked))
    refusal.watch()
    refusal.say("Choose the layer to start from.")
    refusal.watch()
    assert view.shown == "Choose the layer to start from."
    asked[1] = "sea"
    refusal.watch()
    assert view.shown == ""


def test_a_refusal_does_not_come_back() -> None:
    view, asked = View(), ["sky"]
    refusal = Refusal(view, lambda: tuple(asked))
    refusal.say("The layer is empty.")
    asked[0] = "sea"
    refusal.watch()
    asked[0] = "sky"
    refusal.watch()
    assert view.shown == ""
