import { z } from 'zod';
import { channelToViewer, requestSchema, viewerToApplication } from './data-channel.ts';
import { viewerId } from './viewer.ts';

/**
 * A viewer's data channel, between the host and the encoder page, which owns it. The page reads what comes, answers what is
 * its own (tracks, ping), and passes on the rest.
 *
 * @packageDocumentation
 */

/** Encoder page to host: the viewer can be told things from now on, or no more. */
export const viewerChannel = z.object({
  type: z.literal('viewer-channel'),
  viewer_id: viewerId,
  open: z.boolean(),
});
export type ViewerChannel = z.infer<typeof viewerChannel>;

/** Encoder page to host: a command for the model, or a question to the host. */
export const viewerSaid = z.object({
  type: z.literal('viewer-said'),
  viewer_id: viewerId,
  message: z.discriminatedUnion('scope', [
    viewerToApplication,
    z.object({ scope: z.literal('runtime'), data: requestSchema }),
  ]),
});
export type ViewerSaid = z.infer<typeof viewerSaid>;

/** Host to encoder page: to these viewers' channels. One that has none, or is not open, is passed over. */
export const tellViewers = z.object({
  type: z.literal('tell-viewers'),
  viewer_ids: z.array(viewerId),
  message: channelToViewer,
});
export type TellViewers = z.infer<typeof tellViewers>;
