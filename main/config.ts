import { z } from 'zod';
import { iceServer, type MediaSettings, videoCodec } from '../protocol/hello.ts';
import { audioBitrateBps, bitrateBps } from '../protocol/track.ts';
import { randomSecret } from './secret.ts';

/** What the schema cannot say of an option: how it reads on the command line and in the help. */
export interface OptionMeta {
  group: 'Model' | 'Network' | 'Media' | 'Engine' | 'Log';
  help: string;
  /** How text (a flag or an environment variable) becomes a value. Default `text`. */
  form?: 'text' | 'number' | 'switch' | 'list' | 'ice';
  /** Stands for the value in the help. */
  value?: string;
  /** A path: in the config file it is relative to that file. */
  isPath?: boolean;
}

const options = z.registry<OptionMeta>();

/** RFC 6750 section 2.1. A fresh one for each option: the registry knows schemas by identity. */
const bearerToken = () =>
  z
    .string()
    .min(8, 'at least 8 characters')
    .max(256)
    .regex(/^[A-Za-z0-9._~+/-]+=*$/, 'letters, digits and -._~+/ (RFC 6750 section 2.1)')
    .optional();

/**
 * Everything that can be configured. The one source of flags (`--start-bitrate-bps`), environment variables
 * (`REACTOR_HOST_START_BITRATE_BPS`), keys of the config file (`startBitrateBps`), defaults and `--help`.
 */
export const configSchema = z
  .strictObject({
    model: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: 'The model: a file, or FILE:CLASS. The flag can be left out: reactor-host model.py',
      value: 'FILE[:CLASS]',
      isPath: true,
    }),
    modelConfig: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: "Handed to the model's load() as config_path",
      value: 'FILE',
      isPath: true,
    }),
    python: z.string().min(1).optional().register(options, {
      group: 'Model',
      help: 'The Python interpreter. Default: an active virtual environment that has reactor_host, else the one of this installation',
      value: 'PATH',
      isPath: true,
    }),
    remoteModel: z.boolean().default(false).register(options, {
      group: 'Model',
      help: 'Start no Python; wait for a model that connects from elsewhere. Needs --host-secret',
      form: 'switch',
    }),
    hostSecret: z.string().min(16, 'at least 16 characters').max(256).optional().register(options, {
      group: 'Model',
      help: 'Lets a model on another machine connect (python -m reactor_host --host ws://... --secret ...)',
      value: 'SECRET',
    }),
    compat: z.boolean().default(false).register(options, {
      group: 'Model',
      help: 'The model is written for another runtime: `from reactor_runtime import ...` gets the names of reactor_host',
      form: 'switch',
    }),
    generate: z.enum(['connected', 'always']).default('connected').register(options, {
      group: 'Model',
      help: 'When generate() of the model is called: while somebody watches, or always',
      value: 'WHEN',
    }),
    sessionGraceS: z.int().min(0).max(86_400).default(60).register(options, {
      group: 'Model',
      help: "How long the session and the model's state stay after the last viewer has gone, in seconds",
      form: 'number',
      value: 'SECONDS',
    }),

    host: z.string().min(1).max(255).default('127.0.0.1').register(options, {
      group: 'Network',
      help: 'Address to listen on. Beyond this machine only with --token',
      value: 'ADDRESS',
    }),
    port: z.int().min(0).max(65_535).default(8080).register(options, {
      group: 'Network',
      help: 'Port to listen on, 0 picks a free one',
      form: 'number',
      value: 'PORT',
    }),
    token: bearerToken().register(options, {
      group: 'Network',
      help: 'Bearer token that every viewer then needs',
      value: 'TOKEN',
    }),
    operatorToken: bearerToken().register(options, {
      group: 'Network',
      help: 'Bearer token of who may open the debug page, and watch as well. With --token alone one is made at each start',
      value: 'TOKEN',
    }),
    corsOrigins: z.array(z.string().min(1).max(255)).max(64).optional().register(options, {
      group: 'Network',
      help: 'Origins of web pages that may connect, * for any. Default: pages of this machine; with a token any',
      form: 'list',
      value: 'ORIGIN,...',
    }),
    maxViewers: z.int().min(1).max(10_000).default(64).register(options, {
      group: 'Network',
      help: 'The most viewers at once',
      form: 'number',
      value: 'N',
    }),

    drainLimitMs: z.int().min(0).max(600_000).default(200).register(options, {
      group: 'Network',
      help: 'How long viewers, told that the host ends, have to leave by themselves before they are closed, in milliseconds',
      form: 'number',
      value: 'MS',
    }),

    codec: z.array(videoCodec).min(1).default(['vp9', 'h264', 'vp8', 'av1', 'h265']).register(options, {
      group: 'Media',
      help: 'Video codecs, best first; the first that the viewer offers and the engine can encode is used',
      form: 'list',
      value: 'CODEC,...',
    }),
    startBitrateBps: bitrateBps.default(4_000_000).register(options, {
      group: 'Media',
      help: 'Video bitrate to start with, in bits per second',
      form: 'number',
      value: 'BPS',
    }),
    minBitrateBps: bitrateBps.default(500_000).register(options, {
      group: 'Media',
      help: 'The least video bitrate',
      form: 'number',
      value: 'BPS',
    }),
    maxBitrateBps: bitrateBps.default(10_000_000).register(options, {
      group: 'Media',
      help: 'The most video bitrate',
      form: 'number',
      value: 'BPS',
    }),
    audioBitrateBps: audioBitrateBps.default(128_000).register(options, {
      group: 'Media',
      help: 'Opus bitrate of a stereo track, in bits per second; a mono one gets half',
      form: 'number',
      value: 'BPS',
    }),
    lipSync: z.boolean().default(false).register(options, {
      group: 'Media',
      help: 'Pictures wait for the sound that was yielded with them, 50 to 110 ms, while somebody listens. Without, each leaves at once',
      form: 'switch',
    }),
    iceServers: z.array(iceServer).max(16).default([]).register(options, {
      group: 'Media',
      help: 'STUN and TURN servers: URLs, or a JSON list of {urls, username, credential}',
      form: 'ice',
      value: 'URL,...',
    }),
    gatherLimitMs: z.int().min(1).max(10_000).default(500).register(options, {
      group: 'Media',
      help: 'How long an answer waits for our own ICE candidates, in milliseconds',
      form: 'number',
      value: 'MS',
    }),

    encoder: z.enum(['auto', 'shared', 'native']).default('auto').register(options, {
      group: 'Media',
      help: "shared: one encoder a track for all viewers; native: the engine's own for each; auto: what serves better",
      value: 'ENCODER',
    }),
    hardware: z.enum(['auto', 'off']).default('auto').register(options, {
      group: 'Media',
      help: 'auto: a hardware encoder where the engine has one; off: never',
      value: 'HARDWARE',
    }),
    maxRungs: z.int().min(1).max(8).default(3).register(options, {
      group: 'Media',
      help: 'The most shared encoders a track and codec, for viewers whose links differ',
      form: 'number',
      value: 'N',
    }),

    engine: z.enum(['auto', 'electron', 'chromium']).default('auto').register(options, {
      group: 'Engine',
      help: 'The browser engine that encodes: auto, electron or chromium',
      value: 'ENGINE',
    }),
    chromium: z.string().min(1).optional().register(options, {
      group: 'Engine',
      help: 'The Chrome or Chromium to use for engine chromium. Default: searched for',
      value: 'PATH',
      isPath: true,
    }),
    xvfb: z.string().min(1).optional().register(options, {
      group: 'Engine',
      help: 'The Xvfb to use for Electron on Linux without a display. Default: searched for',
      value: 'PATH',
      isPath: true,
    }),

    debug: z.boolean().default(false).register(options, {
      group: 'Log',
      help: 'Opens the debug window (engine electron), or prints the link of the debug page: GET /debug',
      form: 'switch',
    }),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').register(options, {
      group: 'Log',
      help: 'The least level that is logged: debug, info, warn or error',
      value: 'LEVEL',
    }),
    logFormat: z.enum(['pretty', 'json']).default('pretty').register(options, {
      group: 'Log',
      help: 'pretty for people; json: every line is one JSON object',
      value: 'FORMAT',
    }),
  })
  .check((context) => {
    const { startBitrateBps, minBitrateBps, maxBitrateBps, remoteModel, hostSecret } = context.value;
    const issue = (key: string, message: string) =>
      context.issues.push({ code: 'custom', path: [key], message, input: context.value });
    if (minBitrateBps > maxBitrateBps)
      issue('minBitrateBps', `${minBitrateBps} is above maxBitrateBps ${maxBitrateBps}`);
    if (startBitrateBps < minBitrateBps || startBitrateBps > maxBitrateBps) {
      issue(
        'startBitrateBps',
        `${startBitrateBps} is outside minBitrateBps ${minBitrateBps} to maxBitrateBps ${maxBitrateBps}`,
      );
    }
    if (remoteModel && hostSecret === undefined)
      issue('remoteModel', 'needs hostSecret, which the model then gives');
  });

export type Config = z.infer<typeof configSchema>;
export type Key = keyof Config;

/** What is neither repeated in an error nor shown to anyone. */
export const SECRET_KEYS = ['token', 'operatorToken', 'hostSecret'] as const satisfies readonly Key[];

const shape = configSchema.shape;
export const optionKeys = Object.keys(shape) as Key[];

export const flagOf = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const envOf = (key: string) => `REACTOR_HOST_${flagOf(key).replaceAll('-', '_').toUpperCase()}`;
export const metaOf = (key: Key): OptionMeta => options.get(shape[key] as z.ZodType) as OptionMeta;

/** What the encoder page needs to know of the configuration. */
export function mediaSettingsOf(config: Config): MediaSettings {
  return {
    codecs: config.codec,
    start_bitrate_bps: config.startBitrateBps,
    min_bitrate_bps: config.minBitrateBps,
    max_bitrate_bps: config.maxBitrateBps,
    audio_bitrate_bps: config.audioBitrateBps,
    lip_sync: config.lipSync,
    ice_servers: config.iceServers,
    gather_limit_ms: config.gatherLimitMs,
    encoder: config.encoder,
    hardware: config.hardware,
    max_rungs: config.maxRungs,
  };
}

/** The link that viewers are given must not open what is for operators. */
export function withOperatorToken<T extends Pick<Config, 'token' | 'operatorToken'>>(config: T): T {
  const isMade = config.token !== undefined && config.operatorToken === undefined;
  return isMade ? { ...config, operatorToken: randomSecret() } : config;
}

/** The value of an option that nobody sets; undefined where it has none. */
export function defaultOf(key: Key): unknown {
  const parsed = (shape[key] as z.ZodType).safeParse(undefined);
  return parsed.success ? parsed.data : undefined;
}
