import { expect, test } from 'vitest';
import { isBound, padKeys } from './bound-keys.ts';
import { commandsOf } from './model-schema.ts';

function keyboard(properties: object) {
  const schema = { type: 'object', properties };
  const post = { 'x-bind': 'keyboard', requestBody: { content: { 'application/json': { schema } } } };
  const [command] = commandsOf({ paths: { '/commands/key': { post } } });
  if (!command) throw new Error('no command');
  return command;
}

const any = keyboard({ key: { type: 'string' }, pressed: { type: 'boolean' } });
const someKeys = keyboard({ key: { enum: ['w', 'ArrowLeft', ' '] } });
const someCodes = keyboard({ code: { enum: ['KeyW', 'ArrowLeft', 'ShiftLeft', 'Digit1', 'Space'] } });

test.each([
  ['any key', any, 'q', 'KeyQ', true],
  ['Tab leaves the picture', any, 'Tab', 'Tab', false],
  ['Escape, too', any, 'Escape', 'Escape', false],
  ['the browser’s own', any, 'F5', 'F5', false],
  ['a listed key', someKeys, 'w', 'KeyW', true],
  ['another one', someKeys, 'q', 'KeyQ', false],
  ['a listed place', someCodes, 'W', 'KeyW', true],
  ['another place', someCodes, 'w', 'KeyZ', false],
] as const)('isBound: %s', (_, command, key, code, expected) => {
  expect(isBound(command, { key, code })).toBe(expected);
});

test('padKeys: those of the command, else the usual ones, each with its name and its place', () => {
  expect(padKeys(someKeys)).toEqual([
    { key: 'w', code: 'KeyW' },
    { key: 'ArrowLeft', code: 'ArrowLeft' },
    { key: ' ', code: 'Space' },
  ]);
  expect(padKeys(someCodes)).toEqual([
    { key: 'w', code: 'KeyW' },
    { key: 'ArrowLeft', code: 'ArrowLeft' },
    { key: 'Shift', code: 'ShiftLeft' },
    { key: '1', code: 'Digit1' },
    { key: ' ', code: 'Space' },
  ]);
  expect(padKeys(any).map(({ code }) => code)).toEqual(['KeyW', 'KeyA', 'KeyS', 'KeyD', 'Space']);
});
