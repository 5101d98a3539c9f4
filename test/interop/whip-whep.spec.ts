import path from 'node:path';
import { projectRoot } from '../fixtures/engines.ts';
import { PageServer } from '../fixtures/page-server.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

// The WHEP client of npm's `whip-whep`, in a page of another origin: CORS, Link headers and trickle by PATCH are its own.
const clientPage = `<!doctype html><title>whip-whep</title><video id="video" autoplay muted playsinline></video>
<script type="module">
  import { WHEPClient } from '/whep.js';
  window.view = async (url) => {
    const video = document.querySelector('#video');
    const stream = new MediaStream();
    video.srcObject = stream;
    const pc = new RTCPeerConnection();
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    const tracks = [];
    pc.ontrack = (event) => { tracks.push({ kind: event.track.kind, streams: event.streams.map((each) => each.id) }); stream.addTrack(event.track); };
    const client = new WHEPClient();
    window.client = client;
    await client.view(pc, url);
    let frames = 0;
    await new Promise((done) => {
      const next = () => { frames += 1; if (frames >= 30) done(); else video.requestVideoFrameCallback(next); };
      video.requestVideoFrameCallback(next);
    });
    let audioBytes = 0;
    while (audioBytes === 0) {
      for (const each of (await pc.getStats()).values()) if (each.type === 'inbound-rtp' && each.kind === 'audio') audioBytes = each.bytesReceived;
      if (audioBytes === 0) await new Promise((done) => setTimeout(done, 50));
    }
    return { frames, width: video.videoWidth, height: video.videoHeight, tracks, resource: client.resourceURL.href };
  };
</script>`;

test('the whip-whep client plays picture and sound and leaves', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const server = await PageServer.start({
    '/': { html: clientPage },
    '/whep.js': path.join(projectRoot, 'node_modules/whip-whep/whep.js'),
  });
  try {
    await viewerPage.goto(server.url);
    await viewerPage.waitForFunction('window.view !== undefined');
    const seen = await viewerPage.evaluate(
      (url) => (window as unknown as { view(url: string): Promise<Record<string, unknown>> }).view(url),
      `${host.url}whep`,
    );
    expect(seen).toMatchObject({ frames: 30, width: 320, height: 240 });
    expect(seen.tracks).toContainEqual({ kind: 'video', streams: expect.arrayContaining(['main_video']) });
    expect(seen.tracks).toContainEqual({ kind: 'audio', streams: expect.arrayContaining(['main_audio']) });
    expect(new URL(String(seen.resource)).origin).toBe(new URL(host.url).origin);

    await viewerPage.evaluate('window.client.stop()');
    await waitUntil(
      'the viewer is gone from /health',
      async () => (await (await fetch(`${host.url}health`)).json()) as { viewers: number },
      (health) => health.viewers === 0,
    );
  } finally {
    await server.stop();
  }
});
