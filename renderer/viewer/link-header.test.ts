import { expect, test } from 'vitest';
import { iceServersOf } from './link-header.ts';

test.each([
  ['none', null, []],
  ['one', '<stun:stun.example.net>; rel="ice-server"', [{ urls: 'stun:stun.example.net' }]],
  [
    'several, with quotes and commas in a password',
    '<stun:a.example>; rel="ice-server", <turn:b.example?transport=udp>; rel="ice-server"; username="me"; credential="p\\"a,;s"; credential-type="password"',
    [
      { urls: 'stun:a.example' },
      { urls: 'turn:b.example?transport=udp', username: 'me', credential: 'p"a,;s' },
    ],
  ],
  ['another relation', '<https://a.example/next>; rel="next"', []],
  ['not an ICE server', '<https://a.example/>; rel="ice-server"', []],
])('iceServersOf: %s', (_, header, expected) => {
  expect(iceServersOf(header)).toEqual(expected);
});
