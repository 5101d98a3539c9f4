import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { z } from 'zod';
import { type CodecSupport, codecSupport } from '../../protocol/encoder-support.ts';
import type { Config } from '../config.ts';
import type { EngineChoice } from '../engine/choose.ts';
import { ChromiumEngine } from '../engine/chromium.ts';
import { ElectronProcess } from '../engine/electron-launch.ts';
import { commonFlags } from '../engine/flags.ts';
import { HostError } from '../errors.ts';
import { Host } from '../host.ts';
import { hasNetwork } from '../loopback.ts';
import { randomSecret } from '../secret.ts';

/** A browser that starts on a busy machine needs some seconds; one that hangs is what this is to find. */
const TRIAL_LIMIT_MS = 30_000;
const ASK_EVERY_MS = 100;

const health = z.object({ encoder: z.object({ codecs: z.array(codecSupport).optional() }) });

export interface EngineTrial {
  codecs: CodecSupport[];
  /** From its start to the answer of its page. */
  tookMs: number;
}

/**
 * Starts the host on a free port of this machine with this engine and without a model, until the encoder page has told what
 * the engine can do; then ends it.
 *
 * @throws HostError `engine-failed`, or what else keeps the host from starting
 */
export async function tryEngine(
  choice: EngineChoice,
  wanted: Config,
  bundleFolder: string,
): Promise<EngineTrial> {
  const config: Config = {
    ...wanted,
    ...{ host: '127.0.0.1', port: await freePort(), token: undefined },
    ...{ model: undefined, remoteModel: true, hostSecret: randomSecret() },
    ...{ logLevel: 'error', logFormat: 'json' },
  };
  const startedMs = performance.now();
  const run = choice.name === 'electron' ? inElectron : inChromium;
  return run(choice as never, config, bundleFolder, async (ended) => {
    const codecs = await Promise.race([askCodecs(config.port, startedMs), ended]);
    return { codecs, tookMs: performance.now() - startedMs };
  });
}

type Body = (ended: Promise<never>) => Promise<EngineTrial>;
type Choice<Name extends EngineChoice['name']> = Extract<EngineChoice, { name: Name }>;
const silent = pino({ level: 'silent' });

async function inElectron(
  { executable, xvfb }: Choice<'electron'>,
  config: Config,
  bundleFolder: string,
  body: Body,
): Promise<EngineTrial> {
  const output = new PassThrough().resume();
  const electron = await ElectronProcess.start({
    ...{ executable, xvfb, bundleFolder, config, log: silent, output },
  });
  try {
    const exited = electron.started.then(() => electron.exited);
    return await body(exited.then((code) => Promise.reject(engineEnded(`exit code ${code}`))));
  } finally {
    await electron.quit(silent);
    await electron.exited;
    await electron.close();
  }
}

async function inChromium(
  { executable, headless }: Choice<'chromium'>,
  config: Config,
  bundleFolder: string,
  body: Body,
): Promise<EngineTrial> {
  const flags = commonFlags({
    host: config.host,
    hasNetwork: hasNetwork(),
    isRoot: process.getuid?.() === 0,
    hardware: config.hardware,
  });
  const host = new Host({
    ...{ config, log: silent, bundleFolder, ringOf: 'page' },
    createEngine: ({ guardian, log }) => new ChromiumEngine({ executable, headless, flags, guardian, log }),
  });
  try {
    await host.start();
    return await body(host.failed.then(() => Promise.reject(engineEnded('it ended again and again'))));
  } finally {
    await host.stop();
  }
}

async function askCodecs(port: number, startedMs: number): Promise<CodecSupport[]> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.json(),
      () => undefined,
    );
    const codecs = health.safeParse(answer).data?.encoder.codecs;
    if (codecs) return codecs;
    if (performance.now() - startedMs > TRIAL_LIMIT_MS)
      throw engineEnded(`its page did not connect within ${TRIAL_LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

function engineEnded(what: string): HostError {
  return new HostError(
    'engine-failed',
    `the engine does not work here: ${what}`,
    'start the host with --log-level debug to see all that it says, or choose another --engine',
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
