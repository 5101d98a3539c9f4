import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { eachLine } from './line-splitter.ts';

function linesOf(chunks: Buffer[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return new Promise((resolve) => stream.on('end', () => setImmediate(() => resolve(lines))));
}

test.each([
  ['whole lines', ['a\nb\n'], ['a', 'b']],
  ['a line in pieces', ['hel', 'lo\nwor', 'ld'], ['hello', 'world']],
  ['Windows ends, also between pieces', ['a\r', '\nb\r\n'], ['a', 'b']],
  ['a progress bar', ['1%\r2%\r3%\n'], ['1%', '2%', '3%']],
  ['an empty line', ['a\n\nb\n'], ['a', '', 'b']],
])('%s', async (_, chunks, expected) => {
  expect(await linesOf(chunks.map((each) => Buffer.from(each)))).toEqual(expected);
});

test('a letter of two bytes may come in two pieces', async () => {
  const bytes = Buffer.from('ü\n');
  expect(await linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['ü']);
});
