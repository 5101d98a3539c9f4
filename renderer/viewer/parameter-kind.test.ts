import { describe, expect, test } from 'vitest';
import { kindOf, parametersOf } from './parameter-kind.ts';

describe('kindOf', () => {
  test.each([
    [
      'a number with limits',
      { type: 'number', minimum: 0, maximum: 4 },
      { kind: 'number', isInteger: false, min: 0, max: 4, step: 0.02 },
    ],
    [
      'limits that are not allowed themselves',
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      { kind: 'number', isInteger: false, min: 0.01, max: 0.99, step: 0.01 },
    ],
    [
      'integers between exclusive limits',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { kind: 'number', isInteger: true, min: 1, max: 9, step: 1 },
    ],
    [
      'a step of its own',
      { type: 'integer', minimum: 64, maximum: 1024, multipleOf: 64 },
      { kind: 'number', isInteger: true, min: 64, max: 1024, step: 64 },
    ],
    [
      'a tiny range',
      { type: 'number', minimum: 0, maximum: 0.003 },
      { kind: 'number', isInteger: false, min: 0, max: 0.003, step: 0.00002 },
    ],
    [
      'one limit only',
      { type: 'number', minimum: 0 },
      { kind: 'number', isInteger: false, min: 0, max: null, step: 0.01 },
    ],
    ['choices', { type: 'string', enum: ['fire', 'ice'] }, { kind: 'choice', values: ['fire', 'ice'] }],
    ['choices that are numbers', { enum: [1, 2, 4] }, { kind: 'choice', values: [1, 2, 4] }],
    ['the only value', { const: 'x' }, { kind: 'choice', values: ['x'] }],
    ['a boolean', { type: 'boolean' }, { kind: 'switch' }],
    ['a short text', { type: 'string', maxLength: 40 }, { kind: 'text', maxLength: 40, isLong: false }],
    ['a long text', { type: 'string', maxLength: 2000 }, { kind: 'text', maxLength: 2000, isLong: true }],
    ['a text without an end', { type: 'string' }, { kind: 'text', maxLength: null, isLong: true }],
    ['a colour', { type: 'string', format: 'color' }, { kind: 'colour' }],
    [
      'a file',
      { type: 'string', contentEncoding: 'base64', maxLength: 4000, contentMediaType: 'image/png' },
      { kind: 'file', maxBytes: 3000, accept: 'image/png' },
    ],
    [
      'a file of any size, as far as a message carries it',
      { type: 'string', contentEncoding: 'base64' },
      { kind: 'file', maxBytes: 193_536, accept: '' },
    ],
    ['a list', { type: 'array', items: { type: 'number' } }, { kind: 'json' }],
    ['anything', {}, { kind: 'json' }],
  ])('%s', (_, schema, expected) => {
    expect(kindOf(schema)).toEqual(expected);
  });
});

describe('parametersOf', () => {
  test('names, words, defaults, and what has to be given', () => {
    const schema = {
      type: 'object',
      required: ['text'],
      properties: {
        text: { type: 'string', maxLength: 10, description: 'What to say.' },
        brush_size: { title: 'Brush Size', type: 'integer', default: 3 },
        hue: { title: 'Colour of the sky', type: 'number' },
      },
    };
    expect(parametersOf(schema)).toMatchObject([
      { name: 'text', label: 'Text', description: 'What to say.', isRequired: true, defaultValue: undefined },
      { name: 'brush_size', label: 'Brush size', isRequired: false, defaultValue: 3 },
      { name: 'hue', label: 'Colour of the sky' },
    ]);
  });

  test('null beside a value, in each way of writing it', () => {
    const number = { type: 'number', minimum: 0, maximum: 1 };
    const parameters = parametersOf({
      properties: {
        any: { anyOf: [number, { type: 'null' }], default: null },
        one: { oneOf: [{ type: 'null' }, number] },
        types: { ...number, type: ['number', 'null'] },
        choice: { enum: ['a', null] },
        flag: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      },
    });
    expect(parameters.every(({ isNullable }) => isNullable)).toBe(true);
    const slider = { kind: 'number', min: 0, max: 1 };
    expect(parameters).toMatchObject([
      { kind: slider, defaultValue: null },
      { kind: slider },
      { kind: slider },
      { kind: { kind: 'choice', values: ['a'] } },
      { kind: { kind: 'choice', values: [true, false] } },
    ]);
  });

  test('references, into the schema itself and into the document; the nearer words win', () => {
    const root = { components: { schemas: { Element: { enum: ['fire', 'ice'], description: 'far' } } } };
    const parameters = parametersOf(
      {
        $defs: { Size: { type: 'integer', minimum: 1, maximum: 9 } },
        properties: {
          size: { $ref: '#/$defs/Size', default: 2 },
          element: { allOf: [{ $ref: '#/components/schemas/Element' }], description: 'near' },
          lost: { $ref: '#/$defs/Nowhere' },
        },
      },
      root,
    );
    expect(parameters).toMatchObject([
      { kind: { kind: 'number', min: 1, max: 9 }, defaultValue: 2 },
      { kind: { kind: 'choice', values: ['fire', 'ice'] }, description: 'near' },
      { kind: { kind: 'json' } },
    ]);
  });

  test('references in a circle end', () => {
    const schema = { $defs: { A: { $ref: '#/$defs/A' } }, properties: { a: { $ref: '#/$defs/A' } } };
    expect(parametersOf(schema)).toMatchObject([{ kind: { kind: 'json' } }]);
  });

  test('two types at once are written as JSON', () => {
    const schema = { properties: { a: { anyOf: [{ type: 'string' }, { type: 'number' }] } } };
    expect(parametersOf(schema)).toMatchObject([{ kind: { kind: 'json' }, isNullable: false }]);
  });
});
