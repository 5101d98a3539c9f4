import { expect, test } from 'vitest';
import { ModelOutput } from './model-output.ts';

test('each plain line gets the level it names; a traceback is an error to its last line', () => {
  const output = new ModelOutput();
  const lines: [string, string, string?][] = [
    ['hello', 'info'],
    ['DEBUG model: details', 'debug', 'model: details'],
    ['WARNING model: odd', 'warn', 'model: odd'],
    ['ERROR model: bad', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['  File "model.py", line 3, in generate', 'error'],
    ['    1 / 0', 'error'],
    ['ZeroDivisionError: division by zero', 'error'],
    ['error: something', 'error'],
    ['loading weights 10%', 'info'],
    ['INFOrmal', 'info'],
    ['{"prompt": "a cat"}', 'info'],
    ['{not JSON', 'info'],
  ];
  for (const [line, level, text = line] of lines) expect(output.read(line)).toEqual({ level, text });
});

test.each([
  [
    { level: 'warning', name: 'mine', msg: 'odd' },
    { level: 'warn', text: 'odd', logger: 'mine' },
  ],
  [
    { level: 'critical', level_number: 50, name: 'mine', msg: 'bad' },
    { level: 'error', text: 'bad', logger: 'mine' },
  ],
  [
    { level: 'level 25', level_number: 25, name: 'mine', msg: 'said' },
    { level: 'info', text: 'said', logger: 'mine' },
  ],
  [
    { level: 'trace', level_number: 5, name: 'mine', msg: 'said' },
    { level: 'debug', text: 'said', logger: 'mine' },
  ],
  [
    { level: 'info', level_number: 20, name: 'a.b', msg: 'step', fields: { step: 7, level: 'deep' } },
    { level: 'info', text: 'step', logger: 'a.b', fields: { step: 7, level: 'deep' } },
  ],
  [
    { level: 'info', name: 'mine', msg: 'a cat', client: 'c11e47', request: 7 },
    { level: 'info', text: 'a cat', logger: 'mine', client: 'c11e47', request: 7 },
  ],
  [
    { level: 'error', name: 'mine', msg: 'went wrong', traceback: 'Traceback ...\n  1 / 0\n' },
    { level: 'error', text: 'went wrong', logger: 'mine', traceback: 'Traceback ...\n  1 / 0\n' },
  ],
])('the record %j is %j', (record, expected) => {
  expect(new ModelOutput().read(JSON.stringify(record))).toEqual(expected);
});

test('an error of the model host is a report', () => {
  const line = { level: 'error', name: 'reactor_host', code: 'step-raised', msg: 'it raised', hint: 'look' };
  expect(new ModelOutput().read(JSON.stringify(line))).toEqual({
    level: 'error',
    text: 'it raised',
    report: { code: 'step-raised', message: 'it raised', hint: 'look' },
  });
  const traceback = 'Traceback (most recent call last):\n';
  expect(new ModelOutput().read(JSON.stringify({ ...line, traceback }))).toMatchObject({ traceback });
});
