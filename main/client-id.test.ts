import { expect, test } from 'vitest';
import { HTTP_CLIENT_ID, publicClientId, readClient } from './client-id.ts';

test('a client is known by the same short id each time, and nobody can tell its key from it', () => {
  const id = publicClientId('0123456789abcdef');
  expect(id).toMatch(/^[0-9a-f]{8}$/);
  expect(publicClientId('0123456789abcdef')).toBe(id);
  expect(publicClientId('0123456789abcdeg')).not.toBe(id);
  expect(id).not.toBe(HTTP_CLIENT_ID);
});

test.each(['', 'short', 'x'.repeat(65), '0123456789abcde ', '0123456789abcdeé'])('%j is no key', (key) => {
  expect(() => readClient(key)).toThrow(expect.objectContaining({ code: 'bad-client' }));
});

test('what crypto.randomUUID() makes is one', () => {
  expect(readClient(crypto.randomUUID())).toHaveLength(36);
});
