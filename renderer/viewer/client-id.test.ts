import { expect, test } from 'vitest';
import { ClientId, type ClientStore } from './client-id.ts';

function tab(values = new Map<string, string>()): ClientStore & { duplicate(): ReturnType<typeof tab> } {
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
    duplicate: () => tab(new Map(values)),
  };
}

let next = 0;
const random = (bytes: Uint8Array) => {
  next += 1;
  bytes.fill(next);
};

test('a reload keeps the id, as the host wants it', () => {
  const store = tab();
  const first = new ClientId(store, random);
  expect(first.value).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  first.leave();
  expect(new ClientId(store, random).value).toBe(first.value);
});

test('a duplicated tab is another client, also after both reload', () => {
  const store = tab();
  const first = new ClientId(store, random);
  const copy = store.duplicate();
  const second = new ClientId(copy, random);
  expect(second.value).not.toBe(first.value);
  first.leave();
  second.leave();
  expect(new ClientId(store, random).value).toBe(first.value);
  expect(new ClientId(copy, random).value).toBe(second.value);
});

test('what is no id is not sent to the host', () => {
  const store = tab(new Map([['reactor-client', 'a/../b']]));
  expect(new ClientId(store, random).value).toMatch(/^[0-9a-f]{32}$/);
});

test('without a store there is an id all the same', () => {
  const id = new ClientId(undefined, random);
  id.leave();
  expect(id.value).toHaveLength(32);
});
