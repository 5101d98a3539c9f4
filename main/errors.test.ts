import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_CODES, HostError, toHostError } from './errors.ts';

test('docs/errors.md has a section for every code, and for no other of the host', () => {
  const text = readFileSync(path.join(__dirname, '../docs/errors.md'), 'utf8');
  const host = text.slice(
    text.indexOf('## Host'),
    text.includes('\n## Model') ? text.indexOf('\n## Model') : undefined,
  );
  const documented = [...host.matchAll(/^### `([\w-]+)`$/gm)].map(([, code]) => code);
  expect(documented.sort()).toEqual(Object.keys(ERROR_CODES).sort());
});

test('anything thrown becomes an error with code and hint', () => {
  const known = new HostError('not-found', 'a', 'b');
  expect(toHostError(known)).toBe(known);
  const cause = new TypeError('x is undefined');
  expect(toHostError(cause)).toMatchObject({ code: 'host-failed', message: 'x is undefined', cause });
  expect(toHostError('text').info).toEqual({
    code: 'host-failed',
    message: 'text',
    hint: expect.any(String),
  });
});
