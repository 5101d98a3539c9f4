import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot, venvPython } from '../fixtures/engines.ts';
import { expect, test } from '../fixtures/test.ts';
import { COLOURS, expectPatches } from '../fixtures/viewer.ts';

test('aiortc, a client without a browser, receives picture and sound', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const script = path.join(projectRoot, 'test/interop/aiortc_client.py');
  const { stdout } = await promisify(execFile)(venvPython, [script, `${host.url}whep`], {
    timeout: 70_000,
    env: { ...process.env, PYTHONPATH: path.join(projectRoot, 'test/models') },
  });
  const seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(seen).toMatchObject({
    video_frames: 30,
    audio_frames: 30,
    width: 320,
    height: 240,
    sample_rate: 48_000,
  });
  // Never back, and hardly ever the same again: only the first pictures of a viewer may be repeated.
  const counters: number[] = seen.counters;
  expect(counters).toEqual([...counters].sort((one, other) => one - other));
  expect(new Set(counters).size, `counters drawn: ${counters}`).toBeGreaterThan(20);
  expectPatches(seen.patches, COLOURS);
  // The model's tone has half of full scale.
  expect(seen.audio_peak / 32_768).toBeCloseTo(0.5, 1);
  expect(seen.location).toMatch(/^\/whep\/[\w-]+$/);
});
