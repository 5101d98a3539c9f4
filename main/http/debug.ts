import { cpus, release, totalmem } from 'node:os';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { type DebugAction, debugAction } from '../../protocol/debug.ts';
import type { Config } from '../config.ts';
import type { EncoderLink } from '../encoder-link.ts';
import type { EngineName } from '../engine/engine.ts';
import { HostError } from '../errors.ts';
import type { HostState } from '../host-state.ts';
import { type Interaction, LAST_WORDS_MS } from '../interaction.ts';
import type { Log } from '../log.ts';
import type { LogRing } from '../log-ring.ts';
import { type Redactor, withoutIcePasswords } from '../redact.ts';
import type { StatsHistory } from '../stats-history.ts';
import { VERSION } from '../version.ts';
import type { JoinedViewer, Viewers } from '../viewers.ts';
import { otherMediaType, readJson, readText } from './body.ts';
import { requireOwnPage } from './cors.ts';
import type { EventStreams } from './event-streams.ts';
import { publicId } from './events.ts';
import { debugPolicy, pageFile } from './pages.ts';
import { notFound, problemResponse } from './problem.ts';
import { RequestLimit } from './request-limit.ts';
import { serverSentEvents } from './sse.ts';
import type { WhepEnv } from './whep.ts';

/** An action is a few words. */
const MAX_ACTION_BYTES = 4096;
const JSON_TYPE = 'application/json';
const UNCACHED = { 'cache-control': 'no-store' };

export interface DebugOptions {
  config: Config;
  engine: EngineName;
  /** `dist/renderer`. */
  pagesFolder: string;
  state: HostState;
  viewers: Viewers;
  encoder: Pick<EncoderLink, 'control' | 'closeViewer'>;
  interaction: Pick<Interaction, 'dismiss'>;
  history: StatsHistory;
  ring: LogRing;
  streams: EventStreams;
  redactor: Redactor;
  /** `navigator.userAgent` of the encoder page; undefined before it has said hello. */
  userAgent: () => string | undefined;
  /** @throws HostError `model-not-ours` */
  restartModel: () => void;
  /** The document of `GET /schema`. */
  schema: () => object;
  log: Log;
  nowMs: () => number;
}

/** `/debug`: the debug page, and what it needs of the host. For operators: only from this host's own page, or from no page. */
export function addDebug(
  app: Hono<WhepEnv & { Bindings: HttpBindings }>,
  options: DebugOptions,
  closing: AbortSignal,
): void {
  const { pagesFolder, history, ring, streams, nowMs } = options;
  const limit = new RequestLimit(20, 10);
  const folder = `${pagesFolder}/debug`;

  app.use('/debug/*', async ({ env }, next) => {
    requireOwnPage(env.incoming.headers);
    await next();
  });

  app.get(
    '/debug',
    async () => (await pageFile(folder, 'index.html', debugPolicy())) ?? problemResponse(notFound('/debug')),
  );
  app.get('/debug/history', (context) => context.json({ samples: history.samples }, 200, UNCACHED));
  app.get('/debug/log', () =>
    serverSentEvents((sink) => {
      sink.send('lines', ring.lines);
      return [streams.opened('log'), ring.added.on((line) => sink.send('lines', [line]))];
    }, closing),
  );
  app.get('/debug/bundle', (context) => {
    const name = `reactor-host-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}.json`;
    return context.body(options.redactor.text(JSON.stringify(bundle(options), null, 1)), 200, {
      ...UNCACHED,
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${name}"`,
    });
  });
  app.get('/debug/:file', async (context) => {
    const file = context.req.param('file');
    return (await pageFile(folder, file, debugPolicy())) ?? problemResponse(notFound(`/debug/${file}`));
  });

  app.post('/debug/actions', async (context) => {
    const request = context.req.raw;
    if (!limit.allow(context.get('clientAddress'), nowMs())) {
      throw new HostError('too-many-requests', 'too many actions from this address', 'wait a second');
    }
    // A form of another site's page cannot send this type without being asked about by the browser first (CORS).
    const hint = `send the action as a JSON object with Content-Type: ${JSON_TYPE}`;
    const otherType = otherMediaType(request, JSON_TYPE, hint);
    if (otherType) throw otherType;
    const text = await readText(request, MAX_ACTION_BYTES, 'an action is a few words');
    await act(readJson(text, debugAction, badAction), options);
    return context.json({ ok: true }, 200, UNCACHED);
  });
}

async function act(
  action: DebugAction,
  { viewers, encoder, interaction, restartModel, log }: DebugOptions,
): Promise<void> {
  log.info({ ...action }, 'an operator acts');
  if (action.action === 'restart-model') {
    restartModel();
    return;
  }
  const viewer = requirePublic(viewers, action.viewer_id);
  const { id } = viewer;
  switch (action.action) {
    case 'disconnect':
      interaction.dismiss(viewer);
      viewers.remove(id);
      // What it was told reaches it before its connection ends.
      setTimeout(() => encoder.closeViewer(id), LAST_WORDS_MS);
      break;
    case 'key-frame':
      await encoder.control(id, { type: 'key-frame' });
      break;
    case 'bitrate-cap':
      await encoder.control(id, { type: 'bitrate-cap', max_bitrate_bps: action.max_bitrate_bps });
      break;
    case 'codec':
      await encoder.control(id, { type: 'codec', codec: action.codec });
      break;
  }
}

function badAction(what: string): HostError {
  return new HostError(
    'bad-action',
    `not an action: ${what}`,
    'send for example {"action": "key-frame", "viewer_id": "..."}; docs/debugging.md lists them',
  );
}

function requirePublic(viewers: Viewers, shown: string): JoinedViewer {
  const viewer = viewers.all.find(({ id }) => publicId(id) === shown);
  if (viewer) return viewer;
  throw new HostError(
    'unknown-viewer',
    `there is no viewer ${shown}`,
    'GET /events names those that are there',
  );
}

/** All that helps another person to understand what happened, and nothing that lets them in. */
function bundle(options: DebugOptions): object {
  const { config, engine, state, viewers, history, ring, redactor, userAgent, schema } = options;
  return {
    made_at: new Date().toISOString(),
    versions: {
      reactor_host: VERSION,
      engine,
      user_agent: userAgent() ?? null,
      ...process.versions,
      platform: `${process.platform} ${process.arch} ${release()}`,
    },
    machine: { cpus: cpus().map(({ model }) => model), memory_bytes: totalmem() },
    config: redactor.config(config),
    state: state.snapshot,
    viewers: viewers.all.map(({ id, state: viewerState, description }) => ({
      viewer_id: publicId(id),
      state: viewerState,
      offer: withoutIcePasswords(description.offer),
      answer: withoutIcePasswords(description.answer),
    })),
    schema: schema(),
    stats_history: history.samples,
    log: ring.lines,
  };
}
