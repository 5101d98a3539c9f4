import { expect, test } from 'vitest';
import { LastWords } from './last-words.ts';

const LIBRARY =
  '/opt/electron/electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file';
const SANDBOX =
  '[12:0101/101010.1:FATAL:setuid_sandbox_host.cc(158)] The SUID sandbox helper binary was found';

test.each([
  [[], 1, null, 'exit code 1'],
  [[], null, 'SIGKILL', 'signal SIGKILL'],
  [[LIBRARY, ''], 127, null, `exit code 127: ${LIBRARY}`],
  [['[1:1125/1.2:ERROR:bus.cc(399)] Failed to connect to the bus'], null, 'SIGKILL', 'signal SIGKILL'],
  [['[1:ERROR:dbus] no bus', 'bye'], 3, null, 'exit code 3: bye'],
  [
    [
      '[1:ERROR:dbus] no bus',
      SANDBOX,
      '#0 0x55d0 base::debug',
      '  r8: 0000',
      '[end of stack trace]',
      'Trace',
    ],
    null,
    'SIGTRAP',
    `signal SIGTRAP: ${SANDBOX}`,
  ],
])('after %j, code %s, signal %s it is "%s"', (lines, code, signal, words) => {
  const last = new LastWords();
  for (const line of lines) last.add(line);
  expect(last.after(code, signal)).toBe(words);
});
