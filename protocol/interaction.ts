import { z } from 'zod';
import { errorInfo } from './error.ts';
import { isDeeper } from './json-depth.ts';
import { MAX_COMMANDS, MAX_JSON_DEPTH, MAX_MODEL_MESSAGES, MAX_TRACKS } from './limits.ts';
import { track } from './track.ts';
import { viewerId } from './viewer.ts';

/**
 * What viewers and the model say to each other, between the model and the host: commands one way, messages and the state
 * the other. The same things on a viewer's data channel are in data-channel.ts.
 *
 * @packageDocumentation
 */

/** Of a command or a message, such as `set_prompt`. */
export const interactionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/);
/** A JSON object: parameters of a command, fields of a message, a JSON Schema. */
export const jsonObject = z
  .record(z.string(), z.unknown())
  .refine((value) => !isDeeper(value, MAX_JSON_DEPTH), `nested deeper than ${MAX_JSON_DEPTH} levels`);

/** Something that a viewer can ask of the model. */
export const commandSpec = z.object({
  name: interactionName,
  description: z.string().max(8192),
  /** JSON Schema 2020-12 of the parameters; its `type` is `object`. */
  parameters: jsonObject,
  /** The field of the state that this command sets, for `set_<field>`; else null. */
  state_field: z.string().max(64).nullable(),
  /** What of the viewer's keyboard or pointer is to be sent by this command, without a control being touched. */
  bind: z.enum(['keyboard', 'pointer']).nullable(),
});
export type CommandSpec = z.infer<typeof commandSpec>;

/** Something that the model can tell viewers. */
export const messageSpec = z.object({
  name: interactionName,
  description: z.string().max(8192),
  /** JSON Schema 2020-12 of its fields. */
  data: jsonObject,
});
export type MessageSpec = z.infer<typeof messageSpec>;

/** Model to host, after its hello: everything that can be said to and by this model, and its state as it begins. */
export const modelInterface = z.object({
  type: z.literal('interface'),
  description: z.string().max(8192),
  commands: z.array(commandSpec).max(MAX_COMMANDS),
  messages: z.array(messageSpec).max(MAX_MODEL_MESSAGES),
  state: jsonObject,
});
export type ModelInterface = z.infer<typeof modelInterface>;

/** Model to host: fields of the state that have another value now. `client_id`: of whom that is the doing, if of one. */
export const stateChanged = z.object({
  type: z.literal('state-changed'),
  client_id: viewerId.nullable(),
  values: jsonObject,
});
export type StateChanged = z.infer<typeof stateChanged>;

/** Model to host: to every client, or to one. */
export const modelMessage = z.object({
  type: z.literal('message'),
  client_id: viewerId.nullable(),
  name: interactionName,
  data: jsonObject,
});
export type ModelMessage = z.infer<typeof modelMessage>;

/** Host to model: what a client asks, its parameters not yet looked at. */
export const modelCommand = z.object({
  type: z.literal('command'),
  request_id: z.int().min(0),
  client_id: viewerId,
  name: z.string().max(64),
  data: jsonObject,
});
export type ModelCommand = z.infer<typeof modelCommand>;

/** Why a command was refused. `field` is the parameter that was wrong, and `limit` what it broke, such as `{"le": 4}`. */
export const commandFailure = errorInfo.extend({
  field: z.string().max(256).nullable(),
  limit: jsonObject.nullable(),
});
export type CommandFailure = z.infer<typeof commandFailure>;

/** Model to host: a command has run, or was refused. `reply` is the message that its handler returned. */
export const commandDone = z.object({
  type: z.literal('command-done'),
  request_id: z.int().min(0),
  error: commandFailure.nullable(),
  reply: z.object({ name: interactionName, data: jsonObject }).nullable(),
});
export type CommandDone = z.infer<typeof commandDone>;

/** Host to model: a session begins (`started`) or ends; the model's state is that of one session. */
export const modelSession = z.object({
  type: z.literal('session'),
  session_id: z.string().min(1).max(64),
  state: z.enum(['started', 'ended']),
});
export type ModelSession = z.infer<typeof modelSession>;

/** Host to model: a client of the session can be reached, or has gone. Clients do not go one by one when a session ends. */
export const modelClient = z.object({
  type: z.literal('client'),
  client_id: viewerId,
  connected: z.boolean(),
});
export type ModelClient = z.infer<typeof modelClient>;

/** Model to host: its handlers of the end of this session have run. */
export const modelSessionEnded = z.object({
  type: z.literal('session-ended'),
  session_id: z.string().min(1).max(64),
});
export type ModelSessionEnded = z.infer<typeof modelSessionEnded>;

/** What `python -m reactor_host --describe model.py` prints as JSON, in one line, the last of its standard output. */
export const modelDescription = z.object({
  /** Class name of the model. */
  model: z.string().max(256),
  tracks: z.array(track).min(1).max(MAX_TRACKS),
  interface: modelInterface,
});
export type ModelDescription = z.infer<typeof modelDescription>;
