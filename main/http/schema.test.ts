import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { type CommandSpec, type ModelInterface, modelInterface } from '../../protocol/interaction.ts';
import { commandSchema, schemaDocument } from './schema.ts';

const SET_COLOUR: CommandSpec = {
  name: 'set_colour',
  description: 'Of the brush.\n\nAny of CSS.',
  parameters: {
    type: 'object',
    properties: {
      colour: { $ref: '#/$defs/Colour' },
      others: { type: 'array', items: { $ref: '#/$defs/Colour' } },
    },
    required: ['colour'],
    additionalProperties: false,
    $defs: { Colour: { enum: ['red', 'green'] } },
  },
  state_field: 'colour',
  bind: null,
};
const PAINTER: ModelInterface = modelInterface.parse({
  type: 'interface',
  description: 'A painter.',
  commands: [
    SET_COLOUR,
    {
      name: 'stroke',
      description: '',
      parameters: {
        type: 'object',
        properties: { from: { $ref: '#/$defs/Point' } },
        $defs: { Point: { type: 'object', properties: { x: { type: 'number', exclusiveMaximum: 1 } } } },
      },
      state_field: null,
      bind: 'pointer',
    },
  ],
  messages: [
    {
      name: 'painted',
      description: 'A stroke is done.',
      data: {
        type: 'object',
        properties: { at: { $ref: '#/$defs/Point' } },
        $defs: { Point: { type: 'string' } },
      },
    },
  ],
  state: { colour: 'red' },
});
const TRACKS = [
  { kind: 'video' as const, name: 'main_video', fps: 30, content: 'motion' as const, weight: 1 },
];

interface Document {
  paths: Record<string, { post: Record<string, unknown> }>;
  webhooks: Record<string, unknown>;
  components: { schemas: Record<string, object> };
}

test.each([
  ['with a token', PAINTER, true],
  ['without', PAINTER, false],
  ['of a model that can be asked nothing', { ...PAINTER, commands: [], messages: [] }, false],
  ['before a model has come', undefined, false],
])(
  'the document %s is OpenAPI 3.1, by the schema of the OpenAPI Initiative',
  async (_, known, needsToken) => {
    const document = schemaDocument({ name: 'Paint', tracks: TRACKS, interface: known, needsToken });
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document) as Record<string, unknown>)).toEqual({
      valid: true,
    });
    expect(validator.version).toBe('3.1');
  },
);

test('the validator would notice', async () => {
  const document = schemaDocument({ name: 'Paint', tracks: TRACKS, interface: PAINTER, needsToken: false });
  const { valid } = await new Validator().validate({ ...document, paths: { '/whep': { post: 'nothing' } } });
  expect(valid).toBe(false);
});

test('every reference leads to something, whoever has a definition of the same name', () => {
  const document = schemaDocument({ name: 'Paint', tracks: TRACKS, interface: PAINTER, needsToken: true });
  const { schemas } = (document as Document).components;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.map(([, name]) => name).filter((name) => !(String(name) in schemas))).toEqual([]);
  expect(JSON.stringify(document)).not.toContain('#/$defs');
  expect(schemas['command.stroke.Point']).toMatchObject({ type: 'object' });
  expect(schemas['message.painted.Point']).toMatchObject({ type: 'string' });
});

test('a command is a path whose parameters can be validated with it', () => {
  const document = schemaDocument({ name: 'Paint', tracks: TRACKS, interface: PAINTER, needsToken: false });
  const { paths, webhooks, components } = document as Document;
  expect(paths['/commands/set_colour']?.post).toMatchObject({
    operationId: 'set_colour',
    summary: 'Of the brush.',
    'x-state-field': 'colour',
    'x-bind': null,
    requestBody: { required: true },
  });
  expect(paths['/commands/stroke']?.post).toMatchObject({
    'x-bind': 'pointer',
    requestBody: { required: false },
  });
  expect(webhooks).toHaveProperty('painted');
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile({ ...components.schemas['command.set_colour'], components });
  expect(validate({ colour: 'red', others: ['green'] })).toBe(true);
  expect(validate({ colour: 'blue' })).toBe(false);
});

test('a command has a JSON Schema 2020-12 of its own', () => {
  const schema = commandSchema(SET_COLOUR);
  expect(schema).toMatchObject({ title: 'set_colour', description: SET_COLOUR.description });
  const validate = new Ajv2020().compile(schema);
  expect([validate({ colour: 'red' }), validate({ colour: 'blue' }), validate({})]).toEqual([
    true,
    false,
    false,
  ]);
});
