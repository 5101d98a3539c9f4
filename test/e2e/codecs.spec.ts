import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Party, statsWhere } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

test('the first of --codec that the viewer offers, or of ?codec= where the viewer asks', async ({
  startHost,
  viewerPage,
  pageErrors,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--codec', 'h265,av1,vp8'] });
  const party = await Party.at(host.url, viewerPage);
  const whepUrl = `${host.url}whep`;
  for (const [query, onlyCodecs, expected] of [
    ['', undefined, 'AV1'],
    ['', ['VP8', 'VP9'], 'VP8'],
    ['codec=vp9,vp8', undefined, 'VP9'],
    ['codec=h264,vp8', ['VP8', 'AV1'], 'VP8'],
  ] as const) {
    const id = await party.join({
      whepUrl,
      query: `tracks=main_video&${query}`,
      ...(onlyCodecs ? { onlyCodecs: [...onlyCodecs] } : {}),
    });
    await party.flows(id);
    expect((await party.received(id)).codec, `${query} ${onlyCodecs}`).toBe(expected);
    await party.leave(id);
  }
  pageErrors.allow(/status of 406/);
  // VP9 is what they have in common, and this host does not want it.
  await expect(party.join({ whepUrl, onlyCodecs: ['VP9'] })).rejects.toThrow(/406.*no-common-codec/);
});

test('H.264 in packetization mode 0 comes in slices that fit a packet, from an encoder of its own', async ({
  startHost,
  viewerPage,
  engine,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.offerOnly(['H264'], 'packetization-mode=0');
  await viewer.open(`${host.url}?tracks=main_video`);
  // Chromium 114's own encoder does not say BT.601 in the stream (docs/media.md).
  if (engine === 'chromium') await viewer.expectColours('main_video');
  await viewer.waitForPictures('main_video', 30);
  const { viewers } = await statsWhere(host.url, 'a sender', ({ viewers: [each] }) => {
    return each?.senders[0]?.encoder !== undefined;
  });
  expect(viewers[0]?.senders[0]).toMatchObject({
    codec: 'H264',
    encoder: 'native',
    encoder_reason: 'the viewer takes only slices that fit a packet (packetization-mode 0)',
  });
});

test('an encoder that fails in the middle of a stream is followed by the next codec, in the same session', async ({
  startHost,
  viewerPage,
}, testInfo) => {
  const grow = path.join(tmpdir(), `reactor-test-fail-${process.pid}-${testInfo.project.name}`);
  writeFileSync(grow, '');
  try {
    const host = await startHost({
      model: 'test/models/tiny_then_pattern.py',
      env: { REACTOR_TEST_GROW: grow },
    });
    const party = await Party.at(host.url, viewerPage);
    const id = await party.join({ whepUrl: `${host.url}whep`, query: 'codec=h264,vp8' });
    await party.flows(id);
    expect((await party.received(id)).codec).toBe('H264');
    // No H.264 encoder of any engine takes 8x8 pictures: WebCodecs refuses, Chromium's own fails.
    rmSync(grow);
    await waitUntil(
      'the tiny pictures, with VP8',
      () => party.received(id),
      ({ width, codec, pictures }) => width === 8 && codec === 'VP8' && pictures > 0,
    );
    await statsWhere(host.url, 'one VP8 encoder for all again', ({ viewers, shared_encoders: shared }) => {
      const sender = viewers[0]?.senders[0];
      return sender?.codec === 'VP8' && sender.encoder === 'shared' && shared?.[0]?.codec === 'vp8';
    });
    // H.264 could be encoded again, but this viewer's packets are VP8 now.
    writeFileSync(grow, '');
    const large = await waitUntil(
      'the large pictures',
      () => party.received(id),
      ({ width, height, pictures }) => width === 320 && height === 240 && pictures > 0,
    );
    await waitUntil(
      'they move',
      () => party.received(id),
      ({ counter }) => counter > large.counter + 30,
    );
    expect(await party.received(id)).toMatchObject({ codec: 'VP8', state: 'connected' });
    const { viewers } = await statsWhere(host.url, 'the viewer', () => true);
    expect(viewers.length).toBe(1);
  } finally {
    rmSync(grow, { force: true });
  }
});

/** What Chromium's software encoders are called, by its own statistics. */
const SOFTWARE: Record<string, string> = { VP9: 'libvpx', VP8: 'libvpx', H264: 'OpenH264', AV1: 'libaom' };

for (const encoder of ['shared', 'native'] as const) {
  test(`${encoder}: each viewer's track tells its encoder by name, whether it is hardware, and why not`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({ model: 'test/models/pattern.py', args: ['--encoder', encoder] });
    const party = await Party.at(host.url, viewerPage);
    for (const codec of Object.keys(SOFTWARE)) {
      await party.join({ whepUrl: `${host.url}whep`, query: `codec=${codec.toLowerCase()}` });
    }
    const { viewers } = await statsWhere(
      host.url,
      'all names',
      (stats) =>
        stats.viewers.length === 4 &&
        stats.viewers.every(({ senders: [each] }) => each?.implementation && each.width),
    );
    for (const { senders } of viewers) {
      const { codec, hardware, hardware_reason, implementation } = senders[0] as (typeof senders)[0];
      // Machines with a hardware encoder may well use it.
      if (hardware) continue;
      expect(implementation).toContain(SOFTWARE[codec]);
      expect(hardware_reason).toBe(
        `this engine has no hardware encoder for ${codec.toLowerCase()} at 320x240`,
      );
    }
  });
}

test('--hardware off forbids it, by switches of the engine and in what is asked of WebCodecs', async ({
  startHost,
  viewerPage,
}) => {
  test.skip(process.platform !== 'linux', 'looks at /proc');
  const host = await startHost({ model: 'test/models/pattern.py', args: ['--hardware', 'off'] });
  const party = await Party.at(host.url, viewerPage);
  const whepUrl = `${host.url}whep`;
  await party.join({ whepUrl, query: 'tracks=main_video' });
  const { viewers } = await statsWhere(host.url, 'a name', ({ viewers: [viewer] }) => {
    return Boolean(viewer?.senders[0]?.implementation);
  });
  expect(viewers[0]?.senders[0]).toMatchObject({
    hardware: false,
    hardware_reason: 'forbidden by --hardware off',
  });
  const commands = host.processes().map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  expect(commands.some((command) => command.includes('--disable-accelerated-video-encode'))).toBe(true);
  expect(commands.join()).not.toContain('enable-features=AcceleratedVideoEncoder');
});
