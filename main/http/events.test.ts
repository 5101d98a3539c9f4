import { expect, test } from 'vitest';
import type { ModelMessage } from '../../protocol/interaction.ts';
import { HostState } from '../host-state.ts';
import { Signal } from '../signal.ts';
import { Viewers } from '../viewers.ts';
import { EventStreams } from './event-streams.ts';
import { eventStream } from './events.ts';

function stream() {
  const said = new Signal<[ModelMessage]>();
  const session = { session_id: 's1', state: 'ready' as const, since_ms: 0, clients: 0, client_ids: [] };
  const response = eventStream(
    {
      state: new HostState('starting'),
      viewers: new Viewers(() => 0),
      streams: new EventStreams(),
      stats: new Signal(),
      interaction: {
        session,
        values: undefined,
        sessionChanged: new Signal(),
        valuesChanged: new Signal(),
        said,
      },
      clientId: undefined,
      pictures: false,
    },
    new AbortController().signal,
  );
  const say = (n: number) => said.emit({ type: 'message', client_id: null, name: 'said', data: { n } });
  return { say, reader: (response.body as ReadableStream<Uint8Array>).getReader() };
}

test('what comes while the reader is busy waits for it', async () => {
  const { say, reader } = stream();
  for (let n = 0; n < 900; n++) say(n);
  let text = '';
  while (!text.includes('"n":899')) text += Buffer.from((await reader.read()).value ?? []).toString();
  expect(text.match(/event: message/g)).toHaveLength(900);
  await reader.cancel();
});

test('a reader that reads nothing is cut off', async () => {
  const { say, reader } = stream();
  for (let n = 0; n < 2000; n++) say(n);
  await expect(reader.read()).rejects.toThrow('does not keep up');
});
