import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { publicClientId, readClient } from '../client-id.ts';
import type { Config } from '../config.ts';
import type { EncoderLink } from '../encoder-link.ts';
import type { EngineName } from '../engine/engine.ts';
import { HostError, toHostError } from '../errors.ts';
import type { TrackCounters } from '../frame-router.ts';
import type { HostState } from '../host-state.ts';
import type { Interaction } from '../interaction.ts';
import type { Log, ThrottledLog } from '../log.ts';
import { isAnyAddress, isLoopbackAddress, isLoopbackHost, networkAddress } from '../loopback.ts';
import type { Metrics } from '../metrics.ts';
import type { ModelLink, ModelOrigin } from '../model-link.ts';
import { bearerOf, sameSecret } from '../secret.ts';
import type { Statistics } from '../statistics.ts';
import type { Viewers } from '../viewers.ts';
import { isTrustedHost, type Role, TokenAuth } from './auth.ts';
import { addCommands } from './commands.ts';
import { allowedOrigin, corsHeaders, isOwnOrigin, preflightHeaders } from './cors.ts';
import { addDebug, type DebugOptions } from './debug.ts';
import type { EventStreams } from './event-streams.ts';
import { eventStream } from './events.ts';
import { healthBody, healthStatus } from './health.ts';
import { encoderPolicy, loginPage, pageFile } from './pages.ts';
import { notFound, problemResponse } from './problem.ts';
import { addWhep, type WhepEnv } from './whep.ts';

const METHODS = 'GET, POST, PATCH, DELETE, OPTIONS';
/** The subprotocol that is agreed; a browser's WebSocket can send a secret only as another one beside it. */
const SUBPROTOCOL = 'reactor-host';

export interface HttpOptions {
  config: Config;
  engine: EngineName;
  /** `dist/renderer`. */
  pagesFolder: string;
  state: HostState;
  viewers: Viewers;
  encoder: EncoderLink;
  model: ModelLink;
  interaction: Interaction;
  /** The document of `GET /schema`. */
  schema: () => object;
  statistics: Pick<Statistics, 'latest' | 'reported'>;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  streams: EventStreams;
  counters: () => Record<string, TrackCounters>;
  /** Per run: the encoder page and the Python that this host starts. */
  secrets: { encoder: string; model: string };
  debug: Pick<DebugOptions, 'history' | 'ring' | 'redactor' | 'userAgent' | 'restartModel'>;
  log: Log;
  throttled: ThrottledLog;
  nowMs: () => number;
}

type Env = WhepEnv & { Bindings: HttpBindings };

/** Everything that is reached over HTTP, and the WebSockets of our own processes. */
export class HttpServer {
  readonly #options: HttpOptions;
  readonly #app: Hono<Env>;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    // Frames are incompressible at this price, and a compressed bomb cannot be sent.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #servers: Server[] = [];
  readonly #closing = new AbortController();
  readonly #auth: TokenAuth;
  #wasReady = false;
  #port = 0;
  #localPort = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#auth = new TokenAuth(options.config);
    options.state.changed.on(() => {
      this.#wasReady ||= options.state.ready;
    });
    this.#app = this.#routes();
  }

  /** The port that viewers use. */
  get port(): number {
    return this.#port;
  }

  /** Where our own processes on this machine connect: loopback even when viewers use another address. */
  get localAuthority(): string {
    return `127.0.0.1:${this.#localPort}`;
  }

  /** For people: what to open in a browser on this machine. */
  get url(): string {
    const { host } = this.#options.config;
    const name = isAnyAddress(host)
      ? '127.0.0.1'
      : host.includes(':')
        ? `[${host.replace(/^\[|\]$/g, '')}]`
        : host;
    return `http://${name}:${this.#port}/`;
  }

  /** For people on other machines, where it listens on all interfaces. */
  get networkUrl(): string | undefined {
    const address = networkAddress(this.#options.config.host);
    return address === undefined ? undefined : `http://${address}:${this.#port}/`;
  }

  /** @throws HostError `port-in-use`, `cannot-listen`. */
  async listen(): Promise<void> {
    const { host, port } = this.#options.config;
    this.#port = await this.#listenOn(host.replace(/^\[|\]$/g, ''), port);
    this.#localPort = this.#port;
    // ::1 alone, or an address of the network, is not where our own processes look.
    if (!['127.0.0.1', 'localhost', '0.0.0.0'].includes(host)) {
      this.#localPort = await this.#listenOn('127.0.0.1', 0);
    }
  }

  /** Ends event streams and connections, then stops listening. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const socket of this.#sockets.clients) socket.terminate();
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }

  #listenOn(host: string, port: number): Promise<number> {
    const server = createServer(
      getRequestListener(this.#app.fetch as Parameters<typeof getRequestListener>[0]),
    );
    // A slow client must not hold a connection for ever (slow-loris); bodies are small.
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
      server.listen(port, host, () => {
        server.on('error', (error) => this.#options.log.error({ reason: error.message }, 'http server'));
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  #routes(): Hono<Env> {
    const {
      config,
      state,
      viewers,
      encoder,
      interaction,
      schema,
      statistics,
      metrics,
      streams,
      engine,
      pagesFolder,
      counters,
      debug,
      log,
      nowMs,
    } = this.#options;
    const app = new Hono<Env>();

    app.onError((thrown) => {
      const error = toHostError(thrown);
      if (error.code === 'host-failed') log.error({ reason: (thrown as Error).stack }, 'a request failed');
      return problemResponse(
        error,
        error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer realm="reactor-host"' } : {},
      );
    });
    app.notFound((context) => problemResponse(notFound(context.req.path)));

    app.use(async (context, next) => {
      const { incoming } = context.env;
      context.set('clientAddress', incoming.socket.remoteAddress ?? '');
      if (
        isLoopbackHost(config.host) &&
        config.token === undefined &&
        !isTrustedHost(incoming.headers.host)
      ) {
        throw new HostError(
          'bad-host-header',
          `this host is not ${String(incoming.headers.host).slice(0, 255)}`,
          'open it as http://127.0.0.1 or http://localhost; behind a proxy use --token',
        );
      }
      const { origin } = incoming.headers;
      const isOwn = isOwnOrigin(incoming.headers);
      const allowed = isOwn ? undefined : allowedOrigin(origin ?? '', config);
      if (!isOwn && allowed === undefined) {
        throw new HostError(
          'forbidden-origin',
          `pages of ${origin?.slice(0, 255)} may not use this host`,
          'allow it with --cors-origins',
        );
      }
      const cors = allowed === undefined ? {} : corsHeaders(allowed);
      const isPreflight =
        context.req.method === 'OPTIONS' && context.req.header('access-control-request-method') !== undefined;
      await next();
      for (const [name, value] of Object.entries({
        ...cors,
        ...(isPreflight && allowed !== undefined ? preflightHeaders(METHODS) : {}),
      })) {
        context.res.headers.set(name, value);
      }
      if (isPreflight && context.res.status === 404)
        context.res = new Response(null, { status: 204, headers: context.res.headers });
    });

    app.get('/encoder/', (context) => this.#encoderFile(context.env.incoming, 'index.html'));
    app.get('/encoder/:file', (context) =>
      this.#encoderFile(context.env.incoming, context.req.param('file')),
    );

    app.get('/health', (context) => {
      const status = state.isEnding ? 'ending' : healthStatus(state.snapshot, this.#wasReady);
      // A probe of a load balancer has no token: it gets the one word it needs.
      const body = this.#auth.allows('viewer', context.req.raw.headers, this.#port)
        ? healthBody({ status, state: state.snapshot, engine, frames: counters(), stats: statistics.latest })
        : { status };
      return context.json(body, status === 'ok' ? 200 : 503, { 'cache-control': 'no-store' });
    });

    app.use(async (context, next) => {
      const { method, path } = context.req;
      const role = roleFor(path, context.req.query('observer'));
      // A preflight request never carries credentials (Fetch standard, CORS-preflight fetch).
      if (method === 'OPTIONS' || this.#auth.allows(role, context.req.raw.headers, this.#port)) {
        await next();
        return;
      }
      const token = context.req.query('token');
      if (method === 'GET' && isPage(path)) {
        if (token === undefined || !this.#auth.isToken(role, token)) return loginPage(role);
        await next();
        return;
      }
      throw unauthorized(role);
    });

    addWhep(app as unknown as Hono<WhepEnv>, { config, state, viewers, encoder, log, nowMs });
    addCommands(app as unknown as Hono<WhepEnv>, { interaction, nowMs });
    const uncached = { 'cache-control': 'no-store' };
    app.get('/session', (context) => context.json(interaction.session, 200, uncached));
    app.get('/schema', (context) => context.json(schema(), 200, uncached));
    app.get(
      '/metrics',
      async () =>
        new Response(await metrics.text(), {
          headers: { 'content-type': metrics.contentType, 'cache-control': 'no-store' },
        }),
    );
    app.get('/events', ({ req }) => {
      const client = req.query('client');
      return eventStream(
        {
          state,
          viewers,
          stats: statistics.reported,
          streams,
          interaction,
          clientId: client === undefined ? undefined : publicClientId(readClient(client)),
          pictures: req.query('pictures') === '1',
        },
        this.#closing.signal,
      );
    });

    app.use(async (context, next) => {
      const token = context.req.query('token');
      const { method, path, raw } = context.req;
      if (method !== 'GET' || !isPage(path) || token === undefined) return next();
      if (!this.#auth.isToken(roleFor(path, undefined), token)) return next();
      // Away with it from the address bar and the history.
      const headers = new Headers({
        location: path,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
      // An operator who also opens the link of viewers goes on being one.
      if (!this.#auth.allows('operator', raw.headers, this.#port))
        headers.set('set-cookie', this.#auth.cookie(token, this.#port));
      return new Response(null, { status: 303, headers });
    });
    addDebug(
      app,
      {
        ...debug,
        config,
        engine,
        pagesFolder,
        state,
        viewers,
        encoder,
        interaction,
        schema,
        streams,
        log,
        nowMs,
      },
      this.#closing.signal,
    );
    app.get(
      '/',
      async () => (await pageFile(`${pagesFolder}/viewer`, 'index.html')) ?? problemResponse(notFound('/')),
    );
    app.get('/:file', async (context) => {
      const name = context.req.param('file');
      return (await pageFile(`${pagesFolder}/viewer`, name)) ?? problemResponse(notFound(`/${name}`));
    });
    return app;
  }

  async #encoderFile(request: IncomingMessage, name: string): Promise<Response> {
    if (!isLoopbackAddress(request.socket.remoteAddress)) {
      throw new HostError(
        'not-this-machine',
        'the encoder page is only for the engine on this machine',
        'open / to watch',
      );
    }
    const policy = encoderPolicy(`ws://${this.localAuthority}`);
    return (
      (await pageFile(`${this.#options.pagesFolder}/encoder`, name, policy)) ??
      problemResponse(notFound(`/encoder/${name}`))
    );
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const path = (request.url ?? '').split('?')[0];
    if (path === '/host') {
      const origin = this.#modelOrigin(request);
      if (origin === undefined) this.#refuseUpgrade(request, socket, 401, '/host');
      else this.#accept(request, socket, head, (peer) => this.#options.model.accept(peer, origin));
    } else if (path === '/encoder') {
      if (!this.#isEncoder(request)) this.#refuseUpgrade(request, socket, 401, '/encoder');
      else this.#accept(request, socket, head, (peer) => this.#options.encoder.accept(peer));
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  }

  /** Only the Python that this host started has the secret of this run; another one has --host-secret. */
  #modelOrigin(request: IncomingMessage): ModelOrigin | undefined {
    // A web page cannot set the header, and no model is a web page.
    const given = bearerOf(request.headers.authorization);
    const isOurs = sameSecret(given, this.#options.secrets.model);
    const isRemote = sameSecret(given, this.#options.config.hostSecret);
    return isOurs ? 'supervised' : isRemote ? 'remote' : undefined;
  }

  #isEncoder(request: IncomingMessage): boolean {
    if (!isLoopbackAddress(request.socket.remoteAddress)) return false;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const given = offered.find((each) => each.startsWith('bearer.'))?.slice('bearer.'.length);
    return sameSecret(given, this.#options.secrets.encoder);
  }

  #refuseUpgrade(request: IncomingMessage, socket: Duplex, status: number, path: string): void {
    this.#options.throttled.warn(
      `connection to ${path} refused: wrong or no secret`,
      `from ${request.socket.remoteAddress}`,
    );
    const body = JSON.stringify({
      code: 'bad-secret',
      message: 'wrong or no secret',
      hint: 'give the secret of --host-secret with --secret, or in REACTOR_HOST_SECRET',
    });
    socket.end(
      `HTTP/1.1 ${status} Unauthorized\r\nWWW-Authenticate: Bearer realm="reactor-host"\r\nContent-Type: application/json\r\n` +
        `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, use: (peer: WebSocket) => void): void {
    // Small messages (acknowledgements, stamps of the clock) must not wait for more (Nagle).
    request.socket.setNoDelay(true);
    this.#sockets.handleUpgrade(request, socket, head, (peer) => use(peer));
  }
}

/** What a person opens, by a link that may hold the token. */
function isPage(path: string): boolean {
  return path === '/' || path === '/debug';
}

/** What an operator does: the debug page and all that belongs to it, also the place of an observer that no viewer counts. */
function roleFor(path: string, observer: string | undefined): Role {
  return path === '/debug' || path.startsWith('/debug/') || observer === '1' ? 'operator' : 'viewer';
}

function unauthorized(role: Role): HostError {
  if (role === 'viewer') {
    return new HostError(
      'unauthorized',
      'this host needs a token',
      'send Authorization: Bearer TOKEN, or open the link with ?token= that the host printed',
    );
  }
  return new HostError(
    'unauthorized',
    'this needs the token of operators',
    'send Authorization: Bearer with the token of --operator-token, or open the link that --debug prints',
  );
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HostError {
  if (error.code === 'EADDRINUSE') {
    return new HostError(
      'port-in-use',
      `port ${port} on ${host} is in use by another program`,
      'end that program, or choose another with --port (0 picks a free one)',
      { cause: error },
    );
  }
  const reason =
    error.code === 'EACCES'
      ? 'not allowed'
      : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
        ? 'this machine has no such address'
        : error.message;
  return new HostError(
    'cannot-listen',
    `cannot listen on ${host}:${port}: ${reason}`,
    'choose another --host or --port (ports below 1024 need rights)',
    { cause: error },
  );
}
