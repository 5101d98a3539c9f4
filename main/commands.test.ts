import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ModelCommand, modelInterface } from '../protocol/interaction.ts';
import { Commands } from './commands.ts';

const KNOWN = modelInterface.parse({
  type: 'interface',
  description: '',
  commands: ['jump', 'set_prompt'].map((name) => ({
    name,
    description: '',
    parameters: {},
    state_field: null,
    bind: null,
  })),
  messages: [],
  state: {},
});

let sent: ModelCommand[];
let commands: Commands;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  commands = new Commands(
    (command) => sent.push(command),
    () => Date.now(),
  );
});
afterEach(() => vi.useRealTimers());

const run = (clientId = 'a', name = 'jump') => commands.run(KNOWN, clientId, name, {});
const finish = (request_id: number) =>
  commands.done({ type: 'command-done', request_id, error: null, reply: null });
const codeOf = async (outcome: ReturnType<typeof run>) => (await outcome).error?.code;

test('an answer finds its command, in whatever order they come', async () => {
  const all = [run('a'), run('b', 'set_prompt'), run('a')];
  expect(sent.map(({ client_id, name }) => [client_id, name])).toEqual([
    ['a', 'jump'],
    ['b', 'set_prompt'],
    ['a', 'jump'],
  ]);
  const reply = { name: 'landed', data: {} };
  const [first, second, third] = sent.map(({ request_id }) => request_id) as [number, number, number];
  commands.done({ type: 'command-done', request_id: third, error: null, reply });
  finish(first);
  finish(second);
  expect((await Promise.all(all)).map((outcome) => outcome.reply)).toEqual([null, null, reply]);
});

test('an unknown command and a model that is not there never reach it', async () => {
  expect(await codeOf(run('a', 'jmp'))).toBe('unknown-command');
  expect(await codeOf(commands.run(undefined, 'a', 'jump', {}))).toBe('model-not-ready');
  expect(sent).toEqual([]);
});

test('a command that is not run in time is given up, and its late answer is of no other command', async () => {
  const late = run();
  vi.advanceTimersByTime(30_000);
  expect(await codeOf(late)).toBe('command-timeout');
  const next = run();
  finish(sent[0]?.request_id ?? 0);
  finish(sent[1]?.request_id ?? 0);
  expect(await next).toEqual({ error: null, reply: null });
});

test('what waits is lost with the model', async () => {
  const all = [run('a'), run('b')];
  commands.lost();
  expect(await Promise.all(all.map(codeOf))).toEqual(['model-not-ready', 'model-not-ready']);
});

test('of one client only so many wait; another client is not kept out', async () => {
  const all = Array.from({ length: 1000 }, () => run('a'));
  expect(await codeOf(run('a'))).toBe('too-many-messages');
  void run('b');
  expect(sent).toHaveLength(1001);
  // Answered twice, which makes room for one.
  for (let i = 0; i < 2; i++) finish(sent[0]?.request_id ?? 0);
  await all[0];
  void run('a');
  expect(sent).toHaveLength(1002);
  expect(await codeOf(run('a'))).toBe('too-many-messages');
});
