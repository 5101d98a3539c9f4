import { expect, test } from 'vitest';
import { guessLogFormat, readConfig } from './command-line.ts';
import { type Config, configSchema } from './config.ts';
import { helpText } from './help.ts';

function read(argv: string[], env: Record<string, string> = {}, file?: string): Config {
  const command = readConfig({ argv, env, cwd: '/srv', readFile: () => file ?? '' });
  if (command.kind !== 'run') throw new Error(`got ${command.kind}`);
  return command.config;
}

test('nothing given is the defaults', () => {
  expect(read([])).toEqual({
    compat: false,
    debug: false,
    generate: 'connected',
    sessionGraceS: 60,
    host: '127.0.0.1',
    port: 8080,
    encoder: 'auto',
    hardware: 'auto',
    maxRungs: 3,
    engine: 'auto',
    remoteModel: false,
    codec: ['vp9', 'h264', 'vp8', 'av1', 'h265'],
    startBitrateBps: 4_000_000,
    minBitrateBps: 500_000,
    maxBitrateBps: 10_000_000,
    audioBitrateBps: 128_000,
    lipSync: false,
    iceServers: [],
    gatherLimitMs: 500,
    maxViewers: 64,
    drainLimitMs: 200,
    logLevel: 'info',
    logFormat: 'pretty',
  });
});

test('flag wins over environment, that over file, that over default', () => {
  const env = { REACTOR_HOST_PORT: '2', REACTOR_HOST_LOG_LEVEL: 'warn' };
  const file = 'port: 1\nlogLevel: error\nlogFormat: json\n';
  expect(read(['--config', 'c.yaml', '--port', '3'], env, file)).toMatchObject({
    port: 3,
    logLevel: 'warn',
    logFormat: 'json',
    engine: 'auto',
  });
});

test.each<[string[], Record<string, string>, Partial<Config>]>([
  [['m.py'], {}, { model: '/srv/m.py' }],
  [['--port', '0', 'm.py:Model'], {}, { model: '/srv/m.py:Model', port: 0 }],
  [['--codec', 'h264, vp8'], {}, { codec: ['h264', 'vp8'] }],
  [['--ice-servers', 'stun:a:1,stun:b'], {}, { iceServers: [{ urls: 'stun:a:1' }, { urls: 'stun:b' }] }],
  [
    ['--ice-servers=[{"urls":"turn:a","username":"u","credential":"p"}]'],
    {},
    { iceServers: [{ urls: 'turn:a', username: 'u', credential: 'p' }] },
  ],
  [['--max-bitrate-bps', '8_000_000'], {}, { maxBitrateBps: 8_000_000 }],
  [['--audio-bitrate-bps', '96_000'], {}, { audioBitrateBps: 96_000 }],
  [['--session-grace-s', '5'], { REACTOR_HOST_GENERATE: 'always' }, { sessionGraceS: 5, generate: 'always' }],
  [['--python', 'python3'], {}, { python: 'python3' }],
  [['--python', 'env/bin/python'], {}, { python: '/srv/env/bin/python' }],
  [
    [],
    { REACTOR_HOST_REMOTE_MODEL: 'yes', REACTOR_HOST_HOST_SECRET: '0123456789abcdef' },
    { remoteModel: true },
  ],
  [['--host', '0.0.0.0', '--token', 'longenough'], {}, { host: '0.0.0.0', token: 'longenough' }],
  [['--host', '::1'], {}, { host: '::1' }],
  [[], { REACTOR_HOST_TOKEN: '' }, {}],
])('%j %j gives %j', (argv, env, expected) => {
  expect(read(argv, env)).toMatchObject(expected);
});

test('paths in the config file are relative to it', () => {
  expect(read(['--config', 'conf/c.json'], {}, '{"model": "m.py:A", "log-level": "debug"}')).toMatchObject({
    model: '/srv/conf/m.py:A',
    logLevel: 'debug',
  });
});

test.each<[string[], Record<string, string>, string, string]>([
  [['--prot', '1'], {}, 'bad-option', 'unknown flag --prot, did you mean --port?'],
  [['--frobnicate'], {}, 'bad-option', 'unknown flag --frobnicate'],
  [['--port'], {}, 'bad-option', '--port needs a value'],
  [['--token', '--port', '1'], {}, 'bad-option', '--token needs a value'],
  [['--port', 'abc'], {}, 'bad-option', '--port: expected number, received string, got "abc"'],
  [['--port', '70000'], {}, 'bad-option', '--port: Too big: expected number to be <=65535, got 70000'],
  [
    [],
    { REACTOR_HOST_PORT: 'x' },
    'bad-option',
    'REACTOR_HOST_PORT: expected number, received string, got "x"',
  ],
  [['--engine', 'firefox'], {}, 'bad-option', '--engine: Invalid option'],
  [['--audio-bitrate-bps', '128'], {}, 'bad-option', '--audio-bitrate-bps: Too small'],
  [['--generate', 'never'], {}, 'bad-option', '--generate: Invalid option'],
  [['--codec', 'vp7'], {}, 'bad-option', '--codec: Invalid option'],
  [['a.py', 'b.py'], {}, 'bad-option', 'one model at a time: got a.py and b.py'],
  [
    ['--min-bitrate-bps', '20000000'],
    {},
    'bad-option',
    '--min-bitrate-bps: 20000000 is above maxBitrateBps 10000000',
  ],
  [['--remote-model'], {}, 'bad-option', '--remote-model: needs hostSecret'],
  [['--host', '0.0.0.0'], {}, 'bind-without-token', 'refusing to listen on 0.0.0.0:8080 without a token'],
  [['--host', '192.168.1.5', '--port', '1'], {}, 'bind-without-token', 'refusing to listen on 192.168.1.5:1'],
])('%j %j fails with %s: %s', (argv, env, code, message) => {
  expect(() => read(argv, env)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test.each([
  ['prot: 1', 'unknown key prot in /srv/c.yaml, did you mean port?'],
  ['port: "x"', 'port in /srv/c.yaml: expected number'],
  ['- a list', 'is not a list of "key: value" lines'],
  ['a: [', 'config file /srv/c.yaml:'],
])('config file %j fails: %s', (file, message) => {
  expect(() => read(['--config', 'c.yaml'], {}, file)).toThrow(message);
});

test('a secret is never repeated in an error', () => {
  expect(() => read(['--token', 'short'])).toThrow(/^--token: at least 8 characters$/);
});

test('a missing config file is named', () => {
  const sources = { argv: ['--config', 'missing.yaml'], env: {}, cwd: '/nowhere' };
  expect(() => readConfig(sources)).toThrow('config file /nowhere/missing.yaml does not exist');
});

test('a misspelt variable is a warning with a suggestion', () => {
  const command = readConfig({ argv: [], env: { REACTOR_HOST_TOKN: 'x', REACTOR_HOST_URL: 'x' }, cwd: '/' });
  expect(command).toMatchObject({
    warnings: ['environment variable REACTOR_HOST_TOKN is not an option, did you mean REACTOR_HOST_TOKEN?'],
  });
});

test('--print-schema takes what the host takes', () => {
  const command = readConfig({ argv: ['--print-schema', 'm.py', '--compat'], env: {}, cwd: '/srv' });
  expect(command).toMatchObject({ kind: 'print-schema', config: { model: '/srv/m.py', compat: true } });
});

test('--help and --version win over the rest', () => {
  expect(readConfig({ argv: ['--help', '--nonsense'], env: {}, cwd: '/' })).toEqual({ kind: 'help' });
  expect(readConfig({ argv: ['--version'], env: {}, cwd: '/' })).toEqual({ kind: 'version' });
});

test('the help names every option with its variable', () => {
  const help = helpText();
  for (const key of Object.keys(configSchema.shape)) {
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(help).toContain(`--${flag}`);
    expect(help).toContain(`[REACTOR_HOST_${flag.replaceAll('-', '_').toUpperCase()}]`);
  }
  expect(help).toContain('(default vp9,h264,vp8,av1,h265)');
});

test.each<[string[], Record<string, string>, string]>([
  [['--log-format', 'json'], {}, 'json'],
  [['--log-format=json', '--nonsense'], {}, 'json'],
  [[], { REACTOR_HOST_LOG_FORMAT: 'json' }, 'json'],
  [['--log-format', 'pretty'], { REACTOR_HOST_LOG_FORMAT: 'json' }, 'pretty'],
  [[], {}, 'pretty'],
])('log format of %j %j is %s', (argv, env, format) => {
  expect(guessLogFormat(argv, env)).toBe(format);
});

test('doctor takes the options of the host and two of its own', () => {
  expect(
    readConfig({ argv: ['doctor', '--json', '--port', '3', '--engine', 'chromium'], env: {}, cwd: '/srv' }),
  ).toMatchObject({
    kind: 'doctor',
    json: true,
    install: false,
    config: { port: 3, engine: 'chromium' },
  });
  expect(readConfig({ argv: ['doctor', '--install'], env: {}, cwd: '/srv' })).toMatchObject({
    kind: 'doctor',
    json: false,
    install: true,
  });
  // Only as the first word is it a command.
  expect(read(['--port', '3', 'doctor'])).toMatchObject({ model: '/srv/doctor' });
  expect(() => readConfig({ argv: ['doctor', '--jsno'], env: {}, cwd: '/srv' })).toThrow(
    'unknown flag --jsno',
  );
});
