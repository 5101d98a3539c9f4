import { z } from 'zod';
import type { EncoderToHost } from '../../protocol/encoder.ts';
import { type MediaSettings, ringShape } from '../../protocol/hello.ts';
import { ClockMatch } from './clock-match.ts';
import { codecSupport } from './codec-support.ts';
import { errorText } from './encoder-error.ts';
import type { RingReader } from './frame-source.ts';
import { HostLink } from './host-link.ts';
import { PageLog } from './page-log.ts';
import { makePageRing } from './page-ring.ts';
import { preloadRing } from './preload-ring.ts';
import { SharedMedia } from './shared/shared-media.ts';
import { TrackFeeds } from './track-feeds.ts';
import { Viewers } from './viewers.ts';

/** The hidden page that owns all viewers' connections: what comes from the host becomes tracks of WebRTC here. */

// The page's policy has no 'unsafe-eval', which zod's compiled parsers would need.
z.config({ jitless: true });

const STATS_EVERY_MS = 1000;
/** Resolution of the last frame's repeats; see last-frame.ts. */
const TICK_EVERY_MS = 50;
const CLOCK_PING_EVERY_MS = 1000;
/** A few at once after the start, so that latency can be told within the first second. */
const FIRST_PINGS_MS = [0, 100, 200, 400];

const addressSchema = z.object({
  wsUrl: z.url({ protocol: /^wss?$/ }),
  secret: z.string().min(1),
  /** The page is to make a ring file like this. */
  ring: ringShape.optional(),
});
type Address = z.infer<typeof addressSchema>;

async function start(address: Address): Promise<void> {
  const nowMs = () => performance.now();
  const { ring, ringToken } = await openRing(address);
  const clock = new ClockMatch();
  let settings: MediaSettings | undefined;
  let nextPing = 0;

  const send = (message: EncoderToHost) => link.send(message);
  const log = new PageLog((line) => {
    console[line.level](line.message);
    send(line);
  }, nowMs);
  const media = new SharedMedia(log);
  const feeds = new TrackFeeds({
    media,
    ring,
    clock,
    log,
    nowMs,
    ack: send,
    lipSync: () => settings?.lip_sync ?? false,
  });
  const viewers = new Viewers({
    media,
    log,
    send,
    settings: () => {
      if (!settings) throw new Error('a viewer before the welcome');
      return settings;
    },
    tracks: () => feeds.tracks,
    onConnected: (names) => feeds.viewerConnected(names),
  });
  const ping = () => send({ type: 'clock-ping', id: nextPing++, encoder_us: Math.round(nowMs() * 1000) });

  const link: HostLink = new HostLink({
    address,
    payloads: ring ? ['ring', 'inline'] : ['inline'],
    ringToken,
    onWelcome: (welcome) => {
      settings = welcome.media;
      media.useSettings(settings);
      void codecSupport(nowMs()).then((codecs) => send({ type: 'encoder-support', codecs }));
    },
    onLost: () => {
      viewers.closeAll();
      feeds.setTracks([]);
    },
    onWarning: (message) => log.warn(message),
    onMessage: (message, payload) => {
      switch (message.type) {
        case 'video':
        case 'audio':
          feeds.receive(message, payload);
          break;
        case 'flush':
          feeds.flush(message.track);
          break;
        case 'tracks':
          feeds.setTracks(message.tracks);
          for (const afterMs of FIRST_PINGS_MS) setTimeout(ping, afterMs);
          break;
        case 'clock-pong':
          clock.add(message.encoder_us, message.model_us, nowMs() * 1000);
          break;
        case 'tell-viewers':
          viewers.tell(message.viewer_ids, message.message);
          break;
        default:
          void viewers.handle(message);
      }
    },
  });

  setInterval(() => feeds.tick((name) => viewers.watching(name)), TICK_EVERY_MS);
  setInterval(ping, CLOCK_PING_EVERY_MS);
  const report = async () => {
    const startedMs = nowMs();
    try {
      await media.refreshReport();
      const viewerStats = await viewers.stats();
      const tracks = feeds.stats(nowMs());
      const shared_encoders = [...media.encoders];
      const load_scale = media.loadScale;
      const collect_ms = nowMs() - startedMs;
      send({ type: 'encoder-stats', tracks, viewers: viewerStats, shared_encoders, load_scale, collect_ms });
      viewers.sendTiming(tracks);
    } catch (error) {
      log.warn(`statistics: ${errorText(error)}`);
    }
    setTimeout(report, Math.max(0, STATS_EVERY_MS - (nowMs() - startedMs)));
  };
  setTimeout(report, STATS_EVERY_MS);
}

/** By the preload where there is one, else a file of the page's own where the host asks for it. */
async function openRing({ ring }: Address): Promise<{ ring?: RingReader; ringToken?: string }> {
  const preload = await preloadRing();
  if (preload) return { ring: preload };
  if (!ring) return {};
  try {
    const { client, token } = await makePageRing(ring.slot_bytes);
    return { ring: client, ringToken: token };
  } catch (error) {
    console.warn(`no ring file, pictures come inline (slower): ${errorText(error)}`);
    return {};
  }
}

/** The fragment is cleared at once: it holds the secret, and a page's address shows up in crash reports. */
function takeAddress(): Address {
  const fragment = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  return addressSchema.parse(JSON.parse(fragment));
}

window.addEventListener('unhandledrejection', ({ reason }) => console.error(errorText(reason)));
void start(takeAddress());
