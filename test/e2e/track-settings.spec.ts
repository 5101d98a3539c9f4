import type { SenderStats } from '../../protocol/stats.ts';
import { Party, statsWhere } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

/**
 * One host for all of a test's viewers: two tracks that need more than the connection may take. The model runs before they come:
 * Chromium's own encoder makes the picture smaller for a low maximum only as long as it has encoded none (its initial frame
 * dropper; VP9 has no quality scaler). Of a model that starts with its viewer one in four is encoded before its rate is known.
 */
const ARGS = [
  ...['--max-bitrate-bps', '1000000', '--start-bitrate-bps', '900000', '--codec', 'vp9'],
  ...['--generate', 'always'],
];

const targetOf = (senders: readonly SenderStats[], name: string) =>
  senders.find((sender) => sender.name === name)?.target_bitrate_bps ?? 0;

for (const encoder of ['shared', 'native'] as const) {
  test(`${encoder}: a track keeps to its own maximum; motion gives up size for it, detail gives up pictures`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({
      model: 'test/models/track_settings.py',
      args: [...ARGS, '--encoder', encoder],
    });
    const party = await Party.at(host.url, viewerPage);
    const whepUrl = `${host.url}whep`;
    const motion = await party.join({ whepUrl, query: 'tracks=motion' });
    const detail = await party.join({ whepUrl, query: 'tracks=detail' });
    await waitUntil(
      'motion is smaller than drawn',
      () => party.received(motion),
      ({ width, pictures }) => width > 0 && width < 640 && pictures > 5,
    );
    const { viewers } = await statsWhere(host.url, 'both are encoded', ({ viewers: all }) => {
      const senders = all.flatMap((viewer) => viewer.senders);
      return senders.length === 2 && senders.every(({ fps }) => (fps ?? 0) > 2);
    });
    const senders = viewers.flatMap((viewer) => viewer.senders);
    for (const name of ['motion', 'detail']) {
      expect(targetOf(senders, name), name).toBeGreaterThan(40_000);
      expect(targetOf(senders, name), name).toBeLessThanOrEqual(120_000);
    }
    // Of the same time, so that a machine that stumbles does for both.
    await Promise.all([party.received(motion), party.received(detail)]);
    await party.flows(motion, 60);
    const read = await party.received(detail);
    expect([read.width, read.height]).toEqual([640, 360]);
    if (encoder === 'shared') expect(read.pictures).toBeLessThan(0.7 * 60);
    expect(read.pictures).toBeGreaterThan(0);
  });
}

// Chromium's own allocation knows four priorities, each twice the one before, and serves the minima first.
for (const [encoder, least, most] of [
  ['shared', 3.2, 4.8],
  ['native', 1.4, 4.8],
] as const) {
  test(`${encoder}: tracks of one size share a link that is too narrow for both by their weights`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({
      model: 'test/models/track_settings.py',
      args: [...ARGS, '--encoder', encoder],
    });
    const party = await Party.at(host.url, viewerPage);
    await party.join({
      whepUrl: `${host.url}whep`,
      query: 'tracks=heavy,light',
      kinds: ['video', 'video'],
    });
    // Shared: 4 to 1 of the 880 kbps that are left of 1 Mbps for pictures; the estimate itself moves a little.
    await statsWhere(host.url, 'more for the heavier', ({ viewers: [viewer] }) => {
      const [heavy, light] = ['heavy', 'light'].map((name) => targetOf(viewer?.senders ?? [], name));
      const ratio = (heavy ?? 0) / (light ?? 1);
      return ratio > least && ratio < most && (light ?? 0) < 400_000 && (heavy ?? 0) < 1_000_000;
    });
  });
}
