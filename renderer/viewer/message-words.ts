/** The longest text of a message that is shown: what is longer is data, not words. */
const MAX_CHARS = 2_000;

/** The fields of a message on one line: `count 3 · at [0.5, 1]`. A lone text needs no name. */
export function messageWords(data: Record<string, unknown>): string {
  const fields = Object.entries(data);
  const [first] = fields;
  const words =
    fields.length === 1 && first && typeof first[1] === 'string'
      ? first[1]
      : fields.map(([name, value]) => `${name} ${valueWords(value)}`).join(' · ');
  return words.length > MAX_CHARS ? `${words.slice(0, MAX_CHARS)}…` : words;
}

function valueWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return JSON.stringify(value);
}
