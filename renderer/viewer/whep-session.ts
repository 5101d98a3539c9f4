import {
  type ChannelToViewer,
  channelToViewer,
  type ReceiverReport,
  type ViewerToRuntime,
} from '../../protocol/data-channel.ts';
import { MAX_CHANNEL_MESSAGE_CHARS } from '../../protocol/limits.ts';
import type { Track } from '../../protocol/track.ts';
import { iceServersOf } from './link-header.ts';
import { hostUnreachable, ProblemError, problemOfAnswer } from './problem.ts';
import { writeFragment } from './sdp-fragment.ts';
import { withAudioNack } from './sdp-nack.ts';
import { restartedAnswer } from './sdp-restart.ts';
import { withStereo } from './sdp-stereo.ts';
import { trackNamesByMid } from './sdp-tracks.ts';

export interface WhepSessionListener {
  /** A track of the host begins. `stream` holds this track alone, and has its name for id where the browser allows. */
  onTrack(name: string, kind: Track['kind'], stream: MediaStream): void;
  onState(state: RTCPeerConnectionState): void;
  /** The data channel can be used from now on, or no more. */
  onChannel(isOpen: boolean): void;
  onMessage(message: ChannelToViewer): void;
}

/** What to ask of the host. Undefined: whatever it prefers. */
export interface WhepQuery {
  codec: string | undefined;
  tracks: string | undefined;
  /** To look on, without being one of the session's clients. Only for the debug page. */
  observer?: boolean;
}

/** One viewing, from offer to goodbye: WHEP (draft-ietf-wish-whep-03). Made once, opened once, closed once. */
export class WhepSession {
  /** Receivers by the name of their track, in the order they began. */
  readonly receivers = new Map<string, RTCRtpReceiver>();
  readonly #connection = new RTCPeerConnection();
  readonly #listener: WhepSessionListener;
  #resource: URL | undefined;
  #etag = '';
  #offer = '';
  #candidates: RTCIceCandidate[] = [];
  #isGathered = false;
  #isPatching = false;
  #isClosed = false;
  #channel: RTCDataChannel | undefined;
  #isChannelOpen = false;
  /** Tracks that are not to be sent, also before the channel is open. */
  readonly #paused = new Set<string>();

  constructor(listener: WhepSessionListener) {
    this.#listener = listener;
  }

  /** The part of the session's id by which `GET /events` names this viewer; undefined before the answer. */
  get publicId(): string | undefined {
    return this.#resource?.pathname.split('/').pop()?.slice(0, 8);
  }

  /**
   * Asks for these tracks.
   *
   * @param clientId by which the host knows this page again
   * @throws ProblemError in the words of the host, or `host-unreachable`
   */
  async open(tracks: readonly Track[], query: WhepQuery, clientId: string): Promise<void> {
    const connection = this.#connection;
    for (const { kind } of tracks) connection.addTransceiver(kind, { direction: 'recvonly' });
    const channel = connection.createDataChannel('data');
    this.#channel = channel;
    channel.onmessage = ({ data }) => this.#read(data);
    channel.onopen = () => {
      for (const track of this.#paused) this.#send({ type: 'pause_track', data: { track } });
      channel.onclose = () => {
        this.#setChannelOpen(false);
        // The host's goodbye arrives here first; ICE would notice its silence after seconds.
        this.#setState('closed');
      };
      this.#setChannelOpen(true);
    };
    connection.onconnectionstatechange = () => this.#setState(connection.connectionState);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.#candidates.push(candidate);
      else this.#isGathered = true;
      void this.#trickle();
    };

    const { sdp = '' } = await connection.createOffer();
    this.#offer = withAudioNack(withStereo(sdp));
    const { answer, iceServers } = await this.#post(query, clientId);
    if (this.#isClosed) return;
    const names = trackNamesByMid(answer);
    connection.ontrack = ({ transceiver, track, streams }) => {
      const name = names.get(transceiver.mid ?? '');
      if (name === undefined) return;
      favourLatency(transceiver.receiver);
      this.receivers.set(name, transceiver.receiver);
      const own = streams.find(({ id }) => id === name);
      this.#listener.onTrack(name, track.kind as Track['kind'], own ?? new MediaStream([track]));
    };
    // The offer becomes local only now: gathering begins with it, and has to know the servers that the answer names
    // (RFC 9725 section 4.6).
    if (iceServers.length > 0) connection.setConfiguration({ iceServers });
    await connection.setLocalDescription({ type: 'offer', sdp: this.#offer });
    if (this.#isClosed) return;
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /**
   * Looks for another path, in the same session: an ICE restart (RFC 9725 section 4.3.3). Nothing has changed when it fails.
   *
   * @throws ProblemError
   */
  async restart(): Promise<void> {
    const connection = this.#connection;
    const { remoteDescription } = connection;
    if (this.#resource === undefined || remoteDescription === null || this.#isPatching) return;
    // Candidates are of one ICE session: none is sent meanwhile.
    this.#isPatching = true;
    try {
      const { sdp = '' } = await connection.createOffer({ iceRestart: true });
      const offer = withAudioNack(withStereo(sdp));
      const response = await this.#patch(writeFragment(offer, [], false), '*');
      const answer = restartedAnswer(remoteDescription.sdp, await response.text());
      if (this.#isClosed) return;
      this.#offer = offer;
      this.#etag = response.headers.get('etag') ?? '*';
      this.#candidates = [];
      this.#isGathered = false;
      await connection.setLocalDescription({ type: 'offer', sdp: offer });
      await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    } finally {
      this.#isPatching = false;
    }
    void this.#trickle();
  }

  /** A track that the host is not to send for now, or again. */
  setPaused(track: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(track);
    else this.#paused.delete(track);
    this.#send({ type: isPaused ? 'pause_track' : 'resume_track', data: { track } });
  }

  /** For the statistics of the host. */
  report(tracks: ReceiverReport['data']['tracks']): void {
    this.#send({ type: 'receiver_report', data: { tracks } });
  }

  /** @returns false when there is no open channel */
  sendText(text: string): boolean {
    if (this.#channel?.readyState !== 'open') return false;
    this.#channel.send(text);
    return true;
  }

  /** Says goodbye, even while the page goes away. */
  close(): void {
    if (this.#isClosed) return;
    this.#setChannelOpen(false);
    this.#isClosed = true;
    this.#connection.close();
    this.#goodbye();
  }

  async #post(
    { codec, tracks, observer }: WhepQuery,
    clientId: string,
  ): Promise<{ answer: string; iceServers: RTCIceServer[] }> {
    const url = new URL('whep', document.baseURI);
    if (codec !== undefined) url.searchParams.set('codec', codec);
    if (tracks !== undefined) url.searchParams.set('tracks', tracks);
    if (observer) url.searchParams.set('observer', '1');
    url.searchParams.set('client', clientId);
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: this.#offer,
    });
    const answer = await response.text();
    this.#resource = new URL(response.headers.get('location') ?? '', response.url);
    this.#etag = response.headers.get('etag') ?? '*';
    // Closed while the host was answering: it must not keep a viewer that is gone.
    if (this.#isClosed) this.#goodbye();
    return { answer, iceServers: iceServersOf(response.headers.get('link')) };
  }

  /** Sends what has been gathered; one request at a time, so that they arrive in order. */
  async #trickle(): Promise<void> {
    if (this.#isPatching || this.#resource === undefined) return;
    this.#isPatching = true;
    try {
      let isDone = false;
      while (!isDone && !this.#isClosed && (this.#candidates.length > 0 || this.#isGathered)) {
        isDone = this.#isGathered;
        this.#isGathered = false;
        const body = writeFragment(this.#offer, this.#candidates.splice(0), isDone);
        await this.#patch(body, this.#etag);
      }
    } catch (thrown) {
      // Without our candidates the host learns our address from our checks; if not, the connection fails and says so.
      console.warn('candidates were not taken:', (thrown as Error).message);
    } finally {
      this.#isPatching = false;
    }
  }

  #patch(body: string, etag: string): Promise<Response> {
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag };
    return request(this.#resource ?? '', { method: 'PATCH', headers, body });
  }

  #goodbye(): void {
    if (this.#resource) void fetch(this.#resource, { method: 'DELETE', keepalive: true }).catch(() => {});
  }

  #send(data: ViewerToRuntime['data']): void {
    this.sendText(JSON.stringify({ scope: 'runtime', data } satisfies ViewerToRuntime));
  }

  #setChannelOpen(isOpen: boolean): void {
    if (this.#isClosed || isOpen === this.#isChannelOpen) return;
    this.#isChannelOpen = isOpen;
    this.#listener.onChannel(isOpen);
  }

  #setState(state: RTCPeerConnectionState): void {
    if (!this.#isClosed) this.#listener.onState(state);
  }

  #read(data: unknown): void {
    if (this.#isClosed || typeof data !== 'string' || data.length > MAX_CHANNEL_MESSAGE_CHARS) return;
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    // Messages of a newer host are not for this page.
    const parsed = channelToViewer.safeParse(message);
    if (parsed.success) this.#listener.onMessage(parsed.data);
  }
}

/** @throws ProblemError */
export async function request(url: URL | string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { ...init, cache: 'no-store' }).catch(() => {
    throw new ProblemError(hostUnreachable());
  });
  if (!response.ok)
    throw new ProblemError(problemOfAnswer(response.status, await response.text().catch(() => '')));
  return response;
}

/** Asks for the smallest jitter buffer. Chromium's older name is in seconds; Firefox and Safari may have neither. */
function favourLatency(receiver: RTCRtpReceiver): void {
  const hints = receiver as RTCRtpReceiver & { playoutDelayHint?: number | null };
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else if ('playoutDelayHint' in hints) (hints as { playoutDelayHint: number }).playoutDelayHint = 0;
}
