import type { Hono } from 'hono';
import type { CommandFailure } from '../../protocol/interaction.ts';
import { jsonObject } from '../../protocol/interaction.ts';
import {
  CHANNEL_BURST_MESSAGES,
  CHANNEL_MESSAGES_PER_SECOND,
  MAX_CHANNEL_MESSAGE_CHARS,
} from '../../protocol/limits.ts';
import { HTTP_CLIENT_ID } from '../client-id.ts';
import { unknownCommand } from '../commands.ts';
import { HostError } from '../errors.ts';
import type { Interaction } from '../interaction.ts';
import { otherMediaType, readJson, readText } from './body.ts';
import { problem } from './problem.ts';
import { RequestLimit } from './request-limit.ts';
import { commandSchema } from './schema.ts';
import { methodNotAllowed, type WhepEnv } from './whep.ts';

const JSON_TYPE = 'application/json';

/** What a command can fail with, as HTTP says it. Any other code is an author's own (CommandError): 409. */
const STATUS: Record<string, number> = {
  'unknown-command': 404,
  'invalid-command': 422,
  'too-many-messages': 429,
  'command-failed': 500,
  'model-not-ready': 503,
  'command-timeout': 504,
};
const AUTHORS_STATUS = 409;

export interface CommandOptions {
  interaction: Interaction;
  nowMs: () => number;
}

/** `POST /commands/{name}`, for clients without WebRTC; and what it takes: `GET /schema/commands/{name}`. */
export function addCommands(app: Hono<WhepEnv>, { interaction, nowMs }: CommandOptions): void {
  const limit = new RequestLimit(CHANNEL_BURST_MESSAGES, CHANNEL_MESSAGES_PER_SECOND);

  app.post('/commands/:name', async (context) => {
    const request = context.req.raw;
    if (!limit.allow(context.get('clientAddress'), nowMs())) {
      throw new HostError(
        'too-many-requests',
        `more than ${CHANNEL_MESSAGES_PER_SECOND} commands a second from this address`,
        'send fewer',
      );
    }
    const text = await readText(request, MAX_CHANNEL_MESSAGE_CHARS, 'send smaller parameters');
    const hint = `send the parameters as a JSON object with Content-Type: ${JSON_TYPE}`;
    const otherType = text === '' ? undefined : otherMediaType(request, JSON_TYPE, hint);
    if (otherType) throw otherType;
    // No body is no parameters.
    const data = text === '' ? {} : readJson(text, jsonObject, malformed);
    const { error, reply } = await interaction.run(HTTP_CLIENT_ID, context.req.param('name'), data);
    if (error) return commandProblem(error);
    return context.json({ ok: true, reply: reply && { type: reply.name, data: reply.data } }, 200, {
      'cache-control': 'no-store',
    });
  });
  app.options(
    '/commands/:name',
    () => new Response(null, { status: 204, headers: { allow: 'POST, OPTIONS', 'accept-post': JSON_TYPE } }),
  );
  app.all('/commands/:name', ({ req }) => methodNotAllowed(req.method, 'POST, OPTIONS'));

  app.get('/schema/commands/:name', (context) => {
    const name = context.req.param('name');
    const commands = interaction.interface?.commands ?? [];
    const command = commands.find((each) => each.name === name);
    if (!command)
      return commandProblem(
        unknownCommand(
          name,
          commands.map((each) => each.name),
        ),
      );
    return context.body(JSON.stringify(commandSchema(command)), 200, {
      'content-type': 'application/schema+json',
      'cache-control': 'no-store',
    });
  });
}

function malformed(what: string): HostError {
  return new HostError(
    'malformed-message',
    `the parameters are not a JSON object: ${what}`,
    'send an object such as {"prompt": "a meadow"}; GET /schema describes the parameters',
  );
}

function commandProblem({ field, limit, ...error }: CommandFailure): Response {
  return problem(STATUS[error.code] ?? AUTHORS_STATUS, error, { field, limit });
}
