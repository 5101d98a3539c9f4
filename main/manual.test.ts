import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeOptions } from './help.ts';
import { manualPage } from './manual.ts';

test('every option is in the manual page, with its variable and its key', () => {
  const text = manualPage().replaceAll('\\-', '-');
  for (const { flag, environment, key } of describeOptions()) {
    expect(text).toContain(`\n\\fB${flag}\\fR`);
    if (environment) expect(text).toContain(`Environment: ${environment}${key ? `; key: ${key}` : ''}\n`);
  }
});

test('no line of text begins like a request', () => {
  const requests = ['.TH', '.SH', '.TP', '.B', '.RB', '.RI', '.br', '.PP'];
  for (const line of manualPage().split('\n')) {
    if (/^[.']/.test(line)) expect(requests).toContain(line.split(' ')[0]);
  }
});

const groff = spawnSync('groff', ['--version']).status === 0;
test.skipIf(!groff)('groff formats it without a warning', () => {
  const { status, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-z'], {
    input: manualPage(),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
