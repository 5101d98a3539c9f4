import { describe, expect, it } from 'vitest';
import { figure, table } from './table.ts';

describe('table', () => {
  it('puts units under names, text left, figures right', () => {
    const text = table(
      [
        ['contestant', ''],
        ['p50', 'ms'],
      ],
      [
        ['a', '7.5'],
        ['bb', '1234.0'],
      ],
    );
    expect(text).toBe(
      [
        'contestant     p50',
        '                ms',
        '----------  ------',
        'a              7.5',
        'bb          1234.0',
      ].join('\n'),
    );
  });
});

describe('figure', () => {
  it('has the decimals asked for, and a dash for what was not measured', () => {
    expect([figure(1.25, 1), figure(3), figure(null), figure(Number.NaN, 2)]).toEqual(['1.3', '3', '-', '-']);
  });
});
