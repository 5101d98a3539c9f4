import { colourIs } from '../fixtures/colour.ts';
import { SoundListener } from '../fixtures/sound-listener.ts';
import { expect, test } from '../fixtures/test.ts';

const TONE_HZ = 440;
const LOOK_S = 0.2;
const SILENCE = 1e-3;

test('output.flush cuts a sentence that was given at once: silence and a black picture', async ({
  startHost,
  viewerPage,
  soundPage,
}) => {
  const host = await startHost({ model: 'test/models/speech.py' });
  const command = async (name: string) => {
    const response = await fetch(new URL(`commands/${name}`, host.url), { method: 'POST' });
    expect(response.status, await response.text()).toBe(200);
  };
  await viewerPage.goto(host.url);
  const listener = await SoundListener.connect(soundPage, host.url, { audio: 1, video: 1 });
  // Viewers are there before it speaks: silence comes.
  await expect
    .poll(async () => (await listener.counters('main_audio')).packetsReceived, { timeout: 20_000 })
    .toBeGreaterThan(50);
  const began = listener.onsets('main_video', 'main_audio', 1);
  await command('speak');
  await colourIs(viewerPage, [0.5, 0.5], [235, 235, 235]);
  await began;
  await command('stop');
  await colourIs(viewerPage, [0.5, 0.5], [0, 0, 0]);
  let heardS = 0;
  while ((await listener.loudest('main_audio', LOOK_S)) > SILENCE) heardS += LOOK_S;
  test.info().annotations.push({ type: 'measured', description: `${heardS.toFixed(1)} s of sound after it` });
  // Two seconds would wait in the encoder page, and four more in Python.
  expect(heardS).toBeLessThan(1);

  // It speaks again, as if nothing had been.
  const again = listener.listen('main_audio', [TONE_HZ], 4);
  await command('speak');
  await colourIs(viewerPage, [0.5, 0.5], [235, 235, 235]);
  const [whole] = (await again).channels;
  expect(whole?.gapMs, JSON.stringify(whole)).toBe(0);
});
