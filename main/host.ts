import path from 'node:path';
import type { EncoderHello, Ring } from '../protocol/hello.ts';
import { type Config, mediaSettingsOf, withOperatorToken } from './config.ts';
import { EncoderLink } from './encoder-link.ts';
import { EncoderWatch } from './encoder-watch.ts';
import type { Engine } from './engine/engine.ts';
import { HostError, toHostError } from './errors.ts';
import { FrameRouter } from './frame-router.ts';
import { Guardian } from './guardian-client.ts';
import { HostState } from './host-state.ts';
import { EventStreams } from './http/event-streams.ts';
import { publicId, withoutPictures } from './http/events.ts';
import { schemaDocument } from './http/schema.ts';
import { HttpServer } from './http/server.ts';
import { Interaction } from './interaction.ts';
import { type Log, logError, logLines, logReady, ThrottledLog } from './log.ts';
import { LogRing } from './log-ring.ts';
import { Metrics } from './metrics.ts';
import { ModelLink, type ModelOrigin } from './model-link.ts';
import { distFolder } from './paths.ts';
import { choosePython, pythonSurroundings } from './python/environment.ts';
import { Supervisor } from './python/supervisor.ts';
import { Redactor } from './redact.ts';
import { RingFile, ringShape } from './ring-file.ts';
import { randomSecret } from './secret.ts';
import { Statistics } from './statistics.ts';
import { StatsHistory } from './stats-history.ts';
import { Viewers } from './viewers.ts';

/** How often a model that takes long to load is mentioned. */
const LOADING_EVERY_MS = 15_000;
/** How long a model waits for the page and its ring file, which are there before Python is; then it sends inline. */
const RING_LIMIT_MS = 5_000;
/** A browser that ends this often in a row cannot be helped by starting it again. */
const MAX_ENGINE_STARTS = 5;
const STEADY_ENGINE_MS = 60_000;

/** What the engine is made with. */
export interface EngineSurroundings {
  guardian: Guardian;
  log: Log;
  /** Where the ring is, for the preload; null with an engine that has none. */
  ring: Ring | null;
}

export interface HostOptions {
  config: Config;
  log: Log;
  /** `__dirname` of the running bundle. */
  bundleFolder: string;
  /** Who makes the file that pictures go through: the host for a preload to read (Electron), or the page itself. */
  ringOf: 'host' | 'page';
  createEngine: (around: EngineSurroundings) => Engine;
  /** Opens a window with the debug page; where there is none, its link is printed. */
  openDebug?: (url: string, token: string | undefined) => void;
}

/** The host: everything between the model and the viewers. Started once, ends once. */
export class Host {
  /** Resolves with the exit code when the host has to end by itself. */
  readonly failed: Promise<number>;

  readonly #options: HostOptions;
  readonly #state: HostState;
  readonly #guardian: Guardian;
  readonly #model: ModelLink;
  readonly #encoder: EncoderLink;
  readonly #router: FrameRouter;
  readonly #viewers = new Viewers(nowMs);
  readonly #interaction: Interaction;
  readonly #engine: Engine;
  readonly #http: HttpServer;
  /** What pictures of our own model go through; a page that makes its own brings another with it. */
  #ringFile: RingFile | undefined;
  readonly #statistics: Statistics;
  readonly #history = new StatsHistory();
  readonly #secrets = { encoder: randomSecret(), model: randomSecret() };
  readonly #timers: NodeJS.Timeout[] = [];
  #supervisor: Supervisor | undefined;
  #ringUsable = true;
  /** What the connected model was offered; undefined while none is. */
  #modelRing: Ring | null | undefined;
  /** A process has the ring mapped; cleared when it has ended. */
  #ringTaken = false;
  #openedMs = 0;
  #engineStarts = 0;
  #userAgent: string | undefined;
  #fail: (code: number) => void = () => {};
  #stopped: Promise<void> | undefined;

  constructor(options: HostOptions) {
    const config = withOperatorToken(options.config);
    const { log, bundleFolder, ringOf, createEngine } = options;
    this.#options = { ...options, config };
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    const redactor = new Redactor(config);
    const logRing = new LogRing((text) => redactor.text(text));
    logLines.on((line) => logRing.write(line));
    const throttled = new ThrottledLog(log, nowMs);
    this.#state = new HostState(config.remoteModel ? 'waiting' : 'starting');
    this.#guardian = new Guardian(bundleFolder, log);
    if (ringOf === 'host') {
      this.#ringFile = RingFile.make();
      this.#guardian.watchPath(this.#ringFile.ring.path);
    }
    const ring = this.#ringFile?.ring ?? null;
    this.#model = new ModelLink({
      ringFor: (origin) => this.#ringFor(origin),
      nowMs,
      log: throttled,
    });
    this.#encoder = new EncoderLink({ media: mediaSettingsOf(config), nowMs, log: throttled });
    this.#router = new FrameRouter({ encoder: this.#encoder, model: this.#model });
    this.#engine = createEngine({ guardian: this.#guardian, log, ring });
    this.#interaction = new Interaction({
      model: this.#model,
      encoder: this.#encoder,
      viewers: this.#viewers,
      state: this.#state,
      graceMs: config.sessionGraceS * 1000,
      schema: () => this.#schema(),
      log,
      nowMs,
    });
    const { commands } = this.#interaction;
    commands.settled.on(({ clientId: client, requestId: request, name: command, ms, code }) =>
      log.debug({ client, request, command, ms, code }, 'command'),
    );
    this.#statistics = new Statistics({
      engine: this.#engine,
      engineStarts: () => this.#engineStarts,
      state: this.#state,
      router: this.#router,
      viewers: this.#viewers,
      commands,
      model: this.#model,
      encoder: this.#encoder,
      nowMs,
    });
    this.#statistics.reported.on((stats) => this.#history.add(withoutPictures(stats)));
    const streams = new EventStreams();
    this.#http = new HttpServer({
      config,
      engine: this.#engine.name,
      pagesFolder: path.join(distFolder(bundleFolder), 'renderer'),
      state: this.#state,
      viewers: this.#viewers,
      encoder: this.#encoder,
      model: this.#model,
      interaction: this.#interaction,
      schema: () => this.#schema(),
      statistics: this.#statistics,
      metrics: new Metrics({ statistics: this.#statistics, model: this.#model, commands, streams }),
      streams,
      counters: () => this.#router.counters(),
      secrets: this.#secrets,
      debug: {
        history: this.#history,
        ring: logRing,
        redactor,
        userAgent: () => this.#userAgent,
        restartModel: () => this.#restartModel(),
      },
      log,
      throttled,
      nowMs,
    });
    this.#wireModel();
    this.#wireEncoder();
    this.#wireViewers();
  }

  /** Listens, then starts engine and model side by side. @throws HostError; then `stop` is still to be called. */
  async start(): Promise<void> {
    const { config, log } = this.#options;
    await this.#http.listen();
    if (config.debug) this.#openDebug();
    this.#announceReady();
    this.#watch();
    const results = await Promise.allSettled([this.#startEngine(), this.#startModel(config)]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    log.debug({ url: this.#http.url }, 'started');
  }

  /** Ends everything in order: viewers, model, engine, files. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Ends everything at once, for a second Ctrl-C. */
  kill(): void {
    this.#guardian.killAll();
    this.#ringFile?.remove();
    this.#guardian.close();
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#statistics.close();
    this.#state.setEnding();
    this.#interaction.end('the host ends');
    this.#model.send({ type: 'shutdown' });
    await Promise.all([this.#supervisor?.stop(), this.#stopEngine()]);
    await this.#http.close();
    this.#ringFile?.remove();
    this.#guardian.close();
  }

  async #stopEngine(): Promise<void> {
    await this.#viewers.changed.until(() => this.#viewers.size === 0, this.#options.config.drainLimitMs);
    for (const { id } of this.#viewers.all) this.#encoder.closeViewer(id);
    await this.#engine.stop();
  }

  #schema(): object {
    const { model, tracks } = this.#state.snapshot;
    return schemaDocument({
      name: model.name,
      tracks,
      interface: this.#interaction.interface,
      needsToken: this.#options.config.token !== undefined,
    });
  }

  async #startEngine(): Promise<void> {
    this.#openedMs = nowMs();
    this.#engineStarts++;
    await this.#engine.start({
      wsUrl: `ws://${this.#http.localAuthority}/encoder`,
      origin: `http://${this.#http.localAuthority}`,
      secret: this.#secrets.encoder,
      // Not tried on Windows, where an open file may not be opened again.
      ...(this.#options.ringOf === 'page' && process.platform !== 'win32' ? { ring: ringShape() } : {}),
    });
  }

  async #startModel(config: Config): Promise<void> {
    const { log, bundleFolder } = this.#options;
    if (config.remoteModel) {
      const authority = new URL(this.#http.networkUrl ?? this.#http.url).host;
      log.info(
        `waiting for a model: python -m reactor_host model.py --host ws://${authority}/host --secret ...`,
      );
      return;
    }
    const python = await choosePython(pythonSurroundings(config.python, bundleFolder, log));
    log.info({ python: python.command, reason: python.reason }, 'starting the model');
    const supervisor = new Supervisor({
      command: python.command,
      model: config.model as string,
      modelConfig: config.modelConfig,
      url: `ws://${this.#http.localAuthority}/host`,
      secret: this.#secrets.model,
      compat: config.compat,
      generate: config.generate,
      logLevel: config.logLevel,
      guardian: this.#guardian,
      log,
      nowMs,
    });
    this.#supervisor = supervisor;
    supervisor.crashed.on(({ what, restarts, delayMs, report }) => {
      this.#ringTaken = false;
      // Not what is known from an earlier run: this one may have ended for another reason.
      const error = report ?? {
        code: 'model-crashed',
        message: `the model ended with ${what}`,
        hint: 'its own lines in the log of the host tell more',
      };
      this.#state.setModel({ state: 'crashed', restarts, error });
      // One error is enough: where the model has said why, that is it.
      log[report ? 'warn' : 'error'](
        { code: 'model-crashed' },
        `the model crashed (${what}), starting it again in ${delayMs / 1000} s`,
      );
    });
    supervisor.restarted.on(() => {
      this.#ringTaken = false;
      this.#state.setModel({ state: 'restarting' });
    });
    supervisor.finished.on(() => {
      this.#state.setModel({ state: 'ended' });
      log.info('the model has ended; its last frame stays. Ctrl-C ends the host');
    });
    supervisor.fatal.on(({ error: { code, message, hint }, isTold }) => {
      if (isTold) log.info('the model cannot run like this, the host ends');
      else log.error({ code, hint }, message);
      this.#fail(1);
    });
    supervisor.start();
  }

  /** Shared memory for the Python of this host. One that lost its connection and comes back sends inline from then on. */
  async #ringFor(origin: ModelOrigin): Promise<Ring | null> {
    if (origin !== 'supervised') return null;
    if (this.#options.ringOf === 'page')
      await this.#encoder.connected.until(() => this.#encoder.isConnected, RING_LIMIT_MS);
    if (!this.#ringFile || !this.#ringUsable || this.#ringTaken) return null;
    this.#ringFile.clear();
    this.#ringTaken = true;
    return this.#ringFile.ring;
  }

  /** What a page that has just connected can read. */
  #adoptRing({ payloads, ring_token }: EncoderHello): void {
    if (this.#options.ringOf === 'page') {
      const file = ring_token === undefined ? undefined : this.#engine.findRing?.(ring_token);
      this.#ringFile = file === undefined ? undefined : new RingFile({ path: file, ...ringShape() });
      this.#ringTaken = false;
    } else {
      this.#ringUsable = payloads.includes('ring');
    }
    if (!this.#ringUsable || !this.#ringFile) {
      this.#options.log.warn('the encoder page cannot read shared memory, frames travel inline (slower)');
    }
  }

  #wireModel(): void {
    const { log } = this.#options;
    const model = this.#model;
    let reachedRunning = false;
    model.connected.on((hello, ring) => {
      this.#router.begin(hello.tracks, ring);
      this.#modelRing = ring;
      reachedRunning = false;
      this.#state.setTracks(hello.tracks);
      this.#state.setModel({ name: hello.model, state: 'loading' });
      const tracks = hello.tracks.map(({ name, kind }) => `${name}:${kind}`).join(' ');
      log.info({ model: hello.model, tracks, payloads: ring ? 'ring' : 'inline' }, 'model connected');
      this.#encoder.send({ type: 'tracks', tracks: hello.tracks });
    });
    model.media.on((header, message) => this.#router.receive(header, message));
    model.flushed.on((header, message) => this.#router.flush(header, message));
    model.clockPong.on(({ bytes }) => this.#encoder.forward(bytes));
    model.status.on(({ state }) => {
      if (state === 'running' && !reachedRunning) {
        reachedRunning = true;
        log.info('the model runs');
      }
      this.#state.setModel({ state });
    });
    model.failed.on(({ error, fatal, traceback }) => {
      this.#state.setModel({ error });
      // A model of our own prints its error itself, which comes through its output; a remote one only sends it.
      if (!this.#supervisor)
        log.error(
          { code: error.code, hint: error.hint, fatal, ...(traceback === '' ? {} : { traceback }) },
          error.message,
        );
    });
    model.stats.on((stats) =>
      log.debug({ steps: stats.steps, stepMs: stats.step_ms, convertMs: stats.convert_ms }, 'model'),
    );
    model.disconnected.on(() => {
      this.#modelRing = undefined;
      log.info('model disconnected');
      const { state } = this.#state.snapshot.model;
      if (state === 'ended' || state === 'crashed') return;
      const next = this.#supervisor ? 'restarting' : 'waiting';
      this.#state.setModel({ state: this.#stopped ? 'ended' : next });
    });
  }

  #wireEncoder(): void {
    const { log } = this.#options;
    const encoder = this.#encoder;
    encoder.connected.on((hello) => {
      this.#userAgent = hello.user_agent;
      log.info(
        { browser: /(Chrome|Electron)\/[\d.]+/g.exec(hello.user_agent)?.[0] ?? hello.user_agent },
        'encoder page connected',
      );
      this.#state.setEncoder(true);
      const { tracks } = this.#state.snapshot;
      if (tracks.length > 0) encoder.send({ type: 'tracks', tracks });
      this.#adoptRing(hello);
      const ring = this.#ringUsable ? (this.#ringFile?.ring ?? null) : null;
      // Another ring, or none any more (the preload failed): a model of ours asks anew how payloads travel.
      if (this.#supervisor && this.#modelRing !== undefined && this.#modelRing !== ring)
        this.#model.reconnect();
      else this.#model.send({ type: 'refresh' });
    });
    encoder.ack.on((ack, message) => this.#router.acknowledge(ack, message));
    encoder.clockPing.on(({ bytes }) => this.#model.forward(bytes));
    encoder.viewerState.on(({ viewer_id, state }) => {
      const viewer = this.#viewers.get(viewer_id);
      if (viewer && viewer.state !== state) log.debug({ ...this.#nameOf(viewer_id), state }, 'viewer');
      this.#viewers.setState(viewer_id, state);
    });
    encoder.supported.on(({ codecs }) => this.#state.setCodecs(codecs));
    encoder.logged.on(({ level, message, viewer_id }) =>
      log[level]({ from: 'encoder', ...this.#nameOf(viewer_id) }, message),
    );
    encoder.disconnected.on(() => {
      if (this.#stopped) return;
      log.warn('encoder page disconnected');
      this.#viewers.clear();
      this.#router.encoderLost();
      this.#state.setEncoder(false);
    });
    encoder.refused.on(({ message }) => this.#reopen(`refused: ${message}`));
    this.#engine.pageLost.on((reason) => this.#reopen(reason));
    this.#engine.ended.on((reason) => this.#engineEnded(reason));
  }

  #wireViewers(): void {
    this.#viewers.changed.on((viewer, state) => {
      if (state === 'closed')
        this.#options.log.info({ viewer: publicId(viewer.id), client: viewer.clientId }, 'viewer left');
      this.#state.setViewers(this.#viewers.size);
    });
  }

  /** How the log calls a viewer: by its connection, as statistics do, and by its client, as the model does. */
  #nameOf(viewerId: string | undefined): { viewer?: string; client?: string } {
    if (viewerId === undefined) return {};
    const client = this.#viewers.get(viewerId)?.clientId;
    return { viewer: publicId(viewerId), ...(client === undefined ? {} : { client }) };
  }

  /** Looks once a second after what sends no event: a page that hangs, a viewer that never came. */
  #watch(): void {
    const watch = new EncoderWatch();
    this.#timers.push(
      setInterval(() => {
        const { isConnected: connected, heardMs } = this.#encoder;
        const reason = watch.look(nowMs(), { connected, heardMs, openedMs: this.#openedMs });
        if (reason) this.#reopen(reason);
        for (const { id } of this.#viewers.tick()) this.#encoder.closeViewer(id);
        this.#interaction.tick();
      }, 1000),
      setInterval(() => {
        const { state } = this.#state.snapshot.model;
        if (state === 'loading') this.#options.log.info('the model is still loading');
      }, LOADING_EVERY_MS),
    );
  }

  #reopen(reason: string): void {
    if (this.#stopped) return;
    this.#options.log.warn({ reason }, 'the encoder page is opened again');
    this.#openedMs = nowMs();
    // A page that hangs keeps its socket open: it must not be taken for the new one.
    this.#encoder.close();
    this.#engine.reopen().catch((thrown) => {
      this.#options.log.warn({ reason: toHostError(thrown).message }, 'the encoder page could not be opened');
    });
  }

  #engineEnded(reason: string): void {
    if (this.#stopped) return;
    const { log } = this.#options;
    log.error({ code: 'engine-failed', reason }, 'the browser engine ended and is started again');
    if (nowMs() - this.#openedMs > STEADY_ENGINE_MS) this.#engineStarts = 0;
    if (this.#engineStarts >= MAX_ENGINE_STARTS) {
      logError(
        log,
        new HostError(
          'engine-failed',
          `the browser engine ended ${MAX_ENGINE_STARTS} times in a row: ${reason}`,
          'run with --log-level debug, or choose another --engine',
        ),
      );
      this.#fail(1);
      return;
    }
    this.#startEngine().catch((thrown) => {
      logError(log, thrown);
      this.#fail(1);
    });
  }

  #openDebug(): void {
    const { config, log, openDebug } = this.#options;
    const url = `${this.#http.url}debug`;
    if (openDebug) openDebug(url, config.operatorToken);
    else log.info(`debug page ${url}${tokenQuery(config.operatorToken)}`);
  }

  /** @throws HostError `model-not-ours` */
  #restartModel(): void {
    if (!this.#supervisor) {
      throw new HostError(
        'model-not-ours',
        'the model was not started by this host',
        'restart it where it runs; it connects again by itself',
      );
    }
    this.#supervisor.restart();
  }

  #announceReady(): void {
    const { config, log } = this.#options;
    const off = this.#state.changed.on(({ model }) => {
      if (!this.#state.ready) return;
      off();
      const { url, networkUrl } = this.#http;
      const query = tokenQuery(config.token);
      if (config.token !== undefined) log.info(`open ${url}${query}`);
      if (networkUrl !== undefined) log.info(`from other machines ${networkUrl}${query}`);
      logReady(config.logFormat, { url, engine: this.#engine.name, model: model.name ?? '' });
    });
  }
}

/** Of a link for people. */
function tokenQuery(token: string | undefined): string {
  return token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
}

/** Monotonic: a corrected clock must not look like a page that hangs. */
function nowMs(): number {
  return performance.now();
}
