import { CHANNEL_BURST_MESSAGES } from '../../protocol/limits.ts';
import { ChannelClient } from '../fixtures/channel-client.ts';
import { eventsOf, type HostEvent } from '../fixtures/host-stats.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

// A client of an app developer: the data channel and HTTP, without the viewer page. How the encoder page passes it on is the
// same code on both engines.

test('commands, replies, messages and errors of two clients', async ({ startHost, viewerBrowser }) => {
  const host = await startHost({ model: 'test/models/commands.py' });
  const one = await ChannelClient.in(viewerBrowser, host.url);
  const two = await ChannelClient.in(viewerBrowser, host.url);

  await test.step('each is told its own id, the session, the tracks and the state', async () => {
    const mine = await one.runtime('session', ({ clients }) => clients === 2);
    const other = await two.runtime('session', ({ state }) => state === 'streaming');
    expect(other.session_id).toBe(mine.session_id);
    expect(other.client_id).not.toBe(mine.client_id);
    expect((await one.runtime('track_map')).tracks).toMatchObject([{ name: 'main_video', kind: 'video' }]);
    expect((await two.runtime('state')).values).toEqual({ shade: 40, mood: 'calm' });
    // The first heard of the second.
    await one.message('came', ({ client }) => client === other.client_id);
  });

  await test.step('what one sets, the other is told, and who set it', async () => {
    const { client_id } = await one.runtime('session');
    await one.command('set_shade', { shade: 200 }, 'a');
    expect(await one.runtime('command_result', ({ request_id }) => request_id === 'a')).toMatchObject({
      command: 'set_shade',
    });
    const changed = await two.runtime('state', ({ values }) => values.shade === 200);
    expect(changed).toEqual({ values: { shade: 200 }, client_id });
    await one.command('dim');
    await two.runtime('state', ({ values }) => values.shade === 8);
  });

  await test.step('a bad value is refused with field and limit, and the model never sees it', async () => {
    await one.command('set_shade', { shade: 300 }, 'b');
    const { error } = await one.runtime('command_error', ({ request_id }) => request_id === 'b');
    expect(error).toMatchObject({ code: 'invalid-command', field: 'shade', limit: { le: 255 } });
    expect(error.message).toContain('300');
    await one.command('set_mood', { mood: 'cross' }, 'c');
    const mood = await one.runtime('command_error', ({ request_id }) => request_id === 'c');
    expect(mood.error).toMatchObject({ code: 'invalid-command', field: 'mood' });
    expect(mood.error.message + mood.error.hint).toContain('wild');
    await one.command('set_shad', { shade: 3 }, 'd');
    const unknown = await one.runtime('command_error', ({ request_id }) => request_id === 'd');
    expect(unknown.error.code).toBe('unknown-command');
    expect(unknown.error.hint + unknown.error.message).toContain('set_shade');
  });

  await test.step("the model's own error has its code; a fault of the author is told as one, and the model goes on", async () => {
    await one.command('refuse', {}, 'e');
    const refused = await one.runtime('command_error', ({ request_id }) => request_id === 'e');
    expect(refused.error).toMatchObject({ code: 'no_credits', message: 'no credits remain' });
    await one.command('fail', {}, 'f');
    const failed = await one.runtime('command_error', ({ request_id }) => request_id === 'f');
    expect(failed.error.code).toBe('command-failed');
    // The author's words stay in the author's terminal.
    expect(failed.error.message).not.toContain('a fault of the author');
    await waitUntil(
      "the traceback in the author's terminal",
      async () => host.output,
      (text) => text.includes('a fault of the author'),
    );
  });

  await test.step("one client's commands keep their order, also past a slow one, and a reply is its own alone", async () => {
    const numbers = Array.from({ length: 60 }, (_, at) => at);
    for (const number of numbers) {
      if (number === 30) await one.command('slow', { seconds: 0.5 });
      await one.command('count', { number });
    }
    await one.command('numbers', {}, 'g');
    expect(await one.message('counted')).toEqual({ numbers });
    await one.runtime('command_result', ({ request_id }) => request_id === 'g');
    expect(await two.messages('counted')).toEqual([]);
  });

  await test.step('what is not a message is answered with an error, counted, and harmless', async () => {
    await one.party.sendText(one.id, '{"scope": "application"');
    await one.runtime('error', ({ message }) => /not JSON/.test(message));
    await one.party.send(one.id, { scope: 'application', data: { type: 'count', data: [1] } });
    await one.runtime('error', ({ code, message }) => code === 'malformed-message' && !/JSON/.test(message));
    await two.command('numbers', {}, 'h');
    expect((await two.message('counted')).numbers).toHaveLength(60);
  });

  await test.step('too many at once are refused, and those of another client are not', async () => {
    const ping = JSON.stringify({ scope: 'runtime', data: { type: 'ping', data: { id: 1 } } });
    await one.party.sendText(one.id, ping, CHANNEL_BURST_MESSAGES + 50);
    await one.runtime('error', ({ code }) => code === 'too-many-messages');
    await two.send({ scope: 'runtime', data: { type: 'ping', data: { id: 7 } } });
    await two.runtime('pong', ({ id }) => id === 7);
  });
});

test('commands by HTTP alone, and messages as events', async ({ startHost, viewerBrowser }) => {
  const host = await startHost({ model: 'test/models/commands.py' });
  const post = async (name: string, body: unknown) => {
    const response = await fetch(`${host.url}commands/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  // Someone watches, as the model steps only then.
  const viewer = await ChannelClient.in(viewerBrowser, host.url);
  const events = new AbortController();
  const heard: HostEvent[] = [];
  const listen = async () => {
    for await (const each of eventsOf(host.url, events.signal)) heard.push(each);
  };
  // Ends with the abort.
  void listen().catch(() => {});
  try {
    expect(await post('set_shade', { shade: 99 })).toMatchObject({ status: 200, body: { ok: true } });
    await viewer.runtime('state', ({ values }) => values.shade === 99);
    await waitUntil(
      'the state as an event',
      async () => heard,
      (all) => all.some(({ event, data }) => event === 'state-values' && data.includes('"shade":99')),
    );
    expect(await post('numbers', {})).toMatchObject({
      status: 200,
      body: { reply: { type: 'counted', data: { numbers: [] } } },
    });
    expect(await post('set_shade', { shade: -1 })).toMatchObject({
      status: 422,
      body: { code: 'invalid-command', field: 'shade', limit: { ge: 0 } },
    });
    expect(await post('nothing', {})).toMatchObject({ status: 404, body: { code: 'unknown-command' } });
    expect(await post('refuse', {})).toMatchObject({ status: 409, body: { code: 'no_credits' } });
    expect(await post('fail', {})).toMatchObject({ status: 500, body: { code: 'command-failed' } });
    expect((await post('count', 'not json')).status).toBe(400);
    expect((await post('count', [])).status).toBe(400);
    // A message to all is an event too.
    await ChannelClient.in(viewerBrowser, host.url);
    await waitUntil(
      'the greeting of the second viewer as an event',
      async () => heard,
      (all) => all.some(({ event, data }) => event === 'message' && data.includes('came')),
    );
  } finally {
    events.abort();
  }
});
