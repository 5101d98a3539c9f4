"""A track's pictures with something that is said of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from .errors import TrackError
from .limits import MAX_MODEL_MESSAGE_BYTES
from .messages import JsonObject, Message
from .output import ArrayData

Metadata = Mapping[str, Any] | bytes


@dataclass(frozen=True, eq=False)
class TrackPayload:
    """A value of a video track: `Frame(main_video=TrackPayload(picture, metadata={"seed": 3}))`.

    data: the picture or batch, as the track takes it without.
    metadata: a JSON object or bytes, or a list of as many as the batch has pictures. Viewers with a data channel get it as
        the message `track_metadata`, `{"track", "metadata": [...]}`, bytes as base64, when the first of the pictures leaves.
    """

    data: ArrayData
    metadata: Metadata | list[Metadata] | None = None

    def __array__(self) -> npt.NDArray[Any]:
        # For type checkers: it stands where a picture does.
        return np.asarray(self.data)


def metadata_message(track: str, metadata: Any, pictures: int) -> Message:
    """What viewers are told. Raises TrackError naming the track."""
    each = metadata if isinstance(metadata, list) else [metadata]
    if isinstance(metadata, list) and len(each) != pictures:
        raise TrackError(
            "bad-metadata",
            f"{track}: got metadata of {len(each)} pictures, expected of {pictures}",
            "give one for each picture of the batch, or one for all without a list",
        )
    data: JsonObject = {"track": track, "metadata": [_plain(track, one) for one in each]}
    try:
        size = len(msgspec.json.encode(data))
    except (TypeError, ValueError) as error:
        raise _wrong(track, f"metadata that is not JSON: {error}") from None
    if size > MAX_MODEL_MESSAGE_BYTES:
        raise _wrong(track, f"{size} bytes of metadata")
    return Message(client_id=None, name="track_metadata", data=data)


def _plain(track: str, metadata: Any) -> Any:
    if isinstance(metadata, bytes):
        return base64.b64encode(metadata).decode("ascii")
    if isinstance(metadata, Mapping):
        return dict(metadata)
    raise _wrong(track, f"metadata {type(metadata).__name__}")


def _wrong(track: str, got: str) -> TrackError:
    return TrackError(
        "bad-metadata",
        f"{track}: got {got}, expected a JSON object or bytes, at most {MAX_MODEL_MESSAGE_BYTES} bytes of JSON",
        "numbers, text, lists and maps are JSON; an array is made one by .tolist()",
    )
