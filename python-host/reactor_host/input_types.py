"""Types of inputs that the viewer page has a control of its own for: colours and small files."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Color = Annotated[
    str,
    StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"),
    WithJsonSchema({"type": "string", "format": "color", "pattern": "^#[0-9a-fA-F]{6}$"}),
]
"""A colour as HTML writes it, `#rrggbb` (sRGB). `rgb_of` makes numbers of it."""


def rgb_of(color: str) -> tuple[int, int, int]:
    """`#rrggbb` as red, green and blue from 0 to 255, ready for a picture."""
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


class _Base64:
    """Bytes in Python, base64 (RFC 4648 section 4) in JSON. Limits of length count bytes."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = core_schema.no_info_before_validator_function(_decoded, handler(source))
        schema["serialization"] = core_schema.plain_serializer_function_ser_schema(
            lambda data: base64.b64encode(data).decode("ascii"), when_used="json"
        )
        return schema

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        told = {**handler(schema), "type": "string", "format": "base64", "contentEncoding": "base64"}
        for name in ("minLength", "maxLength"):
            if name in told:
                # Of the text: four letters for three bytes, padded.
                told[name] = -(-int(told[name]) // 3) * 4
        return told


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("base64", "Input should be base64") from None


File = Annotated[bytes, _Base64()]
"""A small file: `bytes` in Python, base64 in JSON. One message of a viewer carries about 190 KB of it."""
