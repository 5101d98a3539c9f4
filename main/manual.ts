import { DOCTOR_FLAGS, describeOptions, STATS_FLAGS } from './help.ts';
import { VERSION } from './version.ts';

/** The manual page reactor-host(1) in the man(7) macros, from the options' own declarations. Built into packages. */
export function manualPage(): string {
  const lines = [
    `.TH REACTOR-HOST 1 "" "reactor-host ${VERSION}" "User Commands"`,
    '.SH NAME',
    'reactor-host \\- plays what a Python model yields in browsers, live over WebRTC',
    '.SH SYNOPSIS',
    '.B reactor-host',
    '.RI [ options ] " " [ FILE [: CLASS ]]',
    '.br',
    '.B reactor-host doctor',
    '.RB [ \\-\\-json ] " " [ \\-\\-install ]',
    '.RI [ options ]',
    '.br',
    '.B reactor-host stats',
    '.RI [ URL ]',
    '.RB [ \\-\\-once ] " " [ \\-\\-json ]',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    'Starts the model, which is a class in a Python file, and a browser engine, hidden, that encodes what the model yields.',
    'Browsers play it at the printed address. Without a model the bundled example plays.',
    '.PP',
    'Each option is also an environment variable and a key of the config file (YAML or JSON).',
    'A flag wins over the environment, that over the file.',
  ];
  let before = '';
  for (const { group, flag, value, help, environment, key } of describeOptions()) {
    if (group !== before) lines.push(`.SH "${group === 'Other' ? 'OTHER' : group.toUpperCase()} OPTIONS"`);
    before = group;
    lines.push('.TP', `\\fB${roff(flag)}\\fR${value ? ` \\fI${roff(value)}\\fR` : ''}`, roff(help));
    if (environment) lines.push('.br', `Environment: ${roff(environment)}${key ? `; key: ${key}` : ''}`);
  }
  lines.push(
    '.SH DOCTOR',
    'Looks whether this machine can run the host, and says what to do where it cannot: the engine and its codecs, hardware',
    'encoders, the display, ports, Python and its packages, shared memory, the network. It takes all options of the host and',
    'looks at what the host would do with them. It ends with 0 where the host can run, else with 1.',
  );
  for (const { flag, help } of DOCTOR_FLAGS) lines.push('.TP', `\\fB${roff(flag)}\\fR`, roff(help));
  lines.push(
    '.SH STATS',
    'Shows what a running host measures, once a second, as a table or as JSON. Without a URL it asks the host that was started with',
    'the same options; the link with the token that the host printed will do as well.',
  );
  for (const { flag, help } of STATS_FLAGS) lines.push('.TP', `\\fB${roff(flag)}\\fR`, roff(help));
  lines.push(
    '.SH SIGNALS',
    '.TP',
    'SIGTERM, SIGINT, SIGHUP',
    'The host tells its viewers and waits until they have left, at most \\fB\\-\\-drain\\-limit\\-ms\\fR; then it ends the model and',
    'the engine. A second one ends everything at once.',
    '.SH EXIT STATUS',
    '.TP',
    '0',
    'It was asked to end.',
    '.TP',
    '1',
    'It could not go on: the message says why.',
    '.TP',
    '64',
    'A wrong option or config file.',
    '.TP',
    '130',
    'It was asked to end twice.',
    '.SH FILES',
    '.TP',
    '\\fI~/.local/share/reactor\\-host/python\\fR',
    'The Python environment of an installed package ($XDG_DATA_HOME).',
    '.TP',
    '\\fI/etc/reactor\\-host/reactor\\-host.yml\\fR, \\fI/etc/reactor\\-host/environment\\fR',
    'Settings and secrets of the service \\fBreactor\\-host.service\\fR.',
  );
  return `${lines.join('\n')}\n`;
}

/** A minus that can be copied, and no line that begins like a request (groff_man_style(7)). */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
