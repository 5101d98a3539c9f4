import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { RingFile } from './ring-file.ts';

let ringFile: RingFile | undefined;
afterEach(() => ringFile?.remove());

test('the file is empty, ours alone, and can be emptied without being replaced', () => {
  ringFile = RingFile.make();
  const { path } = ringFile.ring;
  const first = statSync(path);
  expect(first.size).toBe(0);
  if (process.platform !== 'win32') expect(first.mode & 0o777).toBe(0o600);
  writeFileSync(path, 'pictures');
  ringFile.clear();
  expect(readFileSync(path)).toHaveLength(0);
  expect(statSync(path).ino).toBe(first.ino);
  ringFile.remove();
  expect(existsSync(path)).toBe(false);
});
