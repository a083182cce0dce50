"""The root of every expected problem. An error says what happened, in French, with data that hold no personal value."""

from __future__ import annotations

from typing import Any

EXIT_STATUS = {"usage": 2, "invalid_input": 3, "refused": 4, "not_found": 5, "unavailable": 6}
"""Code of an error -> exit status of the command line. Any other code exits with 1."""


HTTP_STATUS = {"invalid_input": 400, "refused": 403, "not_found": 404, "conflict": 409, "unavailable": 503}
"""Code of an error -> HTTP status of its page, and of its answer to a program. Any other code is 400."""


class AllerVersError(Exception):
    """An expected problem: a code (see EXIT_STATUS), a French message for the user, identifiers only as data."""

    code = "error"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data

    @property
    def exit_status(self) -> int:
        """Exit status that the command line gives for this error."""
        return EXIT_STATUS.get(self.code, 1)


class InvalidInput(AllerVersError):
    """What was given cannot be read or does not hold together."""

    code = "invalid_input"


class Refused(AllerVersError):
    """A rule (convention, purpose, security) forbids what was asked."""

    code = "refused"


class NotFound(AllerVersError):
    """What was named does not exist."""

    code = "not_found"


class Unavailable(AllerVersError):
    """Something that is needed is missing from this machine or this store."""

    code = "unavailable"


class Conflict(AllerVersError):
    """Someone else changed the same thing since it was shown: nothing is overwritten."""

    code = "conflict"
