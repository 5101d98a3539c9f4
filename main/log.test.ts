import { expect, test } from 'vitest';
import { forPeople } from './log.ts';

test.each([
  [{ msg: 'the model runs' }, 'the model runs'],
  [{ msg: 'it is wrong', code: 'bad-option', hint: '' }, 'it is wrong (bad-option)'],
  [
    {
      msg: 'it raised',
      code: 'step-raised',
      hint: 'look there',
      traceback: 'Traceback:\n  1 / 0\nZeroDivisionError\n',
    },
    'Traceback:\n  1 / 0\nZeroDivisionError\nit raised (step-raised)\n           hint: look there',
  ],
])('%j reads well', (line, text) => {
  expect(forPeople(line, 'msg')).toBe(text);
});
