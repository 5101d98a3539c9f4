import type { Hono } from 'hono';
import { type VideoCodec, videoCodec } from '../../protocol/hello.ts';
import { MAX_SDP_BYTES } from '../../protocol/limits.ts';
import type { ViewerAnswer } from '../../protocol/viewer.ts';
import { publicClientId, readClient } from '../client-id.ts';
import type { Config } from '../config.ts';
import type { EncoderLink } from '../encoder-link.ts';
import { encoderGone } from '../encoder-link.ts';
import { HostError, toHostError } from '../errors.ts';
import type { HostState } from '../host-state.ts';
import type { Log } from '../log.ts';
import { randomId } from '../secret.ts';
import { didYouMean } from '../suggest.ts';
import type { JoinedViewer, Viewers } from '../viewers.ts';
import { otherMediaType, readText } from './body.ts';
import { requireOwnPage } from './cors.ts';
import { publicId } from './events.ts';
import { problemResponse } from './problem.ts';
import { RequestLimit } from './request-limit.ts';
import { readFragment, type SdpFragment, writeFragment } from './sdp-fragment.ts';
import { readOffer } from './sdp-offer.ts';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
/** Debug pages: beside the viewers that are allowed, so that one can be opened when those are too many. */
const MAX_OBSERVERS = 8;
/** 64 candidates of 1000 characters, and their m-lines. */
const MAX_FRAGMENT_BYTES = 128 * 1024;

export interface WhepOptions {
  config: Pick<Config, 'codec' | 'maxViewers' | 'iceServers'>;
  state: HostState;
  viewers: Viewers;
  encoder: Pick<EncoderLink, 'isConnected' | 'offer' | 'candidates' | 'restart' | 'closeViewer'>;
  log: Log;
  nowMs: () => number;
}

/** Who asks: for the limit of requests. */
export interface WhepEnv {
  Variables: { clientAddress: string };
}

/** `/whep` and `/whep/{id}`: WHEP, draft-ietf-wish-whep-03, which takes PATCH from WHIP (RFC 9725 section 4.3). */
export function addWhep(app: Hono<WhepEnv>, options: WhepOptions): void {
  const { config, state, viewers, encoder, log, nowMs } = options;
  // A page that reconnects once a second never meets it; a script that opens sessions in a loop does.
  const limit = new RequestLimit(40, 10);
  /** Offers that the encoder page has not answered yet count as viewers, or a burst would pass the cap. */
  let answering = 0;

  const linkHeader = iceServerLinks(config.iceServers);

  app.post('/whep', async (context) => {
    const request = context.req.raw;
    if (!limit.allow(context.get('clientAddress'), nowMs())) {
      throw new HostError(
        'too-many-requests',
        'too many new sessions from this address',
        'wait a second between tries',
      );
    }
    if (state.isEnding) {
      throw new HostError(
        'host-ending',
        'the host is about to end',
        'try again when it, or another one, is there',
      );
    }
    const otherType = otherMediaType(request, SDP, `send the offer with Content-Type: ${SDP}`);
    if (otherType) return problemResponse(otherType, { 'accept-post': SDP });
    const sdp = await readText(request, MAX_SDP_BYTES, 'send fewer m-lines');
    const offer = readOffer(sdp);
    const query = new URL(request.url).searchParams;
    const codecs = chooseCodecs(query.get('codec'), config.codec);
    requireCommonCodec(codecs, offer.videoCodecs, offer.kinds.includes('video'));
    requireServing(state, encoder.isConnected);
    const tracks = chooseTracks(
      query.get('tracks'),
      state.snapshot.tracks.map(({ name }) => name),
    );
    const clientId = publicClientId(readClient(query.get('client') ?? randomId()));
    // The one that it had before, on a page that was reloaded or lost its network, makes room for it.
    const returning = viewers.ofClient(clientId) ? 1 : 0;
    const observer = query.get('observer') === '1';
    if (observer) {
      requireOwnPage(Object.fromEntries(request.headers));
      if (viewers.all.length - viewers.size >= MAX_OBSERVERS) {
        throw new HostError(
          'too-many-viewers',
          `${MAX_OBSERVERS} debug pages are open already`,
          'close one of them',
        );
      }
    } else if (viewers.size - returning + answering >= config.maxViewers) {
      throw new HostError(
        'too-many-viewers',
        `${config.maxViewers} viewers are connected already`,
        'wait until one leaves, or raise --max-viewers',
      );
    }

    const id = randomId();
    const { generation } = state.snapshot.encoder;
    let answer: ViewerAnswer;
    answering++;
    try {
      answer = await encoder.offer({ type: 'viewer-offer', viewer_id: id, sdp, codecs, tracks, observer });
    } catch (thrown) {
      // The page may still be at it (a timeout): it must not keep a viewer that nobody knows.
      encoder.closeViewer(id);
      log.info({ viewer: publicId(id), client: clientId, code: toHostError(thrown).code }, 'viewer refused');
      throw thrown;
    } finally {
      answering--;
    }
    if (request.signal.aborted || state.snapshot.encoder.generation !== generation) {
      encoder.closeViewer(id);
      throw encoderGone();
    }
    const before = viewers.ofClient(clientId);
    const viewer = {
      id,
      clientId,
      etag: newEtag(),
      remoteUfrag: offer.iceUfrag,
      firstMid: offer.firstMid,
      offersChannel: offer.kinds.includes('application'),
      observer,
      description: { offer: sdp, answer: answer.sdp },
    };
    // Added first: the session is not without a viewer in between.
    viewers.add(viewer);
    if (before) {
      encoder.closeViewer(before.id);
      viewers.remove(before.id);
    }
    log.info(
      {
        viewer: publicId(id),
        client: clientId,
        ...(observer ? { observer } : {}),
        tracks: answer.tracks.map(({ name, codec }) => `${name}:${codec}`).join(' '),
      },
      'viewer joins',
    );
    const headers = new Headers({
      'content-type': SDP,
      location: `/whep/${id}`,
      etag: viewer.etag,
      'accept-patch': FRAGMENT,
      'cache-control': 'no-store',
    });
    for (const link of linkHeader) headers.append('link', link);
    return new Response(answer.sdp, { status: 201, headers });
  });

  app.patch('/whep/:id', async (context) => {
    const viewer = requireViewer(viewers, context.req.param('id'));
    const request = context.req.raw;
    const otherType = otherMediaType(request, FRAGMENT, `send candidates with Content-Type: ${FRAGMENT}`);
    if (otherType) return problemResponse(otherType, { 'accept-patch': FRAGMENT });
    const fragment = readFragment(await readText(request, MAX_FRAGMENT_BYTES, 'send fewer candidates'));
    const restarts = fragment.iceUfrag !== undefined && fragment.iceUfrag !== viewer.remoteUfrag;
    // npm's whip-whep sends its first candidates without If-Match; naming the current ufrag says as much as the ETag.
    const namesSession = fragment.iceUfrag !== undefined && !restarts;
    if (!namesSession || request.headers.has('if-match')) {
      checkIfMatch(request.headers.get('if-match'), viewer.etag);
    }
    if (restarts) return restart(viewer, fragment);
    await encoder.candidates({
      type: 'viewer-candidates',
      viewer_id: viewer.id,
      candidates: withMids(fragment, viewer),
      end_of_candidates: fragment.endOfCandidates,
    });
    return new Response(null, { status: 204, headers: { etag: viewer.etag } });
  });

  async function restart(viewer: JoinedViewer, fragment: SdpFragment): Promise<Response> {
    if (fragment.iceUfrag === undefined || fragment.icePwd === undefined) {
      throw new HostError(
        'malformed-fragment',
        'a=ice-ufrag came without a=ice-pwd',
        'send both to restart ICE (RFC 8840)',
      );
    }
    const answer = await encoder.restart({
      type: 'viewer-restart',
      viewer_id: viewer.id,
      ice_ufrag: fragment.iceUfrag,
      ice_pwd: fragment.icePwd,
      candidates: withMids(fragment, viewer),
    });
    const etag = newEtag();
    viewers.setIce(viewer.id, { etag, remoteUfrag: fragment.iceUfrag });
    const body = writeFragment({
      iceUfrag: answer.ice_ufrag,
      icePwd: answer.ice_pwd,
      candidates: answer.candidates,
      mid: viewer.firstMid,
    });
    return new Response(body, { status: 200, headers: { 'content-type': FRAGMENT, etag } });
  }

  app.delete('/whep/:id', (context) => {
    if (viewers.hadLeft(context.req.param('id'))) return new Response(null, { status: 200 });
    const { id } = requireViewer(viewers, context.req.param('id'));
    encoder.closeViewer(id);
    viewers.remove(id);
    return new Response(null, { status: 200 });
  });

  app.options(
    '/whep',
    () => new Response(null, { status: 204, headers: { allow: 'POST, OPTIONS', 'accept-post': SDP } }),
  );
  app.options(
    '/whep/:id',
    () =>
      new Response(null, {
        status: 204,
        headers: { allow: 'PATCH, DELETE, OPTIONS', 'accept-patch': FRAGMENT },
      }),
  );
  // RFC 9725 section 4.2 keeps GET, HEAD and PUT for later use.
  app.all('/whep', ({ req }) => methodNotAllowed(req.method, 'POST, OPTIONS'));
  app.all('/whep/:id', ({ req }) => methodNotAllowed(req.method, 'PATCH, DELETE, OPTIONS'));
}

function requireServing(state: HostState, encoderConnected: boolean): void {
  const { model, tracks } = state.snapshot;
  if (tracks.length === 0) {
    const why = model.error ? `: ${model.error.message}` : '';
    throw new HostError(
      'model-not-ready',
      `the model is ${model.state}${why}`,
      'try again in a moment; GET /health tells when it runs',
    );
  }
  if (!encoderConnected) throw encoderGone();
}

function requireViewer(viewers: Viewers, id: string): JoinedViewer {
  const viewer = viewers.get(id);
  if (viewer) return viewer;
  throw new HostError(
    'unknown-viewer',
    'this session does not exist (any more)',
    'begin a new one with POST /whep',
  );
}

function chooseCodecs(asked: string | null, configured: VideoCodec[]): VideoCodec[] {
  if (asked === null || asked === '') return configured;
  return asked.split(',').map((name) => {
    const parsed = videoCodec.safeParse(name.trim().toLowerCase());
    if (parsed.success) return parsed.data;
    const known = videoCodec.options.join(', ');
    throw new HostError(
      'unknown-codec',
      `unknown codec ${name.slice(0, 32)}${didYouMean(name, videoCodec.options)}`,
      `?codec= takes ${known}, or several separated by commas`,
    );
  });
}

function requireCommonCodec(codecs: VideoCodec[], offered: string[], hasVideo: boolean): void {
  if (!hasVideo || codecs.some((codec) => offered.includes(codec.toUpperCase()))) return;
  throw new HostError(
    'no-common-codec',
    `the offer has ${offered.join(', ') || 'no video codec'}, asked for is ${codecs.join(', ')}`,
    'leave ?codec= out, or ask for a codec that the viewer can decode',
  );
}

function chooseTracks(asked: string | null, names: string[]): string[] | null {
  if (asked === null || asked === '') return null;
  return [...new Set(asked.split(',').map((name) => name.trim()))].map((name) => {
    if (names.includes(name)) return name;
    throw new HostError(
      'unknown-track',
      `unknown track ${name.slice(0, 64)}${didYouMean(name, names)}`,
      `the model's tracks are ${names.join(', ')}`,
    );
  });
}

/** RFC 9725 section 4.3.1: the current entity tag for candidates, `*` for an ICE restart. */
function checkIfMatch(header: string | null, etag: string): void {
  if (header === null) {
    throw new HostError(
      'precondition-required',
      'PATCH without If-Match',
      'send the ETag of the answer in If-Match, or * to restart ICE',
    );
  }
  const tags = header.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(etag)) return;
  throw new HostError(
    'precondition-failed',
    'If-Match names another ICE session than the current one',
    'ICE was restarted meanwhile: use the ETag of the last answer',
  );
}

function withMids(fragment: SdpFragment, viewer: JoinedViewer) {
  return fragment.candidates.map(({ mid, candidate }) => ({ mid: mid ?? viewer.firstMid, candidate }));
}

function newEtag(): string {
  return `"${randomId()}"`;
}

/** RFC 9725 section 4.6: one Link header a server. */
function iceServerLinks(servers: Config['iceServers']): string[] {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return servers.map(({ urls, username, credential }) => {
    const login = username === undefined ? '' : `; username=${quoted(username)}`;
    const password =
      credential === undefined ? '' : `; credential=${quoted(credential)}; credential-type="password"`;
    return `<${urls}>; rel="ice-server"${login}${password}`;
  });
}

export function methodNotAllowed(method: string, allow: string): Response {
  return problemResponse(
    new HostError('method-not-allowed', `${method} is not for this address`, `use ${allow}`),
    { allow },
  );
}
