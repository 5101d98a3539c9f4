import path from 'node:path';
import { Child } from './child.ts';
import type { Contestant, Sender, Size } from './contestant.ts';
import { freePort } from './free-port.ts';
import { root } from './paths.ts';
import { type Needs, peerPython } from './python-environment.ts';
import type { Offer } from './viewer-page.ts';

const READY_LIMIT_MS = 30_000;
const NEEDS: Needs = {
  name: 'aiortc',
  packages: ['aiortc==1.16.0', 'aiohttp==3.14.5', 'numpy', 'opencv-python-headless'],
  python: [3, 10],
};

/** aiortc with its defaults: bench/peers/aiortc_server.py. */
export class AiortcContestant implements Contestant {
  readonly name = 'aiortc 1.16.0';
  readonly viewers = 1;
  readonly tracks = 1;
  readonly dataChannels = [];

  constructor(
    readonly size: Size,
    readonly say: (line: string) => void,
  ) {}

  prepare(): void {
    peerPython(NEEDS, this.say);
  }

  async start(env: NodeJS.ProcessEnv): Promise<Sender> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/whep`;
    const child = new Child(peerPython(NEEDS, this.say), [path.join(root, 'bench/peers/aiortc_server.py')], {
      cwd: root,
      env: { ...env, PORT: String(port), PYTHONPATH: path.join(root, 'bench'), PYTHONUNBUFFERED: '1' },
    });
    try {
      await child.until('it answered', READY_LIMIT_MS, async () => {
        const response = await fetch(url).catch(() => undefined);
        return response?.status;
      });
    } catch (error) {
      await child.stop();
      throw error;
    }
    return {
      about: '',
      answer: async ({ sdp }: Offer) => {
        const response = await fetch(url, { method: 'POST', body: sdp });
        const body = await response.text();
        if (response.status !== 201) throw new Error(`POST /whep: ${response.status} ${body}\n${child.tail}`);
        return body;
      },
      child,
      stop: () => child.stop(),
    };
  }
}
