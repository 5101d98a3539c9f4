import { colourIs } from '../fixtures/colour.ts';
import { SoundListener } from '../fixtures/sound-listener.ts';
import { expect, test } from '../fixtures/test.ts';

const TONE_HZ = 440;
/** Of the eight that the model gave. */
const HEARD_S = 4;

test('output.flush cuts a sentence that was given at once: silence without a click, and a black picture', async ({
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
  const heard = listener.listen('main_audio', [TONE_HZ], HEARD_S);
  // Viewers are there before it speaks: silence comes.
  await expect
    .poll(async () => (await listener.counters('main_audio')).packetsReceived, { timeout: 20_000 })
    .toBeGreaterThan(50);
  await command('speak');
  await colourIs(viewerPage, [0.5, 0.5], [235, 235, 235]);
  await expect
    .poll(async () => (await listener.counters('main_audio')).totalAudioEnergy, { timeout: 20_000 })
    .toBeGreaterThan(0.01);
  await command('stop');
  await colourIs(viewerPage, [0.5, 0.5], [0, 0, 0]);
  const [tone] = (await heard).channels;
  test.info().annotations.push({ type: 'measured', description: JSON.stringify(tone) });
  expect(tone?.gapMs).toBeGreaterThan(1000);
  expect(tone?.largestStep).toBeLessThan(1.3);

  // It speaks again, as if nothing had been.
  const again = listener.listen('main_audio', [TONE_HZ], HEARD_S);
  await command('speak');
  await colourIs(viewerPage, [0.5, 0.5], [235, 235, 235]);
  const [whole] = (await again).channels;
  expect(whole?.gapMs, JSON.stringify(whole)).toBe(0);
});
