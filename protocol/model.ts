import { z } from 'zod';
import { errorInfo } from './error.ts';
import { modelHello, modelWelcome } from './hello.ts';
import {
  commandDone,
  modelClient,
  modelCommand,
  modelInterface,
  modelMessage,
  modelSession,
  modelSessionEnded,
  stateChanged,
} from './interaction.ts';
import { MAX_STEP_TIMES } from './limits.ts';
import {
  ackMessage,
  audioMessage,
  clockPing,
  clockPong,
  flushMessage,
  refreshMessage,
  videoMessage,
} from './media.ts';

/** Model to host: where the model stands. `idle`: waits, yields nothing for now. */
export const modelStatus = z.object({
  type: z.literal('status'),
  state: z.enum(['loading', 'running', 'idle', 'ended']),
});
export type ModelStatus = z.infer<typeof modelStatus>;

/** Model to host: an error of the author's code. `fatal`: running it again cannot help (no such file, wrong declaration). */
export const modelError = z.object({
  type: z.literal('model-error'),
  error: errorInfo,
  fatal: z.boolean(),
  /** Python's traceback, without our own frames; empty where there is none. */
  traceback: z.string().max(65_536),
});
export type ModelError = z.infer<typeof modelError>;

/** Model to host, once a second: how the model does. Times are medians over that second, or the last one that had any. */
export const modelStats = z.object({
  type: z.literal('model-stats'),
  steps: z.int().min(0),
  step_ms: z.number().min(0),
  convert_ms: z.number().min(0),
  tracks: z.array(
    z.object({ name: z.string(), emitted: z.int().min(0), sent: z.int().min(0), dropped: z.int().min(0) }),
  ),
  /** Each step that ended in that second, the first of them where there were more. */
  step_times_ms: z.array(z.number().min(0)).max(MAX_STEP_TIMES).optional(),
  /** The model's Python process: processor time since its start, and what it has in memory (null: not known here). */
  process: z.object({ cpu_s: z.number().min(0), resident_bytes: z.int().min(0).nullable() }).optional(),
  /** Places of the shared ring file that hold a picture, of all; not there where pictures travel inline. */
  ring: z.object({ used: z.int().min(0), slots: z.int().min(0) }).optional(),
});
export type ModelStats = z.infer<typeof modelStats>;

/** Host to model: the connection is refused; it closes after this. */
export const refusal = z.object({ type: z.literal('refused'), error: errorInfo });
export type Refusal = z.infer<typeof refusal>;

/** Host to model: end yourself; the host is going. */
export const shutdownMessage = z.object({ type: z.literal('shutdown') });

export const modelToHost = z.discriminatedUnion('type', [
  modelHello,
  videoMessage,
  audioMessage,
  flushMessage,
  clockPong,
  modelStatus,
  modelError,
  modelStats,
  modelInterface,
  stateChanged,
  modelMessage,
  commandDone,
  modelSessionEnded,
]);
export type ModelToHost = z.infer<typeof modelToHost>;

export const hostToModel = z.discriminatedUnion('type', [
  modelWelcome,
  refusal,
  ackMessage,
  refreshMessage,
  clockPing,
  modelSession,
  modelClient,
  modelCommand,
  shutdownMessage,
]);
export type HostToModel = z.infer<typeof hostToModel>;
