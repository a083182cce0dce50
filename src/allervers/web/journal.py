"""What the journal of the server must not hold: the links that open an account."""

from __future__ import annotations

import logging
import re

_TOKENS = re.compile(r"(/compte/(?:invitation|mot-de-passe/nouveau)/)[^/\s]+")


class WithoutTokens(logging.Filter):
    """Hides the token of an address, in the message as it will be written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through, without its tokens."""
        text = record.getMessage()
        hidden = _TOKENS.sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True
