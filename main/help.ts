import { defaultOf, envOf, flagOf, type Key, metaOf, optionKeys } from './config.ts';

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
    ...optionKeys.map((key) => {
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

function defaultText(key: Key): string {
  const value = defaultOf(key);
  if (value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : ` (default ${value.join(',')})`;
  return ` (default ${String(value)})`;
}
