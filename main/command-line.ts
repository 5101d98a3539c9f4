import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import {
  type Config,
  configSchema,
  envOf,
  flagOf,
  type Key,
  metaOf,
  optionKeys,
  SECRET_KEYS,
} from './config.ts';
import { HostError } from './errors.ts';
import { DOCTOR_FLAGS, STATS_FLAGS } from './help.ts';
import { isAnyAddress, isLoopbackHost } from './loopback.ts';
import { didYouMean } from './suggest.ts';

/** Environment variables with our prefix that are not options: they are set by the host for the Python process. */
const RESERVED_ENV = new Set(['REACTOR_HOST_URL', 'REACTOR_HOST_SECRET', 'REACTOR_HOST_SUPERVISED']);

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
  const byFlag = new Map(optionKeys.map((key) => [flagOf(key), key]));
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
        optionKeys.map((key) => [
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
  const byName = new Map(optionKeys.map((key) => [envOf(key), key]));
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
    if (!optionKeys.includes(camel as Key)) {
      throw new HostError(
        'bad-option',
        `unknown key ${name} in ${full}${didYouMean(camel, optionKeys)}`,
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
  const secret = SECRET_KEYS.some((each) => each === key);
  const got = place === undefined || secret ? '' : `, got ${JSON.stringify(place.value)}`;
  return new HostError(
    'bad-option',
    `${source}: ${(issue?.message ?? 'wrong value').replace(/^Invalid input: /, '')}${got}`,
    optionKeys.includes(key)
      ? `--${flagOf(key)}: ${metaOf(key).help}`
      : 'reactor-host --help lists all options',
  );
}

function refuseOpenHost(config: Config): void {
  if (config.token !== undefined || isLoopbackHost(config.host)) return;
  throw new HostError(
    'bind-without-token',
    `refusing to listen on ${config.host}:${config.port} without a token`,
    'add --token, or bind 127.0.0.1 (leave --host out)',
  );
}
