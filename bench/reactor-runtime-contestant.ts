import path from 'node:path';
import { Child } from './child.ts';
import type { Contestant, Sender, Size } from './contestant.ts';
import { freePort } from './free-port.ts';
import { root } from './paths.ts';
import { type Needs, peerPython } from './python-environment.ts';
import type { ClientChannel, Offer } from './viewer-page.ts';

const TRACK = 'main_video';
const READY_LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 20_000;
// Its published client waits longer between two questions; this takes nothing away from the peer.
const ANSWER_PERIOD_MS = 5;
// 3.x brings its media engine as a wheel and needs Python 3.12. For an older Python pip chooses 2.10, which has to
// build PyGObject and pycairo (cairo's headers, GLib 2.80) and runs on the system's GStreamer.
const NEEDS: Needs = {
  name: 'reactor-runtime',
  packages: ['reactor-runtime==3.10.0', 'opencv-python-headless'],
  python: [3, 12],
};

/** Reactor's published runtime with its defaults: bench/peers/reactor-runtime/. */
export class ReactorRuntimeContestant implements Contestant {
  readonly name = 'reactor-runtime 3.10.0';
  readonly viewers = 1;
  readonly tracks = 1;
  // It sends nothing before both channels are open and the client has asked for the track, and ends a connection whose
  // client does not ping.
  readonly dataChannels: ClientChannel[] = [
    { label: 'data', ping: { scope: 'runtime', data: { type: 'ping', data: {} } } },
    { label: 'control', hello: { type: 'notification', event: 'resume_track', data: { name: TRACK } } },
  ];

  constructor(
    readonly size: Size,
    readonly say: (line: string) => void,
  ) {}

  prepare(): void {
    peerPython(NEEDS, this.say);
  }

  async start(env: NodeJS.ProcessEnv): Promise<Sender> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = new Child(peerPython(NEEDS, this.say), ['-m', 'reactor_runtime.serve'], {
      cwd: path.join(root, 'bench/peers/reactor-runtime'),
      env: {
        ...env,
        PORT: String(port),
        HOST: '127.0.0.1',
        PYTHONPATH: path.join(root, 'bench'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    try {
      // It takes a session once the model is loaded; until then it answers 503.
      const session = await child.until('it took a session', READY_LIMIT_MS, async () => {
        const response = await fetch(`${url}/start_session`, { method: 'POST' }).catch(() => undefined);
        return response?.ok ? ((await response.json()) as { session_id: string }) : undefined;
      });
      return new ReactorRuntimeSender(child, `${url}/sessions/${session.session_id}/transport/webrtc`);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }
}

/** Its signalling: register a connection, put the offer there, ask until the answer is there. */
class ReactorRuntimeSender implements Sender {
  readonly about = '';

  constructor(
    readonly child: Child,
    readonly url: string,
  ) {}

  async answer({ sdp, mid }: Offer): Promise<string> {
    const { connection_id } = await this.#post<{ connection_id: number }>('/connections', {});
    const params = `/connections/${connection_id}/sdp_params`;
    await this.#post(params, {
      sdp_offer: sdp,
      track_mapping: [{ mid, name: TRACK, kind: 'video', direction: 'recvonly' }],
      // Its default is a STUN server on the internet, whose silence would delay the answer.
      ice_servers: [],
    });
    return this.child.until(
      'it answered the offer',
      ANSWER_LIMIT_MS,
      async () => {
        const response = await fetch(`${this.url}${params}`);
        if (response.status === 202) return undefined;
        if (!response.ok) throw new Error(`GET ${params}: ${response.status} ${await response.text()}`);
        return ((await response.json()) as { sdp_answer: string }).sdp_answer;
      },
      ANSWER_PERIOD_MS,
    );
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  async #post<T>(at: string, body: unknown): Promise<T> {
    const response = await fetch(`${this.url}${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`POST ${at}: ${response.status} ${await response.text()}\n${this.child.tail}`);
    return (await response.json()) as T;
  }
}
