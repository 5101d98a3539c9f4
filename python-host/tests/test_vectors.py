"""The same vectors as `protocol/vectors.test.ts`: what one language writes, the other reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from reactor_host import messages, wire
from reactor_host.errors import WireError

_FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"
_FILES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.json"))]
# What this side reads and writes. The other two unions are between the host and its page.
_UNIONS: dict[str, Any] = {
    "modelToHost": (messages.ModelToHost, wire.decode_from_model),
    "hostToModel": (messages.HostToModel, wire.decode_from_host),
}
_CASES: list[tuple[str, dict[str, Any]]] = [
    (file["union"], case) for file in _FILES for case in file["cases"]
]
_GOOD = [each for each in _CASES if "value" in each[1]]
_BAD = [each for each in _CASES if "error" in each[1]]
_OUR_GOOD = [each for each in _GOOD if each[0] in _UNIONS]


def _title(value: Any) -> str:
    return str(value["name"]) if isinstance(value, dict) else str(value)


def test_there_are_vectors_of_all_unions() -> None:
    assert {file["union"] for file in _FILES} == {
        "modelToHost",
        "hostToModel",
        "encoderToHost",
        "hostToEncoder",
    }


@pytest.mark.parametrize(("union", "case"), _GOOD, ids=_title)
def test_layout(union: str, case: dict[str, Any]) -> None:
    header, payload = wire.split(bytes.fromhex(case["bytes"]))
    decoded = msgspec.msgpack.decode(header)
    # A field of a later version is skipped by who validates, not here.
    assert {key: decoded[key] for key in case["value"]} == case["value"]
    assert payload.hex() == case.get("payload", "")


@pytest.mark.parametrize(("union", "case"), _OUR_GOOD, ids=_title)
def test_decode(union: str, case: dict[str, Any]) -> None:
    message, payload = _UNIONS[union][1](bytes.fromhex(case["bytes"]))
    assert msgspec.to_builtins(message) == case["value"]
    assert payload.hex() == case.get("payload", "")


@pytest.mark.parametrize(("union", "case"), _OUR_GOOD, ids=_title)
def test_encode(union: str, case: dict[str, Any]) -> None:
    message = msgspec.convert(case["value"], _UNIONS[union][0])
    encoded = wire.encode(message, bytes.fromhex(case.get("payload", "")))
    assert _UNIONS[union][1](encoded)[0] == message
    if case["canonical"]:
        assert encoded.hex() == case["bytes"]


@pytest.mark.parametrize(("union", "case"), _BAD, ids=_title)
def test_refuse(union: str, case: dict[str, Any]) -> None:
    message = bytes.fromhex(case["bytes"])
    if union in _UNIONS:
        with pytest.raises(WireError):
            _UNIONS[union][1](message)
    elif case["error"] in ("cut", "header-limit"):
        with pytest.raises(WireError):
            wire.split(message)


@pytest.mark.parametrize("union", _UNIONS)
def test_each_message_has_a_vector(union: str) -> None:
    types = {each.__struct_config__.tag for each in _UNIONS[union][0].__args__}
    assert types == {case["value"]["type"] for of, case in _GOOD if of == union}


def test_a_header_in_front_of_a_picture_is_the_same_message() -> None:
    video = messages.Video(
        track="t" * 64,
        seq=2**53,
        capture_us=2**53,
        sent_us=2**53,
        format="i420",
        width=16382,
        height=2731,
        coded_width=16382,
        coded_height=2732,
        dropped=2**53,
        slot=None,
        bytes=6,
    )
    buffer = bytearray(wire.HEADER_ROOM_BYTES + 10)
    buffer[wire.HEADER_ROOM_BYTES :] = b"pixelsXXXX"
    assert bytes(wire.encode_before(video, buffer, wire.HEADER_ROOM_BYTES + 6)) == wire.encode(
        video, b"pixels"
    )


def test_deep_nesting_is_refused() -> None:
    # A field that is skipped must not overflow the stack.
    header = b"\x82\xa4type\xa7refresh\xa1x" + b"\x91" * 100_000 + b"\x00"
    with pytest.raises(WireError):
        wire.decode_from_host(len(header).to_bytes(4, "little") + header)
