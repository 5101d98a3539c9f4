import { expect, test } from 'vitest';
import { xauthority } from './xvfb.ts';

test('an Xauthority entry for any host and display', () => {
  const cookie = Buffer.alloc(16, 0xab);
  expect(xauthority(cookie).toString('hex')).toBe(
    [
      'ffff', // FamilyWild
      '0000', // no address
      '0000', // no display number
      '0012', // length of the name
      Buffer.from('MIT-MAGIC-COOKIE-1').toString('hex'),
      '0010', // length of the cookie
      'ab'.repeat(16),
    ].join(''),
  );
});
