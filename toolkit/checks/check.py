"""What a check says, and the rule that it follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["problem", "passed", "not checked"]


@dataclass(frozen=True)
class Check:
    """The outcome of one check of an evaluation.

    Parameters
    ----------
    code : str
        The rule's code, such as `PB001`.
    title : str
        What the rule is about.
    state : {"problem", "passed", "not checked"}
        Whether something was found, nothing was found, or the check could not be made.
    found : str
        What was found, or why the check could not be made.
    why : str
        Why it matters.
    do : str
        What to do about it.
    """

    code: str
    title: str
    state: State
    found: str
    why: str
    do: str

    def to_dict(self) -> dict[str, Any]:
        """Convert the check to JSON.

        Returns
        -------
        dict
            The fields.
        """
        return asdict(self)


@dataclass(frozen=True)
class Rule:
    """A rule that evaluations are checked by.

    Parameters
    ----------
    code : str
        Its code.
    title : str
        What it is about.
    why : str
        Why it matters.
    do : str
        What to do about a problem.
    """

    code: str
    title: str
    why: str
    do: str

    def problem(self, found: str) -> Check:
        """Make the check that found something."""
        return Check(self.code, self.title, "problem", found, self.why, self.do)

    def passed(self, found: str) -> Check:
        """Make the check that found nothing; `found` says what was compared."""
        return Check(self.code, self.title, "passed", found, self.why, self.do)

    def not_checked(self, found: str) -> Check:
        """Make the check that could not be made; `found` says why."""
        return Check(self.code, self.title, "not checked", found, self.why, self.do)


def of_state(checks: Sequence[Check], state: State) -> list[Check]:
    """The checks of one state, in their order."""
    return [check for check in checks if check.state == state]
