import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findPageFile } from './page-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'page-file-test-'));
const token = 'c1e7b8f2-5a54-4b39-9f7e-0a3f6f1f2f10';
afterAll(() => rmSync(folder, { recursive: true }));

test('finds the file that holds the token and nothing else, however deep', () => {
  mkdirSync(path.join(folder, '000', 't', '00'), { recursive: true });
  writeFileSync(path.join(folder, '000', 'log'), `${token} and more`);
  writeFileSync(path.join(folder, '000', 't', '00', '00000000'), token.replace('c', 'd'));
  expect(findPageFile(folder, token)).toBeUndefined();
  const wanted = path.join(folder, '000', 't', '00', '00000001');
  writeFileSync(wanted, token);
  expect(findPageFile(folder, token)).toBe(wanted);
});
