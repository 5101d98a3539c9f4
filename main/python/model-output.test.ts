import { expect, test } from 'vitest';
import { ModelOutput } from './model-output.ts';

test('each line gets the level it names; a traceback is an error to its last line', () => {
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
    ['error: Model.generate raised ZeroDivisionError', 'error'],
    ['  hint: the traceback shows the line  [step-raised]', 'error'],
    ['loading weights 10%', 'info'],
    ['INFOrmal', 'info'],
  ];
  for (const [line, level, text = line] of lines) expect(output.read(line)).toEqual({ level, text });
});
