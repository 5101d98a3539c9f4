from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reactor_host import get_logger
from reactor_host.log import LogFormat, on_behalf_of, start_logging
from reactor_host.model_thread import ModelThread


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines_of(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str], say: Callable[[logging.Logger], None]
) -> list[str]:
    start_logging("debug", log_format)
    say(get_logger("mine"))
    return capsys.readouterr().err.splitlines()


class Stubborn:
    def __str__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ({"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
        (Path("/tmp"), "/tmp"),
        (np.float32(1.5), "1.5"),
        (float("nan"), "nan"),
        ("x" * 2000, '"' + "x" * 999),
        (Stubborn(), "<Stubborn: ValueError>"),
    ],
)
def test_extra_fields_are_json(value: Any, expected: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines_of("json", capsys, lambda log: log.warning("odd", extra={"found": value}))
    record = json.loads(line)
    assert record["fields"] == {"found": expected}
    assert (record["level"], record["level_number"], record["name"]) == ("warning", 30, "mine")


def test_a_record_without_extra_has_no_fields(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines_of("json", capsys, lambda log: log.log(25, "said %s", "so"))
    assert json.loads(line).keys() == {"time", "level", "level_number", "name", "msg"}


def test_at_most_32_fields(capsys: pytest.CaptureFixture[str]) -> None:
    many = {f"f{number}": number for number in range(40)}
    (line,) = lines_of("json", capsys, lambda log: log.info("many", extra=many))
    assert len(json.loads(line)["fields"]) == 32


def test_a_line_for_people_ends_with_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of("line", capsys, lambda log: log.info("step", extra={"step": 3}))
    assert lines == ['INFO mine: step {"step": 3}']


def test_what_is_said_on_behalf_of_a_client_is_told_with_it_in_the_models_thread_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def say(log: logging.Logger) -> None:
        thread = ModelThread()
        with on_behalf_of("c11e47", 7):
            log.info("here")
            await thread.call(lambda: log.info("there"))
        with on_behalf_of("c11e47"):
            log.info("came")
        await thread.call(lambda: log.info("nobody"))

    lines = lines_of("json", capsys, lambda log: asyncio.run(say(log)))
    told = [(each["msg"], each.get("client"), each.get("request")) for each in map(json.loads, lines)]
    assert told == [
        ("here", "c11e47", 7),
        ("there", "c11e47", 7),
        ("came", "c11e47", None),
        ("nobody", None, None),
    ]
