import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { withOperatorToken } from '../config.ts';
import { isLoopbackAddress, isLoopbackHost, networkAddress } from '../loopback.ts';
import { isTrustedHost, type Role, TokenAuth } from './auth.ts';
import { allowedOrigin } from './cors.ts';
import { RequestLimit } from './request-limit.ts';

test.each<[string, Parameters<typeof allowedOrigin>[1], string | undefined]>([
  ['http://localhost:3000', {}, 'http://localhost:3000'],
  ['https://127.0.0.1:5173', {}, 'https://127.0.0.1:5173'],
  ['http://[::1]:1', {}, 'http://[::1]:1'],
  ['https://evil.example', {}, undefined],
  ['http://localhost.evil.example', {}, undefined],
  ['null', {}, undefined],
  ['https://evil.example', { token: 'longenough' }, '*'],
  ['https://a.example', { corsOrigins: ['https://a.example'] }, 'https://a.example'],
  ['http://localhost:3000', { corsOrigins: ['https://a.example'] }, undefined],
  ['https://b.example', { corsOrigins: ['*'] }, '*'],
])('origin %s with %j is allowed as %s', (origin, config, allowed) => {
  expect(allowedOrigin(origin, config)).toBe(allowed);
});

test.each([
  ['127.0.0.1:8080', true],
  ['localhost:8080', true],
  ['[::1]:8080', true],
  ['192.168.1.5', true],
  ['evil.example:8080', false],
  ['127.0.0.1.evil.example', false],
  [undefined, false],
])('Host: %s is trusted: %s', (host, trusted) => {
  expect(isTrustedHost(host)).toBe(trusted);
});

test('loopback is told from the rest', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every((each) => isLoopbackAddress(each))).toBe(
    true,
  );
  expect(['10.0.0.1', '::', '::ffff:10.0.0.1', '', undefined].some((each) => isLoopbackAddress(each))).toBe(
    false,
  );
  expect(['0.0.0.0', '::', 'example.com', '127.0.0.1.nip.io'].some((each) => isLoopbackHost(each))).toBe(
    false,
  );
});

test.each([
  ['0.0.0.0', { lo: ['127.0.0.1'], eth0: ['fe80::1', '192.168.1.5', '10.0.0.1'] }, '192.168.1.5'],
  ['::', { wlan0: ['169.254.3.4'], eth0: ['10.0.0.1'] }, '10.0.0.1'],
  ['0.0.0.0', { lo: ['127.0.0.1', '::1'], eth0: ['2001:db8::1'] }, undefined],
  ['0.0.0.0', {}, undefined],
  ['127.0.0.1', { eth0: ['192.168.1.5'] }, undefined],
  ['192.168.1.5', { eth0: ['192.168.1.5'] }, undefined],
])('listening on %s with %j, others come to %s', (listening, addresses, expected) => {
  const interfaces = Object.fromEntries(
    Object.entries(addresses).map(([name, each]) => [
      name,
      each.map(
        (address) =>
          ({
            address,
            family: isIPv4(address) ? 'IPv4' : 'IPv6',
            internal: name === 'lo',
          }) as NetworkInterfaceInfo,
      ),
    ]),
  );
  expect(networkAddress(listening, interfaces)).toBe(expected);
});

test('a token is taken as bearer or as the cookie of this port', () => {
  const auth = new TokenAuth({ token: 'the-token', operatorToken: undefined });
  const cookie = auth.cookie('the-token', 80).split(';')[0] ?? '';
  expect(auth.cookie('the-token', 80)).toMatch(/HttpOnly; SameSite=Lax$/);
  expect(cookie).not.toContain('the-token');
  const allows = (headers: Record<string, string>) => auth.allows('viewer', new Headers(headers), 80);
  expect(allows({ authorization: 'Bearer the-token' })).toBe(true);
  expect(allows({ authorization: 'bearer the-token' })).toBe(true);
  expect(allows({ cookie: `other=1; ${cookie}` })).toBe(true);
  expect(allows({})).toBe(false);
  expect(allows({ authorization: 'Bearer another' })).toBe(false);
  expect(allows({ cookie: 'reactor_host_80=the-token' })).toBe(false);
});

test.each<[Parameters<typeof withOperatorToken>[0], string | undefined, Role, boolean]>([
  [{ token: undefined, operatorToken: undefined }, undefined, 'viewer', true],
  [{ token: undefined, operatorToken: undefined }, undefined, 'operator', true],
  [{ token: undefined, operatorToken: 'operators' }, undefined, 'viewer', true],
  [{ token: undefined, operatorToken: 'operators' }, undefined, 'operator', false],
  [{ token: undefined, operatorToken: 'operators' }, 'operators', 'operator', true],
  [{ token: 'viewers-', operatorToken: undefined }, undefined, 'viewer', false],
  [{ token: 'viewers-', operatorToken: undefined }, 'viewers-', 'viewer', true],
  // Nobody operates it, rather than everybody who watches.
  [{ token: 'viewers-', operatorToken: undefined }, 'viewers-', 'operator', false],
  [{ token: 'viewers-', operatorToken: 'operators' }, 'viewers-', 'operator', false],
  [{ token: 'viewers-', operatorToken: 'operators' }, 'operators', 'operator', true],
  [{ token: 'viewers-', operatorToken: 'operators' }, 'operators', 'viewer', true],
])('with the tokens %j, %s is taken for a %s: %s', (tokens, given, role, isTaken) => {
  const auth = new TokenAuth(tokens);
  const headers = new Headers(given === undefined ? {} : { authorization: `Bearer ${given}` });
  expect(auth.allows(role, headers, 80)).toBe(isTaken);
  const cookie = given === undefined ? '' : (auth.cookie(given, 80).split(';')[0] ?? '');
  expect(auth.allows(role, new Headers({ cookie }), 80)).toBe(isTaken);
});

test('a host with a token for viewers makes one for operators, another at each start', () => {
  const made = () => withOperatorToken({ token: 'viewers-', operatorToken: undefined }).operatorToken;
  expect(made()).toMatch(/^[\w-]{43}$/);
  expect(made()).not.toBe(made());
  const given = { token: 'viewers-', operatorToken: 'operators' };
  expect(withOperatorToken(given)).toEqual(given);
  expect(withOperatorToken({ token: undefined, operatorToken: undefined }).operatorToken).toBeUndefined();
});

test('a bucket empties at once and fills slowly, for each client alone', () => {
  const limit = new RequestLimit(2, 1);
  expect([limit.allow('a', 0), limit.allow('a', 0), limit.allow('a', 0)]).toEqual([true, true, false]);
  expect(limit.allow('b', 0)).toBe(true);
  expect(limit.allow('a', 900)).toBe(false);
  expect(limit.allow('a', 1900)).toBe(true);
});
