import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { iceServer, type MediaSettings, videoCodec } from '../protocol/hello.ts';
import { audioBitrateBps, bitrateBps } from '../protocol/track.ts';
import { HostError } from './errors.ts';
import { isAnyAddress, isLoopbackHost } from './loopback.ts';
import { randomSecret } from './secret.ts';
import { didYouMean } from './suggest.ts';

/** What the schema cannot say of an option: how it reads on the command line and in the help. */
interface OptionMeta {
  group: 'Model' | 'Network' | 'Media' | 'Engine' | 'Log';
  help: string;
  /** How text (a flag or an environment variable) becomes a value. Default `text`. */
  form?: 'text' | 'number' | 'switch' | 'list' | 'ice';
  /** Stands for the value in the help. */
  value?: string;
  /** A path: in the config file it is relative to that file. */
  isPath?: boolean;
}

const options = z.registry<OptionMeta>();

/** RFC 6750 section 2.1. A fresh one for each option: the registry knows schemas by identity. */
const bearerToken = () =>
  z
    .string()
    .min(8, 'at least 8 characters')
    .max(256)
    .regex(/^[A-Za-z0-9._~+/-]+=*$/, 'letters, digits and -._~+/ (RFC 6750 section 2.1)')
    .optional();

/**
 * Everything that can be configured. The one source of flags (`--start-bitrate-bps`), environment variables
 * (`REACTOR_HOST_START_BITRATE_BPS`), keys of the config file (`startBitrateBps`), defaults and `--help`.
 */
export const configSchema = z
  .strictObject({
    model: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: 'The model: a file, or FILE:CLASS. The flag can be left out: reactor-host model.py',
      value: 'FILE[:CLASS]',
      isPath: true,
    }),
    modelConfig: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: "Handed to the model's load() as config_path",
      value: 'FILE',
      isPath: true,
    }),
    python: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: 'The Python interpreter. Default: an active virtual environment that has reactor_host, else the one of this installation',
      value: 'PATH',
      isPath: true,
    }),
    remoteModel: z.boolean().default(false).register(options, {
      group: 'Model',
      help: 'Start no Python; wait for a model that connects from elsewhere. Needs --host-secret',
      form: 'switch',
    }),
    hostSecret: z.string().min(16, 'at least 16 characters').max(256).optional().register(options, {
      group: 'Model',
      help: 'Lets a model on another machine connect (python -m reactor_host --host ws://... --secret ...)',
      value: 'SECRET',
    }),
    compat: z.boolean().default(false).register(options, {
      group: 'Model',
      help: 'The model is written for another runtime: `from reactor_runtime import ...` gets the names of reactor_host',
      form: 'switch',
    }),
    generate: z.enum(['connected', 'always']).default('connected').register(options, {
      group: 'Model',
      help: 'When generate() of the model is called: while somebody watches, or always',
      value: 'WHEN',
    }),
    sessionGraceS: z.int().min(0).max(86_400).default(60).register(options, {
      group: 'Model',
      help: "How long the session and the model's state stay after the last viewer has gone, in seconds",
      form: 'number',
      value: 'SECONDS',
    }),

    host: z.string().min(1).max(255).default('127.0.0.1').register(options, {
      group: 'Network',
      help: 'Address to listen on. Beyond this machine only with --token',
      value: 'ADDRESS',
    }),
    port: z.int().min(0).max(65_535).default(8080).register(options, {
      group: 'Network',
      help: 'Port to listen on, 0 picks a free one',
      form: 'number',
      value: 'PORT',
    }),
    token: bearerToken().register(options, {
      group: 'Network',
      help: 'Bearer token that every viewer then needs',
      value: 'TOKEN',
    }),
    operatorToken: bearerToken().register(options, {
      group: 'Network',
      help: 'Bearer token of who may open the debug page, and watch as well. With --token alone one is made at each start',
      value: 'TOKEN',
    }),
    corsOrigins: z.array(z.string().min(1).max(255)).max(64).optional().register(options, {
      group: 'Network',
      help: 'Origins of web pages that may connect, * for any. Default: pages of this machine; with a token any',
      form: 'list',
      value: 'ORIGIN,...',
    }),
    maxViewers: z.int().min(1).max(10_000).default(64).register(options, {
      group: 'Network',
      help: 'The most viewers at once',
      form: 'number',
      value: 'N',
    }),

    drainLimitMs: z.int().min(0).max(600_000).default(200).register(options, {
      group: 'Network',
      help: 'How long viewers, told that the host ends, have to leave by themselves before they are closed, in milliseconds',
      form: 'number',
      value: 'MS',
    }),

    codec: z.array(videoCodec).min(1).default(['vp9', 'h264', 'vp8', 'av1', 'h265']).register(options, {
      group: 'Media',
      help: 'Video codecs, best first; the first that the viewer offers and the engine can encode is used',
      form: 'list',
      value: 'CODEC,...',
    }),
    startBitrateBps: bitrateBps.default(4_000_000).register(options, {
      group: 'Media',
      help: 'Video bitrate to start with, in bits per second',
      form: 'number',
      value: 'BPS',
    }),
    minBitrateBps: bitrateBps.default(500_000).register(options, {
      group: 'Media',
      help: 'The least video bitrate',
      form: 'number',
      value: 'BPS',
    }),
    maxBitrateBps: bitrateBps.default(10_000_000).register(options, {
      group: 'Media',
      help: 'The most video bitrate',
      form: 'number',
      value: 'BPS',
    }),
    audioBitrateBps: audioBitrateBps.default(128_000).register(options, {
      group: 'Media',
      help: 'Opus bitrate of a stereo track, in bits per second; a mono one gets half',
      form: 'number',
      value: 'BPS',
    }),
    lipSync: z.boolean().default(false).register(options, {
      group: 'Media',
      help: 'Pictures wait for the sound that was yielded with them, 50 to 110 ms, while somebody listens. Without, each leaves at once',
      form: 'switch',
    }),
    iceServers: z.array(iceServer).max(16).default([]).register(options, {
      group: 'Media',
      help: 'STUN and TURN servers: URLs, or a JSON list of {urls, username, credential}',
      form: 'ice',
      value: 'URL,...',
    }),
    gatherLimitMs: z.int().min(1).max(10_000).default(500).register(options, {
      group: 'Media',
      help: 'How long an answer waits for our own ICE candidates, in milliseconds',
      form: 'number',
      value: 'MS',
    }),

    encoder: z.enum(['auto', 'shared', 'native']).default('auto').register(options, {
      group: 'Media',
      help: "shared: one encoder a track for all viewers; native: the engine's own for each; auto: what serves better",
      value: 'ENCODER',
    }),
    hardware: z.enum(['auto', 'off']).default('auto').register(options, {
      group: 'Media',
      help: 'auto: a hardware encoder where the engine has one; off: never',
      value: 'HARDWARE',
    }),
    maxRungs: z.int().min(1).max(8).default(3).register(options, {
      group: 'Media',
      help: 'The most shared encoders a track and codec, for viewers whose links differ',
      form: 'number',
      value: 'N',
    }),

    engine: z.enum(['auto', 'electron', 'chromium']).default('auto').register(options, {
      group: 'Engine',
      help: 'The browser engine that encodes: auto, electron or chromium',
      value: 'ENGINE',
    }),
    chromium: z.string().min(1).optional().register(options, {
      group: 'Engine',
      help: 'The Chrome or Chromium to use for engine chromium. Default: searched for',
      value: 'PATH',
      isPath: true,
    }),
    xvfb: z.string().min(1).optional().register(options, {
      group: 'Engine',
      help: 'The Xvfb to use for Electron on Linux without a display. Default: searched for',
      value: 'PATH',
      isPath: true,
    }),

    debug: z.boolean().default(false).register(options, {
      group: 'Log',
      help: 'Opens the debug window (engine electron), or prints the link of the debug page: GET /debug',
      form: 'switch',
    }),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').register(options, {
      group: 'Log',
      help: 'The least level that is logged: debug, info, warn or error',
      value: 'LEVEL',
    }),
    logFormat: z.enum(['pretty', 'json']).default('pretty').register(options, {
      group: 'Log',
      help: 'pretty for people; json: every line is one JSON object',
      value: 'FORMAT',
    }),
  })
  .check((context) => {
    const { startBitrateBps, minBitrateBps, maxBitrateBps, remoteModel, hostSecret } = context.value;
    const issue = (key: string, message: string) =>
      context.issues.push({ code: 'custom', path: [key], message, input: context.value });
    if (minBitrateBps > maxBitrateBps)
      issue('minBitrateBps', `${minBitrateBps} is above maxBitrateBps ${maxBitrateBps}`);
    if (startBitrateBps < minBitrateBps || startBitrateBps > maxBitrateBps) {
      issue(
        'startBitrateBps',
        `${startBitrateBps} is outside minBitrateBps ${minBitrateBps} to maxBitrateBps ${maxBitrateBps}`,
      );
    }
    if (remoteModel && hostSecret === undefined)
      issue('remoteModel', 'needs hostSecret, which the model then gives');
  });

export type Config = z.infer<typeof configSchema>;
type Key = keyof Config;

/** Environment variables with our prefix that are not options: they are set by the host for the Python process. */
const RESERVED_ENV = new Set(['REACTOR_HOST_URL', 'REACTOR_HOST_SECRET', 'REACTOR_HOST_SUPERVISED']);

const shape = configSchema.shape;
const keys = Object.keys(shape) as Key[];

const flagOf = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const envOf = (key: string) => `REACTOR_HOST_${flagOf(key).replaceAll('-', '_').toUpperCase()}`;
const metaOf = (key: Key): OptionMeta => options.get(shape[key] as z.ZodType) as OptionMeta;

/** What the command line asks for. */
export type Command =
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'run'; config: Config; warnings: string[] }
  | { kind: 'print-schema'; config: Config; warnings: string[] }
  | { kind: 'doctor'; config: Config; warnings: string[]; json: boolean; install: boolean }
  | StatsCommand;

/** `once`: one report, then the end. `json`: a line of JSON each instead of a table. */
export interface StatsCommand {
  kind: 'stats';
  url: string;
  token: string | undefined;
  once: boolean;
  json: boolean;
}

export interface ConfigSources {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of flags and environment are relative to it. */
  cwd: string;
  readFile?: (file: string) => string;
}

/**
 * Reads flags, environment, config file and defaults; the first of these that has a value gives it.
 *
 * @throws HostError `bad-option` naming key and source, `bad-config-file`, `bind-without-token`.
 */
export function readConfig(sources: ConfigSources): Command {
  if (sources.argv[0] === 'doctor') return readDoctor(sources);
  if (sources.argv[0] === 'stats') return readStats(sources);
  const { values: flags, config: configFlag, command, printsSchema } = readFlags(sources.argv);
  if (command) return { kind: command };

  const warnings: string[] = [];
  const environment = readEnvironment(sources.env, warnings);
  const configFile = configFlag ?? sources.env.REACTOR_HOST_CONFIG;
  const file = configFile === undefined ? new Map<Key, Found>() : readConfigFile(configFile, sources);

  const found = new Map<Key, Found>([...file, ...environment, ...flags]);
  const input: Record<string, unknown> = {};
  for (const [key, { value, base }] of found) {
    input[key] =
      metaOf(key).isPath && typeof value === 'string' ? resolvePath(key, value, base ?? sources.cwd) : value;
  }
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw badValue(parsed.error, found);
  refuseOpenHost(parsed.data);
  return { kind: printsSchema ? 'print-schema' : 'run', config: parsed.data, warnings };
}

/** `doctor` takes all that the host takes, so that it looks at what the host would do. */
function readDoctor(sources: ConfigSources): Command {
  const own: string[] = DOCTOR_FLAGS.map(({ flag }) => flag);
  const argv = sources.argv.slice(1);
  const command = readConfig({ ...sources, argv: argv.filter((each) => !own.includes(each)) });
  if (command.kind !== 'run') return command;
  return { ...command, kind: 'doctor', json: argv.includes('--json'), install: argv.includes('--install') };
}

/** `stats` takes all that the host takes: without a URL it asks the host that was started with the same. */
function readStats(sources: ConfigSources): Command {
  const own: string[] = STATS_FLAGS.map(({ flag }) => flag);
  const argv = sources.argv.slice(1);
  const given = argv[0]?.startsWith('-') ? undefined : argv.shift();
  const command = readConfig({ ...sources, argv: argv.filter((each) => !own.includes(each)) });
  if (command.kind !== 'run') return command;
  const { host, port, token } = command.config;
  const name = isAnyAddress(host) ? '127.0.0.1' : host;
  const text = given ?? `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
  const full = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    url = new URL(full);
  } catch (cause) {
    throw new HostError('bad-option', `${text} is not a URL`, 'give the address that the host printed', {
      cause,
    });
  }
  // The link that the host printed has it.
  const inLink = url.searchParams.get('token') ?? undefined;
  url.search = '';
  return {
    kind: 'stats',
    url: url.href,
    token: inLink ?? token,
    once: argv.includes('--once'),
    json: argv.includes('--json'),
  };
}

/** What the encoder page needs to know of the configuration. */
export function mediaSettingsOf(config: Config): MediaSettings {
  return {
    codecs: config.codec,
    start_bitrate_bps: config.startBitrateBps,
    min_bitrate_bps: config.minBitrateBps,
    max_bitrate_bps: config.maxBitrateBps,
    audio_bitrate_bps: config.audioBitrateBps,
    lip_sync: config.lipSync,
    ice_servers: config.iceServers,
    gather_limit_ms: config.gatherLimitMs,
    encoder: config.encoder,
    hardware: config.hardware,
    max_rungs: config.maxRungs,
  };
}

/** An option as `--help` and the manual page describe it. */
export interface OptionText {
  group: string;
  flag: string;
  /** Stands for the value; undefined for a switch. */
  value: string | undefined;
  help: string;
  environment: string | undefined;
  /** In the config file. */
  key: string | undefined;
}

/** Every option, in the order of its declaration. */
export function describeOptions(): OptionText[] {
  return [
    ...keys.map((key) => {
      const { group, help, value } = metaOf(key);
      const text = { flag: `--${flagOf(key)}`, help: `${help}${defaultText(key)}`, environment: envOf(key) };
      return { ...text, group, value, key };
    }),
    {
      group: 'Other',
      flag: '--config',
      value: 'FILE',
      help: 'YAML or JSON file with these options',
      environment: 'REACTOR_HOST_CONFIG',
      key: undefined,
    },
    ...[
      {
        flag: '--print-schema',
        help: "Prints the model's OpenAPI document (GET /schema) and starts nothing",
      },
      { flag: '--help, -h', help: 'Prints this list' },
      { flag: '--version', help: 'Prints the version' },
    ].map((each) => ({ ...each, group: 'Other', value: undefined, environment: undefined, key: undefined })),
  ];
}

/** What `reactor-host doctor` understands besides all options. */
export const DOCTOR_FLAGS = [
  { flag: '--json', help: 'Prints one JSON object: ok, and checks with name, status, message and hint' },
  {
    flag: '--install',
    help: 'Makes the Python environment of an installed package, which else the first start makes (in a checkout: npm run setup)',
  },
] as const;

/** What `reactor-host stats` understands besides all options. */
export const STATS_FLAGS = [
  { flag: '--once', help: 'Prints the statistics of one second and ends' },
  { flag: '--json', help: 'Prints one JSON object a second, on a line of its own (docs/statistics.md)' },
] as const;

/** The text of `--help`. */
export function helpText(): string {
  const lines = [
    'reactor-host: plays the frames and sound a Python model yields in browsers, live over WebRTC.',
    '',
    'Usage: reactor-host [options] [FILE[:CLASS]]',
    '       reactor-host doctor [--json] [--install] [options]',
    '       reactor-host stats [URL] [--once] [--json] [options]',
    '',
    'Each option is also an environment variable and, in camelCase, a key of the config file.',
    'A flag wins over the environment, that over the file.',
  ];
  let before = '';
  for (const { group, flag, value, help, environment } of describeOptions()) {
    if (group !== before) lines.push('', `${group}:`);
    before = group;
    lines.push(`  ${flag}${value ? ` ${value}` : ''}`, `      ${help}`);
    if (environment) lines.push(`      [${environment}]`);
  }
  lines.push('', 'doctor looks whether this machine can run the host, and says what to do where it cannot:');
  for (const { flag, help } of DOCTOR_FLAGS) lines.push(`  ${flag}`, `      ${help}`);
  lines.push(
    '',
    'stats shows what a running host measures, once a second; a host with a token asks for --token:',
  );
  for (const { flag, help } of STATS_FLAGS) lines.push(`  ${flag}`, `      ${help}`);
  return lines.join('\n');
}

/** The format of the log, read so leniently that even a wrong command line can be reported in it. */
export function guessLogFormat(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Config['logFormat'] {
  const at = argv.lastIndexOf('--log-format');
  const value =
    argv.findLast((each) => each.startsWith('--log-format='))?.slice('--log-format='.length) ??
    (at >= 0 ? argv[at + 1] : undefined) ??
    env.REACTOR_HOST_LOG_FORMAT;
  return value === 'json' ? 'json' : 'pretty';
}

/** A value and where it came from, for the message when it is wrong. */
interface Found {
  value: unknown;
  source: string;
  /** Folder that paths are relative to, where it is not the working directory. */
  base?: string;
}

interface Flags {
  values: Map<Key, Found>;
  config?: string;
  command?: 'help' | 'version';
  printsSchema: boolean;
}

function readFlags(argv: readonly string[]): Flags {
  const byFlag = new Map(keys.map((key) => [flagOf(key), key]));
  const known = [...byFlag.keys(), 'config', 'print-schema', 'help', 'version'];
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: {
      config: { type: 'string' },
      'print-schema': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      ...Object.fromEntries(
        keys.map((key) => [
          flagOf(key),
          { type: metaOf(key).form === 'switch' ? 'boolean' : 'string' } as const,
        ]),
      ),
    },
  });
  const flags: Flags = { values: new Map(), printsSchema: false };
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const first = flags.values.get('model');
      if (first) {
        throw new HostError(
          'bad-option',
          `one model at a time: got ${String(first.value)} and ${token.value}`,
          'name one FILE or FILE:CLASS; put other options behind their flags (reactor-host --help)',
        );
      }
      flags.values.set('model', { value: token.value, source: 'the command line' });
      continue;
    }
    const { name, rawName } = token;
    if (name === 'help' || name === 'version') {
      // Help wins over everything else on the line, wrong or not.
      if (flags.command !== 'help') flags.command = name;
      continue;
    }
    if (name === 'print-schema') {
      flags.printsSchema = true;
      continue;
    }
    const key = byFlag.get(name);
    if (key === undefined && name !== 'config') {
      if (flags.command) continue;
      throw new HostError(
        'bad-option',
        `unknown flag ${rawName}${didYouMean(
          rawName,
          known.map((each) => `--${each}`),
        )}`,
        'reactor-host --help lists all flags',
      );
    }
    const isSwitch = key !== undefined && metaOf(key).form === 'switch';
    if (!isSwitch && (token.value === undefined || (!token.inlineValue && token.value.startsWith('-')))) {
      throw new HostError(
        'bad-option',
        `${rawName} needs a value`,
        `write ${rawName} VALUE or ${rawName}=VALUE`,
      );
    }
    const text = token.value ?? 'true';
    if (name === 'config') flags.config = text;
    else if (key) flags.values.set(key, { value: fromText(key, text, rawName), source: rawName });
  }
  return flags;
}

function readEnvironment(env: ConfigSources['env'], warnings: string[]): Map<Key, Found> {
  const byName = new Map(keys.map((key) => [envOf(key), key]));
  const found = new Map<Key, Found>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('REACTOR_HOST_') || text === undefined || text === '') continue;
    const key = byName.get(name);
    if (key) {
      found.set(key, { value: fromText(key, text, name), source: name });
    } else if (!RESERVED_ENV.has(name) && name !== 'REACTOR_HOST_CONFIG') {
      // Not an error: another version's variable must not keep this one from starting. A typo shows all the same.
      warnings.push(`environment variable ${name} is not an option${didYouMean(name, [...byName.keys()])}`);
    }
  }
  return found;
}

function readConfigFile(file: string, sources: ConfigSources): Map<Key, Found> {
  const full = path.resolve(sources.cwd, file);
  let content: unknown;
  try {
    const text = (sources.readFile ?? ((name: string) => readFileSync(name, 'utf8')))(full);
    content = parseYaml(text) ?? {};
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HostError(
      'bad-config-file',
      missing
        ? `config file ${full} does not exist`
        : `config file ${full}: ${(cause as Error).message.split('\n')[0]}`,
      'give --config a YAML or JSON file whose keys are the options in camelCase, e.g. port: 8080',
      { cause },
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new HostError(
      'bad-config-file',
      `config file ${full} is not a list of "key: value" lines`,
      'its keys are the options in camelCase, e.g. port: 8080',
    );
  }
  const found = new Map<Key, Found>();
  for (const [name, value] of Object.entries(content)) {
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!keys.includes(camel as Key)) {
      throw new HostError(
        'bad-option',
        `unknown key ${name} in ${full}${didYouMean(camel, keys)}`,
        'reactor-host --help lists all options; in the file their names are in camelCase',
      );
    }
    if (value === null) continue;
    found.set(camel as Key, { value, source: `${name} in ${full}`, base: path.dirname(full) });
  }
  return found;
}

/** Text from a flag or the environment as the value the schema expects; what does not fit is left for the schema to refuse. */
function fromText(key: Key, text: string, source: string): unknown {
  switch (metaOf(key).form ?? 'text') {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+$/.test(text.replaceAll('_', '')) ? Number(text.replaceAll('_', '')) : text;
    case 'switch': {
      if (/^(true|1|yes|on)$/i.test(text)) return true;
      if (/^(false|0|no|off)$/i.test(text)) return false;
      return text;
    }
    case 'list':
      return split(text);
    case 'ice': {
      if (!text.trimStart().startsWith('[')) return split(text).map((urls) => ({ urls }));
      try {
        return JSON.parse(text);
      } catch (cause) {
        throw new HostError(
          'bad-option',
          `${source} is not valid JSON: ${(cause as Error).message}`,
          'write URLs separated by commas, or a JSON list of {"urls", "username", "credential"}',
          { cause },
        );
      }
    }
  }
}

function split(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** FILE:CLASS keeps its class; `~` is the shell's business. A bare command such as `python3` stays for PATH to find. */
function resolvePath(key: Key, value: string, base: string): string {
  if (key !== 'model' && !/[\\/]/.test(value)) return value;
  return path.resolve(base, value);
}

function badValue(error: z.ZodError, found: ReadonlyMap<Key, Found>): HostError {
  const issue = error.issues[0];
  const key = String(issue?.path[0] ?? '') as Key;
  const place = found.get(key);
  const source = place?.source ?? key;
  const secret = key === 'token' || key === 'operatorToken' || key === 'hostSecret';
  const got = place === undefined || secret ? '' : `, got ${JSON.stringify(place.value)}`;
  return new HostError(
    'bad-option',
    `${source}: ${(issue?.message ?? 'wrong value').replace(/^Invalid input: /, '')}${got}`,
    keys.includes(key) ? `--${flagOf(key)}: ${metaOf(key).help}` : 'reactor-host --help lists all options',
  );
}

/** The link that viewers are given must not open what is for operators. */
export function withOperatorToken<T extends Pick<Config, 'token' | 'operatorToken'>>(config: T): T {
  const isMade = config.token !== undefined && config.operatorToken === undefined;
  return isMade ? { ...config, operatorToken: randomSecret() } : config;
}

function refuseOpenHost(config: Config): void {
  if (config.token !== undefined || isLoopbackHost(config.host)) return;
  throw new HostError(
    'bind-without-token',
    `refusing to listen on ${config.host}:${config.port} without a token`,
    'add --token, or bind 127.0.0.1 (leave --host out)',
  );
}

function defaultText(key: Key): string {
  const parsed = (shape[key] as z.ZodType).safeParse(undefined);
  const value = parsed.success ? parsed.data : undefined;
  if (value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : ` (default ${value.join(',')})`;
  return ` (default ${String(value)})`;
}
