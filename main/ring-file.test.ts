import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

test('what a host left that was killed together with its guardian is removed by the next; what is in use, or nobody knows of, stays', () => {
  ringFile = RingFile.make();
  const { path } = ringFile.ring;
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const left = path.replace(`-${process.pid}-`, `-${gone}-`);
  const elsewhere = left.replace(/reactor-host-\d+-/, 'reactor-host-1-');
  expect(new Set([path, left, elsewhere]).size).toBe(3);
  for (const file of [left, elsewhere]) writeFileSync(file, 'pictures');
  try {
    RingFile.make().remove();
    expect([path, left, elsewhere].map((file) => existsSync(file))).toEqual([true, false, true]);
  } finally {
    rmSync(elsewhere);
  }
});
