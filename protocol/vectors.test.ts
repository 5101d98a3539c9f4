import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encoderToHost, hostToEncoder } from './encoder.ts';
import { hostToModel, modelToHost } from './model.ts';
import { decodeMessage, encodeMessage, WireError } from './wire.ts';

const unions = { modelToHost, hostToModel, encoderToHost, hostToEncoder };

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const good = z.strictObject({
  name: z.string(),
  bytes: hex,
  value: z.record(z.string(), z.unknown()),
  payload: hex.optional(),
  canonical: z.boolean(),
});
const bad = z.strictObject({
  name: z.string(),
  bytes: hex,
  error: z.enum(['cut', 'header-limit', 'msgpack', 'not-a-map', 'schema']),
});
const vectorFile = z.strictObject({
  union: z.enum(['modelToHost', 'hostToModel', 'encoderToHost', 'hostToEncoder']),
  cases: z.array(z.union([good, bad])),
});

const folder = path.join(import.meta.dirname, 'vectors');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => vectorFile.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))));

// What decodeMessage says of each class of problem.
const wireMessages = {
  cut: /has no header length|only \d+ came/,
  'header-limit': /header of \d+ bytes, at most/,
  msgpack: /not msgpack/,
  'not-a-map': /not a map/,
};

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('each union has a file of vectors', () => {
  expect(files.map((file) => file.union).sort()).toEqual(Object.keys(unions).sort());
});

describe.each(files)('$union', ({ union, cases }) => {
  const schema = unions[union];
  const goodCases = cases.filter((each) => 'value' in each);
  const badCases = cases.filter((each) => 'error' in each);

  test('each message of the union has a vector', () => {
    const types = schema.options.map((option) => option.shape.type.value);
    const seen = new Set(goodCases.map((each) => each.value.type));
    expect(types.filter((type) => !seen.has(type))).toEqual([]);
  });

  test.each(goodCases)('decodes: $name', ({ bytes, value, payload }) => {
    const message = decodeMessage(bytesOf(bytes));
    expect(schema.parse(message.header)).toEqual(value);
    expect(hexOf(message.payload)).toBe(payload ?? '');
  });

  test.each(goodCases)('encodes: $name', ({ bytes, value, payload, canonical }) => {
    const encoded = encodeMessage(schema.parse(value), bytesOf(payload ?? ''));
    expect(schema.parse(decodeMessage(encoded).header)).toEqual(value);
    if (canonical) expect(hexOf(encoded)).toBe(bytes);
  });

  test.each(badCases)('refuses ($error): $name', ({ bytes, error }) => {
    const decode = () => decodeMessage(bytesOf(bytes));
    if (error === 'schema') {
      expect(schema.safeParse(decode().header).success).toBe(false);
      return;
    }
    expect(decode).toThrow(WireError);
    expect(decode).toThrow(wireMessages[error]);
  });
});
