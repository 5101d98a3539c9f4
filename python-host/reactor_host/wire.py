"""The layout of every message between our processes, as in `protocol/wire.ts`.

```
u32 little-endian  header length in bytes
header             one msgpack map, its "type" names the message
payload            the rest: picture or sound, empty for most messages
```

Source: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

import struct
from typing import Generic, TypeVar

import msgspec

from .errors import WireError
from .limits import MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES
from .messages import HostToModel, ModelToHost

_LENGTH = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()
_Message = TypeVar("_Message")

# Room for length and header in front of a picture, so that both are sent from one buffer without a copy. The longest
# video header is 14 keys of about 200 bytes, a name of 64 and eight numbers of at most 9 bytes: under 400.
HEADER_ROOM_BYTES = 512


def encode(header: ModelToHost, payload: bytes | bytearray | memoryview = b"") -> bytes:
    """Put a header and an optional payload into one message."""
    head = _encoder.encode(header)
    if len(head) > MAX_HEADER_BYTES:
        raise WireError(f"header of {len(head)} bytes, at most {MAX_HEADER_BYTES} allowed")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError(f"payload of {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} allowed")
    return b"".join((_LENGTH.pack(len(head)), head, payload))


def encode_before(header: ModelToHost, buffer: bytearray, payload_end: int) -> memoryview:
    """Write length and header so that they end where the payload begins, at `HEADER_ROOM_BYTES` of `buffer`."""
    head = _encoder.encode(header)
    start = HEADER_ROOM_BYTES - len(head) - _LENGTH.size
    if start < 0:
        raise WireError(f"header of {len(head)} bytes, at most {HEADER_ROOM_BYTES - _LENGTH.size} expected")
    _LENGTH.pack_into(buffer, start, len(head))
    buffer[start + _LENGTH.size : HEADER_ROOM_BYTES] = head
    return memoryview(buffer)[start:payload_end]


def split(message: bytes) -> tuple[memoryview, memoryview]:
    """Take a message apart into header and payload, both views. Raises WireError when it is cut short or too long."""
    if len(message) < _LENGTH.size:
        raise WireError(f"message of {len(message)} bytes has no header length")
    (header_bytes,) = _LENGTH.unpack_from(message)
    if header_bytes > MAX_HEADER_BYTES:
        raise WireError(f"header of {header_bytes} bytes, at most {MAX_HEADER_BYTES} allowed")
    payload_start = _LENGTH.size + header_bytes
    if len(message) < payload_start:
        raise WireError(f"header of {header_bytes} bytes, only {len(message) - _LENGTH.size} came")
    if len(message) - payload_start > MAX_PAYLOAD_BYTES:
        raise WireError(
            f"payload of {len(message) - payload_start} bytes, at most {MAX_PAYLOAD_BYTES} allowed"
        )
    view = memoryview(message)
    return view[_LENGTH.size : payload_start], view[payload_start:]


class _Decoder(Generic[_Message]):
    """Decodes and validates the messages of one direction."""

    def __init__(self, union: object) -> None:
        self._decoder: msgspec.msgpack.Decoder[_Message] = msgspec.msgpack.Decoder(union)

    def __call__(self, message: bytes) -> tuple[_Message, memoryview]:
        header, payload = split(message)
        try:
            return self._decoder.decode(header), payload
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(f"header is not valid: {error}") from error


decode_from_host: _Decoder[HostToModel] = _Decoder(HostToModel)
"""Raises WireError for anything that is not a `HostToModel` message; returns it with its payload."""

decode_from_model: _Decoder[ModelToHost] = _Decoder(ModelToHost)
"""The other direction: what a host would read. For tests and tools."""
