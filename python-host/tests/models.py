"""Runs a model's file as a user does, in a process of its own, against a host of the test."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from host import LIMIT_S, SECRET, Host

TEST_MODELS = Path(__file__).parents[2] / "test" / "models"
EXAMPLES = Path(__file__).parents[1] / "examples"


class Model:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ended(self) -> tuple[int, str]:
        """Exit status and everything on stderr."""
        _, stderr = await asyncio.wait_for(self.process.communicate(), LIMIT_S)
        assert self.process.returncode is not None
        return self.process.returncode, stderr.decode()


@asynccontextmanager
async def running_model(
    target: Path | str, host: Host | None, *arguments: str, secret: str = SECRET, **environment: str
) -> AsyncIterator[Model]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "reactor_host",
        str(target),
        *arguments,
        env={
            **os.environ,
            "REACTOR_HOST_URL": host.url if host else "ws://127.0.0.1:9/host",
            "REACTOR_HOST_SECRET": secret,
            # Most tests are about what a model sends, and have no viewers.
            "REACTOR_HOST_GENERATE": "always",
            **environment,
        },
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Model(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
