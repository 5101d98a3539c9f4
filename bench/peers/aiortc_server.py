"""aiortc as its own examples use it: POST /whep answers an offer with one video track of the bench's picture."""

import asyncio
import fractions
import os
from typing import Any

from aiohttp import web
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from av import VideoFrame
from picture import PacedPicture

CLOCK_HZ = 90_000


class PictureTrack(VideoStreamTrack):
    """One for each viewer, as aiortc has it."""

    def __init__(self) -> None:
        super().__init__()
        self._source = PacedPicture.from_environment()
        self._pts = 0

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(self._source.wait_s)
        frame = VideoFrame.from_ndarray(self._source.draw_due(), format="rgb24")
        frame.pts, frame.time_base = self._pts, fractions.Fraction(1, CLOCK_HZ)
        self._pts += round(CLOCK_HZ / self._source.fps)
        return frame


connections: set[RTCPeerConnection] = set()


async def whep(request: web.Request) -> web.Response:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connections.add(connection)

    @connection.on("connectionstatechange")
    async def changed() -> None:
        if connection.connectionState in ("failed", "closed"):
            await connection.close()
            connections.discard(connection)

    connection.addTrack(PictureTrack())
    await connection.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    return web.Response(
        status=201,
        text=connection.localDescription.sdp,
        content_type="application/sdp",
        headers={"Location": "/whep/1"},
    )


async def close(_: Any) -> None:
    await asyncio.gather(*(connection.close() for connection in connections))


app = web.Application()
app.router.add_post("/whep", whep)
app.on_shutdown.append(close)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
