import { expect, test } from 'vitest';
import { commandsOf } from './model-schema.ts';

const post = (schema: object, more: object = {}) => ({
  post: { requestBody: { content: { 'application/json': { schema } } }, ...more },
});

test('commandsOf: one for each path below /commands, in order', () => {
  const speed = { type: 'object', required: ['speed'], properties: { speed: { type: 'number' } } };
  const document = {
    openapi: '3.1.0',
    paths: {
      '/whep': { post: { summary: 'Begin to watch' } },
      '/commands/set_speed': post(speed, { description: 'How fast.', 'x-state-field': 'speed' }),
      '/commands/clear_canvas': { post: { 'x-bind': null } },
      '/commands/key': post({ properties: { key: { type: 'string' } } }, { 'x-bind': 'keyboard' }),
      '/commands/{name}': { post: {} },
    },
  };
  expect(commandsOf(document)).toMatchObject([
    {
      name: 'set_speed',
      label: 'Set speed',
      description: 'How fast.',
      stateField: 'speed',
      bind: null,
      parameters: [{ name: 'speed', isRequired: true }],
    },
    { name: 'clear_canvas', label: 'Clear canvas', stateField: null, bind: null, parameters: [] },
    { name: 'key', stateField: null, bind: 'keyboard', parameters: [{ name: 'key' }] },
  ]);
});

test('commandsOf: a way of binding that this page does not know is none', () => {
  expect(commandsOf({ paths: { '/commands/a': post({}, { 'x-bind': 'gamepad' }) } })).toMatchObject([
    { name: 'a', bind: null },
  ]);
});

test.each([{}, { paths: [] }, { paths: { '/commands/a': null } }, { paths: { '/commands/a': { get: {} } } }])(
  'commandsOf: nothing of what is no schema: %j',
  (document) => {
    expect(commandsOf(document)).toEqual([]);
  },
);
