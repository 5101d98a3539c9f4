import { z } from 'zod';
import { type ChannelFromViewer, channelFromViewer } from '../../protocol/data-channel.ts';
import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';
import { EncoderError } from './encoder-error.ts';

const HINT =
  'send {"scope": "application", "data": {"type": "set_prompt", "data": {"prompt": "a meadow"}}} as text; ' +
  'docs/connecting.md lists the messages';

/**
 * What a viewer sent on its data channel.
 *
 * @throws EncoderError `malformed-message`, `too-large`
 */
export function readChannelMessage(text: unknown): ChannelFromViewer {
  if (typeof text !== 'string') throw malformed('is not text');
  if (text.length > MAX_CHANNEL_MESSAGE_CHARS) {
    throw new EncoderError(
      'too-large',
      `the message on the data channel has ${text.length} characters, more than ${MAX_CHANNEL_MESSAGE_CHARS}`,
      'send it in smaller pieces',
    );
  }
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw malformed('is not JSON');
  }
  const parsed = channelFromViewer.safeParse(message);
  if (!parsed.success) throw malformed(`was not understood: ${z.prettifyError(parsed.error).slice(0, 400)}`);
  return parsed.data;
}

function malformed(what: string): EncoderError {
  return new EncoderError('malformed-message', `the message on the data channel ${what}`, HINT);
}
