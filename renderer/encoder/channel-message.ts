import { z } from 'zod';
import { type ViewerToRuntime, viewerToRuntime } from '../../protocol/data-channel.ts';
import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';
import { EncoderError } from './encoder-error.ts';

const HINT =
  'send {"scope": "runtime", "data": {"type": "pause_track", "data": {"track": "main_video"}}} as text';

/**
 * What a viewer sent on its data channel, as far as it is for the host itself; undefined for what is the model's.
 *
 * @throws EncoderError `malformed-message`
 */
export function readChannelMessage(text: unknown): ViewerToRuntime['data'] | undefined {
  if (typeof text !== 'string') throw malformed('is not text');
  if (text.length > MAX_CHANNEL_MESSAGE_CHARS)
    throw malformed(`has ${text.length} characters, more than ${MAX_CHANNEL_MESSAGE_CHARS}`);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw malformed('is not JSON');
  }
  if ((message as { scope?: unknown } | null)?.scope === 'application') return undefined;
  const parsed = viewerToRuntime.safeParse(message);
  if (!parsed.success) throw malformed(`was not understood: ${z.prettifyError(parsed.error).slice(0, 400)}`);
  return parsed.data.data;
}

function malformed(what: string): EncoderError {
  return new EncoderError('malformed-message', `the message on the data channel ${what}`, HINT);
}
