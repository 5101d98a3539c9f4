"""`python -m reactor_host model.py[:Class] --host ws://HOST:PORT --secret SECRET`: runs a model against a host."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

import cv2
import msgspec

from . import __version__, messages
from .compat import stand_in
from .errors import EXIT_ENDED, EXIT_UNUSABLE, ReactorHostError, UsageError
from .loader import load_class
from .log import LogFormat, start_logging
from .model_spec import describe
from .report import print_error
from .runner import Runner
from .supervised import die_with_parent
from .transport import host_url

_LEVELS = ("debug", "info", "warning", "error")


def main(argv: list[str] | None = None) -> NoReturn:
    """Exit statuses: 0 ended, 1 the model crashed (starting again may help), 64 it cannot run like this."""
    options = _options(argv)
    log_format = _log_format()
    try:
        start_logging(options.log_level, log_format)
        if os.environ.get("REACTOR_HOST_SUPERVISED") == "1":
            die_with_parent()
        if options.compat:
            stand_in()
        if options.describe:
            _describe(options.model)
            sys.exit(EXIT_ENDED)
        status, is_busy = _run(options, log_format)
    except ReactorHostError as error:
        print_error(error, log_format)
        status, is_busy = EXIT_UNUSABLE, False
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    if is_busy:
        # The model's thread is in the middle of a step and cannot be interrupted; waiting for it could take for ever.
        os._exit(status)
    sys.exit(status)


def _run(options: argparse.Namespace, log_format: LogFormat) -> tuple[int, bool]:
    url = host_url(_needed(options.host, "--host", "REACTOR_HOST_URL", "ws://127.0.0.1:8080"))
    secret = _needed(
        options.secret, "--secret", "REACTOR_HOST_SECRET", "the secret that the host was started with"
    )
    config_path = options.model_config
    if config_path is not None and not Path(config_path).is_file():
        raise UsageError(
            "config-not-found", f"there is no file {config_path}", "check the path given with --model-config"
        )
    # OpenCV takes every core by default. Half are left for the encoder, which runs at the same moment; a model may
    # set another number.
    cv2.setNumThreads(max(1, (os.cpu_count() or 1) // 2))
    spec = describe(load_class(options.model))

    async def run() -> tuple[int, bool]:
        path = Path(config_path) if config_path is not None else None
        runner = Runner(spec, url, secret, path, log_format, options.generate)
        return await runner.run(), runner.is_model_busy

    return asyncio.run(run())


def _describe(target: str) -> None:
    spec = describe(load_class(target))
    told = messages.Description(model=spec.name[:256], tracks=spec.tracks, interface=spec.interface.told)
    # One line, the last one: what the author's file printed stands before it.
    print(msgspec.json.encode(told).decode(), flush=True)


def _log_format() -> LogFormat:
    return "json" if os.environ.get("REACTOR_HOST_LOG_FORMAT") == "json" else "line"


def _needed(value: str | None, option: str, variable: str, example: str) -> str:
    if not value:
        raise UsageError(
            "missing-option", f"{option} is missing", f"give {option} or set {variable}: {example}"
        )
    return value


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reactor_host",
        description="Run a model and send its frames and sound to a reactor-host, on this machine or another.",
    )
    parser.add_argument("model", help="path of the model's file, or path.py:ClassName")
    parser.add_argument(
        "--host",
        default=os.environ.get("REACTOR_HOST_URL"),
        metavar="URL",
        help="where the host listens, ws://HOST:PORT (or set REACTOR_HOST_URL)",
    )
    parser.add_argument(
        "--secret",
        default=os.environ.get("REACTOR_HOST_SECRET"),
        help="the host's secret (better in REACTOR_HOST_SECRET: other users see command lines)",
    )
    parser.add_argument(
        "--model-config", metavar="FILE", help="a file for the model, passed to load(config_path)"
    )
    parser.add_argument(
        "--describe",
        action="store_true",
        help="print the model's tracks, commands and messages as JSON, and end",
    )
    parser.add_argument(
        "--compat",
        action="store_true",
        help="take the model's `from reactor_runtime import ...` for imports of reactor_host",
    )
    generate = os.environ.get("REACTOR_HOST_GENERATE") or "connected"
    parser.add_argument(
        "--generate",
        default=generate,
        choices=("connected", "always"),
        help="step while somebody is connected, or always (or set REACTOR_HOST_GENERATE); default: connected",
    )
    parser.add_argument("--log-level", default="info", choices=_LEVELS, help="default: info")
    parser.add_argument("--version", action="version", version=f"reactor_host {__version__}")
    parser.error = _usage_error  # type: ignore[method-assign]
    options = parser.parse_args(argv)
    if options.generate not in ("connected", "always"):
        parser.error(f"REACTOR_HOST_GENERATE: got {options.generate!r}, expected connected or always")
    return options


def _usage_error(message: str) -> NoReturn:
    # argparse's own status is 2; 64 tells the host that starting again cannot help.
    print_error(UsageError("usage", message, "python -m reactor_host --help"), _log_format())
    sys.exit(EXIT_UNUSABLE)


if __name__ == "__main__":
    main()
