import { expect, test } from 'vitest';
import { didYouMean, suggest } from './suggest.ts';

const known = ['port', 'host', 'engine', 'log-level', 'token'];

test.each([
  ['prot', 'port'],
  ['ports', 'port'],
  ['loglevel', 'log-level'],
  ['enigne', 'engine'],
  ['Token', 'token'],
  ['tokn', 'token'],
  ['frobnicate', undefined],
  ['x', undefined],
])('%s is meant as %s', (name, meant) => {
  expect(suggest(name, known)).toBe(meant);
});

test('nothing near says nothing', () => {
  expect(didYouMean('frobnicate', known)).toBe('');
  expect(didYouMean('prot', known)).toBe(', did you mean port?');
});
