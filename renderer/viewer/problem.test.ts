import { describe, expect, test } from 'vitest';
import { problemOfAnswer } from './problem.ts';

describe('problemOfAnswer', () => {
  test('takes code, detail and hint of problem+json', () => {
    const body = JSON.stringify({
      title: 'Not Acceptable',
      detail: 'no codec',
      hint: 'ask for vp8',
      code: 'no-common-codec',
    });
    expect(problemOfAnswer(406, body)).toEqual({
      code: 'no-common-codec',
      message: 'no codec',
      hint: 'ask for vp8',
      retry: false,
    });
  });

  for (const [name, body] of [
    ['an empty body', ''],
    ["a proxy's page", '<html>Bad Gateway</html>'],
    ['fields of another type', '{"detail": 5}'],
    ['a list', '[]'],
  ] as const) {
    test(`${name} still gives words`, () => {
      const problem = problemOfAnswer(502, body);
      expect(problem.code).toBe('http-502');
      expect(problem.message).toContain('502');
      expect(problem.hint).not.toBe('');
    });
  }

  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, true],
    [406, false],
    [415, false],
    [429, true],
    [500, true],
    [503, true],
    [504, true],
  ])('status %i: trying again helps: %s', (status, retry) => {
    expect(problemOfAnswer(status, '{}').retry).toBe(retry);
  });
});
