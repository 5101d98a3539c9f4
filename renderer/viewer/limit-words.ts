const SIGNS: Record<string, string> = { ge: '≥', gt: '>', le: '≤', lt: '<' };
const LENGTHS: Record<string, string> = { min_length: 'at least', max_length: 'at most' };

/** `speed`, `{"le": 4}` -> `speed ≤ 4`: what a refused value has to keep to. */
export function limitWords(field: string, limit: Record<string, unknown>): string {
  return Object.entries(limit)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (name in SIGNS) return `${field} ${SIGNS[name]} ${text}`;
      if (name in LENGTHS) return `${field}: ${LENGTHS[name]} ${text} long`;
      if (name === 'choices' && Array.isArray(value)) return `${field}: ${value.map(plain).join(', ')}`;
      return `${field}: ${name.replace(/_/g, ' ')} ${text}`;
    })
    .join(', ');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
