import { expect, test } from 'vitest';
import { configSchema } from './config.ts';
import { Redactor, withoutIcePasswords } from './redact.ts';

const config = configSchema.parse({
  token: 'a+token/with=',
  operatorToken: 'another-token',
  hostSecret: 'a "quoted" secret',
  iceServers: [{ urls: 'turn:turn.example', username: 'me', credential: 'turn-password' }],
});

test('secrets are replaced as they are, in an address, and in JSON', () => {
  const redactor = new Redactor(config);
  const text = JSON.stringify({
    link: `http://127.0.0.1/?token=${encodeURIComponent('a+token/with=')}`,
    header: 'Bearer a+token/with=',
    operator: 'Bearer another-token',
    secret: 'a "quoted" secret',
    turn: 'turn-password of me',
  });
  const redacted = redactor.text(text);
  expect(JSON.parse(redacted)).toEqual({
    link: 'http://127.0.0.1/?token=[secret]',
    header: 'Bearer [secret]',
    operator: 'Bearer [secret]',
    secret: '[secret]',
    turn: '[secret] of me',
  });
});

test('a configuration tells that a secret is set, and not which', () => {
  const text = JSON.stringify(new Redactor(config).config(config));
  for (const secret of ['a+token', 'another', 'quoted', 'turn-password']) expect(text).not.toContain(secret);
  expect(JSON.parse(text)).toMatchObject({
    token: '[secret]',
    operatorToken: '[secret]',
    hostSecret: '[secret]',
    iceServers: [{ urls: 'turn:turn.example', username: 'me', credential: '[secret]' }],
    port: 8080,
  });
  const plain = configSchema.parse({});
  expect(new Redactor(plain).config(plain)).toMatchObject({ token: undefined });
  expect(new Redactor(plain).text('nothing to hide')).toBe('nothing to hide');
});

test('passwords of ICE are not in an SDP, all else is', () => {
  const sdp = 'v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=mid:0\r\n';
  expect(withoutIcePasswords(sdp)).toBe('v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:[secret]\r\na=mid:0\r\n');
});
