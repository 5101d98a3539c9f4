import { Party } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { frequencyHz, unevenPlaces } from '../fixtures/tone.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

test('a viewer decodes every track as the model drew it and hears its tones', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  // Through shared memory on both engines, each in its way: inline would look the same, and be slower.
  const connected = host.lines.filter(({ msg }) => msg === 'model connected');
  expect(connected.map(({ payloads }) => payloads)).toEqual(['ring']);
  for (const track of ['main_video', 'second_video']) {
    const first = await viewer.counter(track);
    await waitUntil(
      `${track} moves`,
      () => viewer.counter(track),
      (counter) => counter > first + 30,
    );
    await viewer.expectColours(track);
  }
  const [left, right] = await viewer.toneHz('main_audio');
  // The two are 220 Hz apart; the fraction of a percent is for what a jitter buffer stretches.
  expect(Math.abs(left - 440)).toBeLessThan(6);
  expect(Math.abs(right - 660)).toBeLessThan(6);
});

/** Between the epochs of NTP, by which capture times are told, and of Unix (RFC 5905 section 6). */
const NTP_EPOCH_MS = 2_208_988_800_000;

test('a viewer that offers abs-capture-time is told when each picture was captured', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  await Party.at(host.url, viewerPage);
  const receiver = await viewerPage.evaluateHandle(async () => {
    const connection = new RTCPeerConnection();
    const transceiver = connection.addTransceiver('video', { direction: 'recvonly' }) as RTCRtpTransceiver & {
      getHeaderExtensionsToNegotiate(): { uri: string; direction: RTCRtpTransceiverDirection }[];
      setHeaderExtensionsToNegotiate(extensions: object[]): void;
    };
    const extensions = transceiver.getHeaderExtensionsToNegotiate();
    transceiver.setHeaderExtensionsToNegotiate(
      extensions.map((each) =>
        each.uri.endsWith('abs-capture-time') ? { ...each, direction: 'sendrecv' } : each,
      ),
    );
    await connection.setLocalDescription(await connection.createOffer());
    const headers = { 'content-type': 'application/sdp' };
    const body = connection.localDescription?.sdp ?? '';
    const response = await fetch('/whep', { method: 'POST', headers, body });
    await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    return transceiver.receiver;
  });
  const agesMs = () =>
    receiver.evaluate((of) =>
      of
        .getSynchronizationSources()
        .map((source) => (source as { captureTimestamp?: number }).captureTimestamp)
        .filter((captureMs) => captureMs !== undefined)
        .map((captureMs) => [Date.now(), captureMs] as const),
    );
  const [[nowMs, captureMs] = [0, 0]] = await waitUntil('a capture time', agesMs, (all) => all.length > 0);
  // Of this clock, and of the past: the loosest that another epoch or a time since the start does not fulfil.
  const ageMs = nowMs + NTP_EPOCH_MS - captureMs;
  expect(ageMs).toBeGreaterThanOrEqual(0);
  expect(ageMs).toBeLessThan(60_000);
});

for (const codec of ['vp9', 'h264', 'vp8', 'av1']) {
  test(`${codec} is what a viewer decodes that offers nothing else, with the right picture at odd sizes too`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({ model: 'test/models/pattern.py' });
    const viewer = new PatternViewer(viewerPage);
    await viewer.offerOnly([codec]);
    await viewer.open(host.url);
    const first = await viewer.counter('main_video');
    await waitUntil(
      'pictures flow',
      () => viewer.counter('main_video'),
      (counter) => counter > first + 10,
    );
    expect((await viewer.codec('main_video')).toLowerCase()).toBe(codec);
    await viewer.expectColours('main_video');
    await viewer.expectColours('second_video');
    // Drawn at 161x121. H.264 cannot say odd sizes in 4:2:0 (7.4.2.1.1, CropUnitX): the last column and row come twice.
    const size = codec === 'h264' ? { width: 162, height: 122 } : { width: 161, height: 121 };
    expect(await viewer.picture('second_video')).toMatchObject(size);
    expect(await viewer.picture('main_video')).toMatchObject({ width: 320, height: 240 });
  });
}

test('sound that comes in bursts plays without a gap', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'test/models/burst.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.toneHz('main_audio');
  // What waited for encoder page and viewer at the start is shortened by design: so many seconds must pass without that.
  let since = { written: 0, dropped: -1 };
  await waitUntil(
    'the host has handed out 5 s of sound that it neither cut nor filled up',
    async () => {
      const { frames } = (await (await fetch(`${host.url}health`)).json()) as {
        frames: { main_audio: { encoder: { written: number; dropped: number } } };
      };
      const now = frames.main_audio.encoder;
      if (now.dropped !== since.dropped) since = now;
      return now.written - since.written;
    },
    (evenMs) => evenMs >= 5_000,
    40_000,
  );

  const bursts = 12;
  const recording = await viewer.record('main_audio', bursts / 2);
  if (!recording) throw new Error('the sound has ended');
  const { left, right, rateHz, concealments, concealedShare } = recording;
  for (const [samples, hz] of [
    [left, 440],
    [right, 660],
  ] as const) {
    expect(samples.length).toBeGreaterThanOrEqual((bursts / 2) * rateHz);
    expect(Math.abs(frequencyHz(samples, rateHz) - hz), `${hz} Hz`).toBeLessThan(3);
    // A crowded machine may stumble once or twice; a fault of the bursts shows at each of them.
    expect(unevenPlaces(samples, rateHz, hz), `uneven places of ${hz} Hz`).toBeLessThan(bursts / 4);
  }
  expect(concealments).toBeLessThan(bursts / 4);
  expect(concealedShare).toBeLessThan(0.01);
});

test('a viewer who comes late to an idle model gets its last picture', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'test/models/silent.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.expectColours('main_video');
});
