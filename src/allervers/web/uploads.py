"""A bound on what may be sent: files go to the page of deposits, from a signed-in account, and nowhere else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

ROOM = 1 << 20
"""Bytes of a request beside its file."""


class BoundedUploads(FileUploadHandler):
    """Refuses a request before reading it when it is longer than its page accepts."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 (Django's name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raises RequestDataTooBig."""
        del input_data, META, boundary, encoding
        request = self.request
        bound = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request is not None and request.path == "/imports/deposer/" and request.user.is_authenticated:
            bound = (settings.ALLERVERS.upload_megabytes << 20) + ROOM
        if content_length > bound:
            raise RequestDataTooBig("the request is longer than this page accepts")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass on to the next handler."""
        del start
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
        del file_size
