import type { SenderStats } from '../../protocol/stats.ts';
import { Party, statsWhere } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

const FOUR_AND_TWO = { model: 'test/models/tracks.py', env: { REACTOR_TEST_TRACKS: '4+2' } };

test('4+2: each video and audio track plays under its own name', async ({ startHost, viewerPage }) => {
  const host = await startHost(FOUR_AND_TWO);
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.expectTracks('4+2');
});

test('the answer names each section before media flows, and ?tracks= takes some in the order asked for', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost(FOUR_AND_TWO);
  const party = await Party.at(host.url, viewerPage);
  const whepUrl = `${host.url}whep`;
  const all = await party.join({
    whepUrl,
    kinds: ['audio', 'video', 'video', 'audio', 'video', 'video', 'video'],
  });
  expect(await party.names(all)).toEqual([
    ...['sound_0', 'picture_0', 'picture_1', 'sound_1', 'picture_2', 'picture_3'],
    null,
  ]);
  const some = await party.join({
    whepUrl,
    query: 'tracks=picture_3,picture_1,sound_1',
    kinds: ['video', 'audio', 'video', 'audio'],
  });
  expect(await party.names(some)).toEqual(['picture_3', 'sound_1', 'picture_1', null]);
  for (const [id, name, width] of [
    [all, 'picture_2', 224],
    [some, 'picture_3', 256],
    [some, 'picture_1', 192],
  ] as const) {
    await waitUntil(
      `${name} has its own size`,
      () => party.received(id, name),
      (received) => received.width === width,
    );
  }
});

const senderOf = (senders: readonly SenderStats[] | undefined, name: string) =>
  senders?.find((sender) => sender.name === name);

for (const encoder of ['shared', 'native'] as const) {
  test(`${encoder}: nothing is encoded for a track that its viewers paused, and it goes on at a key frame`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({ model: 'test/models/pattern.py', args: ['--encoder', encoder] });
    const party = await Party.at(host.url, viewerPage);
    const join = () => party.join({ whepUrl: `${host.url}whep`, kinds: ['video', 'video', 'audio'] });
    const [one, other] = [await join(), await join()];
    const flows = (id: number, track: string) => party.flows(id, 15, track);
    for (const id of [one, other]) await flows(id, 'second_video');
    const ask = (type: 'pause_track' | 'resume_track', id: number, track: string) =>
      party.send(id, { scope: 'runtime', data: { type, data: { track } } });
    const encodersOf = (track: string) => (stats: Awaited<ReturnType<typeof statsWhere>>) =>
      (stats.shared_encoders ?? []).filter((each) => each.track === track);

    await ask('pause_track', one, 'second_video');
    await ask('pause_track', one, 'main_audio');
    await statsWhere(host.url, 'one has paused', ({ viewers }) =>
      viewers.some(({ senders }) => senderOf(senders, 'second_video')?.paused),
    );
    await flows(other, 'second_video');

    await ask('pause_track', other, 'second_video');
    const paused = await statsWhere(
      host.url,
      'both have paused',
      (stats) =>
        stats.viewers.filter(({ senders }) => senderOf(senders, 'second_video')?.paused).length === 2 &&
        encodersOf('second_video')(stats).length === 0,
    );
    await Promise.all([one, other].map((id) => party.received(id, 'second_video')));
    await flows(one, 'main_video');
    for (const id of [one, other]) expect((await party.received(id, 'second_video')).pictures).toBe(0);
    // Two rounds later the counters of what goes on have risen, the others stand.
    const mains = (stats: typeof paused) =>
      stats.viewers.map(({ senders }) => senderOf(senders, 'main_video')?.frames_encoded ?? 0);
    const later = await statsWhere(host.url, 'main_video goes on', (stats) =>
      mains(stats).every((count, at) => count > (mains(paused)[at] ?? 0) + 30),
    );
    const packets = (stats: typeof paused, name: string) =>
      stats.viewers.map(({ senders }) => senderOf(senders, name)?.packets_sent ?? null);
    expect(packets(later, 'second_video')).toEqual(packets(paused, 'second_video'));
    expect(packets(later, 'main_audio')[0]).toBe(packets(paused, 'main_audio')[0]);
    expect(packets(later, 'main_audio')[1]).toBeGreaterThan(packets(paused, 'main_audio')[1] ?? 0);

    await ask('resume_track', one, 'second_video');
    await flows(one, 'second_video');
    expect((await party.received(other, 'second_video')).pictures).toBe(0);
    const [main, second] = await Promise.all([
      party.received(one, 'main_video'),
      party.received(one, 'second_video'),
    ]);
    // The pictures of now, not those of before the pause.
    expect(Math.abs(main.counter - second.counter)).toBeLessThan(15);
    await ask('resume_track', one, 'main_audio');
    const before = await party.received(one, 'main_audio');
    await waitUntil(
      'sound again',
      () => party.received(one, 'main_audio'),
      ({ packets: now }) => now > before.packets + 25,
    );
  });
}
