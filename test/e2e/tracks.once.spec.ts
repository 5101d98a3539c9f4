import { Party, statsWhere } from '../fixtures/party.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

// Four and two, and the encoders of paused tracks, on both engines: tracks.spec.ts.
for (const tracks of ['1+0', '0+1', '2+1']) {
  test(`${tracks}: each video and audio track plays under its own name, and there is no other`, async ({
    startHost,
    viewerPage,
  }) => {
    const host = await startHost({ model: 'test/models/tracks.py', env: { REACTOR_TEST_TRACKS: tracks } });
    const viewer = new PatternViewer(viewerPage);
    await viewer.open(host.url);
    await viewer.expectTracks(tracks);
  });
}

test('a track that the model never yields is harmless, beside others and alone', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({
    model: 'test/models/tracks.py',
    env: { REACTOR_TEST_TRACKS: '1+1', REACTOR_TEST_SILENT: '1' },
  });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(host.url);
  await viewer.expectTracks('1+1', ['silent_video', 'silent_audio']);
  await viewer.waitForPictures('picture_0', 200);
  // What has no pictures yet is no stalled stream.
  expect(await viewer.sessions()).toBe(1);
  await viewerPage.goto(`${host.url}?tracks=silent_video,silent_audio`);
  await viewer.staysConnected(5);
  expect(await viewer.sessions()).toBe(1);
});

test('the page pauses a track at a click, stays connected while nothing comes, and goes on at another', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const viewer = new PatternViewer(viewerPage);
  await viewer.open(`${host.url}?tracks=main_video`);
  await viewer.counter('main_video');
  await viewerPage.locator('[data-track=main_video]').hover();
  await viewerPage.getByRole('button', { name: 'Pause main video' }).click();
  await statsWhere(host.url, 'no encoder', (stats) => stats.shared_encoders?.length === 0);
  const paused = await viewer.counter('main_video');
  // Longer than a stalled stream is waited for.
  await viewer.staysConnected(5);
  expect(await viewer.counter('main_video')).toBe(paused);
  await viewerPage.getByRole('button', { name: 'Resume main video' }).click();
  await waitUntil(
    'the picture moves on',
    () => viewer.counter('main_video'),
    (counter) => counter > paused + 60,
  );
  expect(await viewer.sessions()).toBe(1);
});

test('what cannot be paused is told on the data channel', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const party = await Party.at(host.url, viewerPage);
  const id = await party.join({ whepUrl: `${host.url}whep`, query: 'tracks=main_video' });
  await party.send(id, { scope: 'runtime', data: { type: 'pause_track', data: { track: 'second_video' } } });
  const told = await waitUntil(
    'an error',
    () => party.messages(id),
    (all) => all.some(({ data }) => data.type === 'error'),
  );
  expect(told.find(({ data }) => data.type === 'error')?.data.data).toMatchObject({
    code: 'unknown-track',
    message: 'this session has no track second_video',
    hint: 'its tracks are: main_video',
  });
  await party.send(id, { scope: 'runtime', data: { type: 'pause_track', data: { track: 'main_video' } } });
  await waitUntil(
    'the state of the track',
    () => party.messages(id),
    (all) =>
      all.some(
        ({ data }) => data.type === 'track_state' && JSON.stringify(data.data).includes('"paused":true'),
      ),
  );
});
