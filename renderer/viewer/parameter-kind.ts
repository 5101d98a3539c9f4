import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';

/** A JSON Schema (2020-12), or a part of one. */
export type JsonSchema = Record<string, unknown>;

/** Which control a parameter gets, with what the control has to know. */
export type ParameterKind =
  | { kind: 'number'; isInteger: boolean; min: number | null; max: number | null; step: number }
  | { kind: 'choice'; values: readonly unknown[] }
  | { kind: 'switch' }
  | { kind: 'text'; maxLength: number | null; isLong: boolean }
  | { kind: 'colour' }
  | { kind: 'file'; maxBytes: number; accept: string }
  /** What has no control of its own is written as JSON. */
  | { kind: 'json' };

export interface Parameter {
  name: string;
  /** As people read it. */
  label: string;
  description: string;
  kind: ParameterKind;
  isNullable: boolean;
  isRequired: boolean;
  /** Undefined: none. */
  defaultValue: unknown;
}

/** Beyond this a line of text is too short to be read back. */
const LONG_TEXT_CHARS = 120;
/** A slider moves in steps of about this share of its way. */
const SLIDER_STEPS = 100;
/** Of a message with a file, for its envelope and its other parameters. */
const ENVELOPE_CHARS = 4096;

/** @param root what `$ref` is looked up in, beside the schema itself */
export function parametersOf(schema: JsonSchema, root: JsonSchema = {}): Parameter[] {
  const resolved = resolve(schema, schema, root);
  const required = Array.isArray(resolved.required) ? resolved.required : [];
  return Object.entries(objectOf(resolved.properties)).map(([name, property]) =>
    parameter(name, objectOf(property), required.includes(name), schema, root),
  );
}

function parameter(
  name: string,
  property: JsonSchema,
  isRequired: boolean,
  schema: JsonSchema,
  root: JsonSchema,
): Parameter {
  const { inner, isNullable } = withoutNull(resolve(property, schema, root), schema, root);
  const kind = kindOf(inner);
  const isNullableSwitch = isNullable && kind.kind === 'switch';
  return {
    name,
    label: labelOf(name, property.title ?? inner.title),
    description: textOf(property.description ?? inner.description),
    // A third state needs a third place.
    kind: isNullableSwitch ? { kind: 'choice', values: [true, false] } : kind,
    isNullable,
    isRequired,
    defaultValue: 'default' in property ? property.default : inner.default,
  };
}

export function kindOf(schema: JsonSchema): ParameterKind {
  if (Array.isArray(schema.enum)) return { kind: 'choice', values: schema.enum };
  if ('const' in schema) return { kind: 'choice', values: [schema.const] };
  switch (schema.type) {
    case 'boolean':
      return { kind: 'switch' };
    case 'integer':
    case 'number':
      return numberKind(schema, schema.type === 'integer');
    case 'string':
      return stringKind(schema);
    default:
      return { kind: 'json' };
  }
}

function numberKind(schema: JsonSchema, isInteger: boolean): ParameterKind {
  const lowest = numberOf(schema.minimum);
  const highest = numberOf(schema.maximum);
  const above = numberOf(schema.exclusiveMinimum);
  const below = numberOf(schema.exclusiveMaximum);
  const low = lowest ?? above;
  const high = highest ?? below;
  const step = numberOf(schema.multipleOf) ?? (isInteger ? 1 : niceStep(low, high));
  return {
    kind: 'number',
    isInteger,
    // One step inside a limit that is not itself allowed.
    min: lowest ?? (above === null ? null : tidy(above + step)),
    max: highest ?? (below === null ? null : tidy(below - step)),
    step,
  };
}

function stringKind(schema: JsonSchema): ParameterKind {
  if (schema.contentEncoding === 'base64') {
    const chars = Math.min(
      numberOf(schema.maxLength) ?? Number.POSITIVE_INFINITY,
      MAX_CHANNEL_MESSAGE_CHARS - ENVELOPE_CHARS,
    );
    return {
      kind: 'file',
      // RFC 4648 section 4: four characters carry three bytes.
      maxBytes: Math.floor(chars / 4) * 3,
      accept: textOf(schema.contentMediaType),
    };
  }
  if (schema.format === 'color') return { kind: 'colour' };
  const maxLength = numberOf(schema.maxLength);
  return { kind: 'text', maxLength, isLong: maxLength === null || maxLength > LONG_TEXT_CHARS };
}

/** 0.01 for 0 to 1, 0.05 for 0 to 5: about a hundred steps, and numbers that people would write. */
function niceStep(low: number | null, high: number | null): number {
  if (low === null || high === null || !(high > low)) return 0.01;
  const exact = (high - low) / SLIDER_STEPS;
  const power = 10 ** Math.floor(Math.log10(exact) + 1e-9);
  const factor = [5, 2, 1].find((each) => each * power <= exact * (1 + 1e-9)) ?? 1;
  return tidy(factor * power);
}

/** Without what binary fractions add: 0.1 + 0.2 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Follows `$ref` and a lone `allOf`, which generators write around a named type. */
function resolve(schema: JsonSchema, own: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  if (depth > 16) return {};
  const { $ref, allOf, ...rest } = schema;
  const [only, ...others] = Array.isArray(allOf) ? allOf : [];
  const target =
    typeof $ref === 'string'
      ? (lookUp($ref, own) ?? lookUp($ref, root))
      : only !== undefined && others.length === 0
        ? objectOf(only)
        : undefined;
  return target ? { ...resolve(target, own, root, depth + 1), ...rest } : schema;
}

function lookUp(ref: string, document: JsonSchema): JsonSchema | undefined {
  if (!ref.startsWith('#/')) return undefined;
  let here: unknown = document;
  for (const part of ref.slice(2).split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    here = objectOf(here)[name];
  }
  return here === undefined ? undefined : objectOf(here);
}

function withoutNull(
  schema: JsonSchema,
  own: JsonSchema,
  root: JsonSchema,
): { inner: JsonSchema; isNullable: boolean } {
  const { anyOf, oneOf, type, ...rest } = schema;
  const branches = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
  if (branches) {
    const resolved = branches.map((each) => resolve(objectOf(each), own, root));
    const others = resolved.filter((each) => each.type !== 'null');
    const [only] = others;
    const isNullable = others.length < resolved.length;
    return { inner: others.length === 1 && only ? { ...rest, ...only } : {}, isNullable };
  }
  if (Array.isArray(type)) {
    const others = type.filter((each) => each !== 'null');
    return {
      inner: others.length === 1 ? { ...rest, type: others[0] } : rest,
      isNullable: others.length < type.length,
    };
  }
  if (Array.isArray(schema.enum) && schema.enum.includes(null)) {
    return { inner: { ...schema, enum: schema.enum.filter((each) => each !== null) }, isNullable: true };
  }
  return { inner: schema, isNullable: false };
}

/** `brush_size` -> `Brush size`. A title that a generator made of the name says no more. */
function labelOf(name: string, title: unknown): string {
  const words = wordsOf(name);
  const own = textOf(title).trim();
  const isOfName = wordsOf(own).toLowerCase() === words.toLowerCase();
  return own === '' || isOfName ? words.charAt(0).toUpperCase() + words.slice(1) : own;
}

function wordsOf(name: string): string {
  return name.replace(/_+/g, ' ').trim() || name;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function objectOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
