import type { CommandSpec, MessageSpec, ModelInterface } from '../../protocol/interaction.ts';
import { MAX_SDP_BYTES } from '../../protocol/limits.ts';
import type { Track } from '../../protocol/track.ts';
import { VERSION } from '../version.ts';

const problem = {
  description: 'What is wrong and what to do (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const text = { schema: { type: 'string', maxLength: MAX_SDP_BYTES } };
const object = { schema: { type: 'object' } };
const JSON_SCHEMA = 'https://json-schema.org/draft/2020-12/schema';

export interface SchemaSources {
  /** Class name of the model. */
  name: string | null;
  tracks: readonly Track[];
  /** Undefined until a model has told it. */
  interface: ModelInterface | undefined;
  needsToken: boolean;
}

/**
 * The OpenAPI 3.1 description of this host and its model. `x-tracks` lists the tracks in the model's order; the messages of
 * the model are `components.schemas` under `message.NAME`, and webhooks, as the model sends them by itself.
 */
export function schemaDocument({ name, tracks, interface: known, needsToken }: SchemaSources): object {
  const commands = known?.commands ?? [];
  const messages = known?.messages ?? [];
  const schemas: Record<string, unknown> = {};
  const paths = Object.fromEntries(commands.map((command) => commandPath(command, schemas)));
  const webhooks = Object.fromEntries(messages.map((message) => messageHook(message, schemas)));
  return {
    openapi: '3.1.0',
    info: {
      title: name ?? 'reactor-host',
      version: VERSION,
      ...(known?.description ? { description: known.description } : {}),
    },
    servers: [{ url: '/' }],
    ...(needsToken ? { security: [{ bearer: [] }] } : {}),
    'x-tracks': tracks,
    paths: { ...paths, ...HOST_PATHS },
    webhooks,
    components: {
      schemas: { ...schemas, ...HOST_SCHEMAS },
      ...(needsToken ? { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  };
}

/** The parameters of one command as a JSON Schema of their own. */
export function commandSchema({ name, description, parameters }: CommandSpec): object {
  return {
    $schema: JSON_SCHEMA,
    title: name,
    ...(description === '' ? {} : { description }),
    ...parameters,
  };
}

function commandPath(command: CommandSpec, schemas: Record<string, unknown>): [string, object] {
  const { name, description, parameters, state_field, bind } = command;
  schemas[`command.${name}`] = hoist(`command.${name}`, parameters, schemas);
  const schema = { $ref: `#/components/schemas/command.${name}` };
  const post = {
    operationId: name,
    ...(description === '' ? {} : { summary: firstLine(description), description }),
    tags: ['commands'],
    'x-state-field': state_field,
    'x-bind': bind,
    requestBody: {
      required: isRequired(parameters),
      content: { 'application/json': { schema } },
    },
    responses: {
      200: {
        description: 'It has run',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/CommandResult' } } },
      },
      422: {
        description: 'A parameter is not allowed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/CommandProblem' } } },
      },
      default: problem,
    },
  };
  return [`/commands/${name}`, { post }];
}

function messageHook(message: MessageSpec, schemas: Record<string, unknown>): [string, object] {
  const { name, description, data } = message;
  schemas[`message.${name}`] = hoist(`message.${name}`, data, schemas);
  const schema = { $ref: `#/components/schemas/message.${name}` };
  const post = {
    ...(description === '' ? {} : { summary: firstLine(description), description }),
    tags: ['messages'],
    requestBody: { content: { 'application/json': { schema } } },
    responses: { 200: { description: 'Nothing is answered' } },
  };
  return [name, { post }];
}

/**
 * A schema that has `$defs` refers to them from its own root, which inside a document is somebody else's: they become
 * components of the document. Returns it without them.
 */
function hoist(name: string, schema: Record<string, unknown>, schemas: Record<string, unknown>): object {
  const { $defs = {}, ...rest } = schema;
  for (const [key, definition] of Object.entries($defs as object)) {
    schemas[componentOf(name, key)] = withRefs(definition, name);
  }
  return withRefs(rest, name) as object;
}

function withRefs(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withRefs(each, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const definition =
        key === '$ref' && typeof entry === 'string' ? /^#\/\$defs\/(.+)$/.exec(entry)?.[1] : undefined;
      return definition === undefined
        ? [key, withRefs(entry, name)]
        : [key, `#/components/schemas/${componentOf(name, definition)}`];
    }),
  );
}

/** OpenAPI 3.1 section 4.8.7 allows letters, digits, dot, minus and underscore. */
function componentOf(name: string, definition: string): string {
  return `${name}.${definition.replace(/[^A-Za-z0-9._-]/g, '_')}`;
}

function isRequired(parameters: Record<string, unknown>): boolean {
  return Array.isArray(parameters.required) && parameters.required.length > 0;
}

function firstLine(description: string): string {
  return description.split('\n', 1)[0] ?? '';
}

const HOST_PATHS = {
  '/whep': {
    post: {
      summary: 'Begin to watch: send an SDP offer, get the answer (draft-ietf-wish-whep-03).',
      parameters: [
        {
          name: 'codec',
          in: 'query',
          description: 'Video codecs to try, in order, separated by commas.',
          schema: { type: 'string' },
        },
        {
          name: 'tracks',
          in: 'query',
          description: 'Names of the tracks to send, in order, separated by commas.',
          schema: { type: 'string' },
        },
        {
          name: 'client',
          in: 'query',
          description:
            'Who it is, over reloads: chosen once at random and kept. It takes the place of the one before.',
          schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{16,64}$' },
        },
      ],
      requestBody: { required: true, content: { 'application/sdp': text } },
      responses: {
        201: {
          description: 'The answer. Location is the session.',
          headers: { Location: { schema: { type: 'string' } }, ETag: { schema: { type: 'string' } } },
          content: { 'application/sdp': text },
        },
        default: problem,
      },
    },
  },
  '/whep/{id}': {
    parameters: [idParameter],
    patch: {
      summary: 'Trickle candidates, or restart ICE (RFC 8840).',
      requestBody: { required: true, content: { 'application/trickle-ice-sdpfrag': text } },
      responses: {
        200: { description: 'ICE restarted', content: { 'application/trickle-ice-sdpfrag': text } },
        204: { description: 'Candidates taken' },
        default: problem,
      },
    },
    delete: { summary: 'Stop watching.', responses: { 200: { description: 'Gone' }, default: problem } },
  },
  '/session': {
    get: {
      summary: 'Where the session of all viewers stands.',
      responses: {
        200: {
          description: 'The session',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Session' } } },
        },
        default: problem,
      },
    },
  },
  '/schema': {
    get: {
      summary: 'This document.',
      responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': object } } },
    },
  },
  '/schema/commands/{name}': {
    parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
    get: {
      summary: 'The parameters of one command.',
      responses: {
        200: { description: 'JSON Schema 2020-12', content: { 'application/schema+json': object } },
        default: problem,
      },
    },
  },
  '/health': {
    get: {
      summary: 'Is a stream to be had?',
      responses: { 200: { description: 'Yes' }, 503: { description: 'Not now' } },
    },
  },
  '/events': {
    get: {
      summary: 'Changes of state, messages of the model, and statistics each second, as server-sent events.',
      parameters: [
        {
          name: 'client',
          in: 'query',
          description: 'As with /whep: what the model says to this client alone is told, too.',
          schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{16,64}$' },
        },
      ],
      responses: {
        200: {
          description: 'Events `state`, `session`, `state-values`, `message`, `viewer`, `stats`',
          content: { 'text/event-stream': {} },
        },
        default: problem,
      },
    },
  },
};

const HOST_SCHEMAS = {
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'hint', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      hint: { type: 'string' },
      code: { type: 'string' },
    },
  },
  CommandProblem: {
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: {
      field: { type: ['string', 'null'], description: 'The parameter that was wrong.' },
      limit: { type: ['object', 'null'], description: 'What it broke, such as {"le": 4}.' },
    },
  },
  CommandResult: {
    type: 'object',
    required: ['ok', 'reply'],
    properties: {
      ok: { const: true },
      reply: {
        description: 'The message that the handler returned.',
        type: ['object', 'null'],
        required: ['type', 'data'],
        properties: { type: { type: 'string' }, data: { type: 'object' } },
      },
    },
  },
  Session: {
    type: 'object',
    required: ['session_id', 'state', 'since_ms', 'clients', 'client_ids'],
    properties: {
      session_id: { type: 'string' },
      state: { enum: ['created', 'ready', 'waiting', 'streaming', 'orphaned', 'closing', 'terminated'] },
      since_ms: { type: 'integer', description: 'For how long it has been in that state.' },
      clients: { type: 'integer', description: 'How many are connected.' },
      client_ids: { type: 'array', items: { type: 'string' } },
    },
  },
};
