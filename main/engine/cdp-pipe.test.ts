import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { CdpPipe } from './cdp-pipe.ts';

function pair() {
  const input = new PassThrough();
  const output = new PassThrough();
  return { pipe: new CdpPipe(input, output), input, output };
}

test('a command resolves with the result of its own id, however the bytes are cut', async () => {
  const { pipe, input, output } = pair();
  const first = pipe.command('A');
  const second = pipe.command('B', { x: 1 });
  expect(String(input.read())).toBe(
    '{"id":1,"method":"A","params":{}}\0{"id":2,"method":"B","params":{"x":1}}\0',
  );
  for (const byte of Buffer.from('{"id":2,"result":{"b":"ü"}}\0{"id":1,"result":{"a":1}}\0')) {
    output.write(Buffer.from([byte]));
  }
  expect(await second).toEqual({ b: 'ü' });
  expect(await first).toEqual({ a: 1 });
});

test('an error reply and the end of the pipe reject', async () => {
  const { pipe, output } = pair();
  const refused = pipe.command('A');
  output.write('{"id":1,"error":{"message":"no"}}\0');
  await expect(refused).rejects.toThrow('no');
  const cut = pipe.command('B');
  output.destroy();
  await expect(cut).rejects.toThrow('the browser is gone');
});

test('events are announced', async () => {
  const { pipe, output } = pair();
  const seen = new Promise((resolve) => pipe.event.on((method, params) => resolve([method, params])));
  output.write('{"method":"Target.targetCrashed","params":{"targetId":"T"}}\0');
  expect(await seen).toEqual(['Target.targetCrashed', { targetId: 'T' }]);
});
