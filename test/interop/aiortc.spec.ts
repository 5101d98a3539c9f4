import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot, venvPython } from '../fixtures/engines.ts';
import { expect, test } from '../fixtures/test.ts';

test('aiortc, a client without a browser, receives picture and sound', async ({ startHost }) => {
  const host = await startHost({ model: 'test/models/pattern.py' });
  const script = path.join(projectRoot, 'test/interop/aiortc_client.py');
  const { stdout } = await promisify(execFile)(venvPython, [script, `${host.url}whep`], { timeout: 70_000 });
  const seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(seen).toMatchObject({
    video_frames: 30,
    audio_frames: 30,
    width: 320,
    height: 240,
    sample_rate: 48_000,
    moving: 30,
  });
  // A picture with colours in it, not a grey or black field.
  expect(seen.deviation).toBeGreaterThan(20);
  expect(seen.location).toMatch(/^\/whep\/[\w-]+$/);
});
