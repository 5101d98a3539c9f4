"""A WHEP viewer without a browser: aiortc receives picture and sound and prints what came, as one JSON line.

PYTHONPATH=test/models python test/interop/aiortc_client.py http://127.0.0.1:8080/whep
"""

import asyncio
import json
import sys
import urllib.request
from typing import Any

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from pattern import read_back

FRAMES = 30


async def receive(track: MediaStreamTrack) -> list[Any]:
    frames: list[Any] = []
    while len(frames) < FRAMES:
        try:
            frames.append(await track.recv())
        except MediaStreamError:
            break
    return frames


async def main(url: str) -> None:
    peer = RTCPeerConnection()
    tracks: list[MediaStreamTrack] = []
    peer.on("track", tracks.append)
    peer.addTransceiver("video", direction="recvonly")
    peer.addTransceiver("audio", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())

    def post() -> tuple[str, str]:
        request = urllib.request.Request(
            url,
            data=peer.localDescription.sdp.encode(),
            headers={"content-type": "application/sdp"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read().decode(), response.headers["location"]

    answer, location = await asyncio.to_thread(post)
    await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    received = dict(
        zip([track.kind for track in tracks], await asyncio.gather(*map(receive, tracks)), strict=True)
    )
    last = received["video"][-1]
    pictures = [read_back(frame.to_ndarray(format="rgb24")) for frame in received["video"]]
    sound = received["audio"][-1]
    print(
        json.dumps(
            {
                "video_frames": len(received["video"]),
                "audio_frames": len(received["audio"]),
                "width": last.width,
                "height": last.height,
                # Read from the pixels: stamps go on for a picture that stands still as well.
                "counters": [counter for counter, _ in pictures],
                "patches": pictures[-1][1],
                "sample_rate": sound.sample_rate,
                "audio_peak": int(abs(sound.to_ndarray()).max()),
                "location": location,
            }
        )
    )
    await peer.close()


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 60))
