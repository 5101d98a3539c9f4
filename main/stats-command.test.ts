import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostStats } from '../protocol/stats.ts';
import { readConfig, type StatsCommand } from './command-line.ts';
import { encoderPeer, startHost, type TestHost } from './http/test-host.ts';
import { runStats } from './stats-command.ts';
import { pageReport } from './test-statistics.ts';

const TOKEN = 'the-token-of-it';
let folder: string;
let host: TestHost;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pages-'));
  host = await startHost(folder, { token: TOKEN });
});
afterEach(async () => {
  await host.server.close();
  rmSync(folder, { recursive: true });
});

const command = (...argv: string[]) => readConfig({ argv: ['stats', ...argv], env: {}, cwd: '/' });

async function run(
  asked: Partial<StatsCommand>,
  isTerminal = false,
  written: (text: string) => void = () => {},
): Promise<void> {
  const whole = { kind: 'stats' as const, url: `${host.base}/`, token: TOKEN, once: false, json: false };
  await runStats({ ...whole, ...asked }, { isTerminal, write: written });
}

/** The encoder page reports until the command has ended. */
async function reporting<T>(work: () => Promise<T>): Promise<T> {
  const page = await encoderPeer(host.base);
  const timer = setInterval(() => page.send(pageReport([])), 20);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

test.each([
  [[], { url: 'http://127.0.0.1:8080/', token: undefined, once: false, json: false }],
  [['--port', '9', '--token', TOKEN, '--once'], { url: 'http://127.0.0.1:9/', token: TOKEN, once: true }],
  [['--host', '0.0.0.0', '--token', TOKEN], { url: 'http://127.0.0.1:8080/' }],
  [['--host', '::1'], { url: 'http://[::1]:8080/' }],
  [['gpu:8080', '--json'], { url: 'http://gpu:8080/', json: true }],
  [[`https://gpu/?token=${TOKEN}`], { url: 'https://gpu/', token: TOKEN }],
])('stats %j asks as %j', (argv, expected) => {
  expect(command(...argv)).toMatchObject({ kind: 'stats', ...expected });
});

test.each([
  ['http://:0', 'bad-option'],
  ['--onse', 'bad-option'],
])('stats %s is refused', (argument, code) => {
  expect(() => command(argument)).toThrow(expect.objectContaining({ code }));
});

test('--once prints one table and ends, --json one object a line', async () => {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  await reporting(() => run({ once: true }, true, write));
  expect(text).toMatch(/^reactor-host .*, model starting, /);
  text = '';
  await reporting(() => run({ once: true, json: true }, false, write));
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  expect(hostStats.parse(JSON.parse(text))).toMatchObject({ engine: 'chromium' });
});

test('a terminal sees the table drawn anew each time, until the host ends', async () => {
  const drawn: string[] = [];
  const three = new Promise<void>((resolve) => {
    void reporting(async () => {
      const shows = run({}, true, (text) => {
        drawn.push(text);
        if (drawn.length === 3) void host.server.close().then(resolve);
      });
      await expect(shows).rejects.toMatchObject({ code: 'host-unreachable' });
    });
  });
  await three;
  expect(drawn.every((text) => text.startsWith('\x1b[H\x1b[Jreactor-host '))).toBe(true);
});

test('without the token, with a wrong one and without a host it says so', async () => {
  await expect(run({ token: undefined })).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(run({ token: 'another-token' })).rejects.toMatchObject({ code: 'unauthorized' });
  const { base } = host;
  await host.server.close();
  await expect(run({ url: `${base}/` })).rejects.toMatchObject({ code: 'host-unreachable' });
});
