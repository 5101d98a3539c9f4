import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ModelStats } from '../protocol/model.ts';
import type { EncoderStats, HostStats } from '../protocol/stats.ts';
import type { Commands } from './commands.ts';
import type { EncoderLink } from './encoder-link.ts';
import type { Engine } from './engine/engine.ts';
import type { FrameRouter } from './frame-router.ts';
import type { HostState } from './host-state.ts';
import { publicId } from './http/events.ts';
import type { ModelLink } from './model-link.ts';
import { linuxUsage, ownUsage, ProcessShares, type RunningProcess } from './process-usage.ts';
import { Signal } from './signal.ts';
import { VERSION } from './version.ts';
import type { Viewers } from './viewers.ts';

/** The encoder page reports once a second; this late, and the rest is told without it. */
const PAGE_LATE_MS = 1_500;
const LOOK_EVERY_MS = 500;
/** How often the event loop is asked how late it is: finer costs more, and 20 ms is less than a picture at 30 fps. */
const DELAY_RESOLUTION_MS = 20;

export interface StatisticsOptions {
  engine: Pick<Engine, 'name' | 'processes'>;
  engineStarts: () => number;
  state: HostState;
  router: Pick<FrameRouter, 'counters'>;
  viewers: Pick<Viewers, 'get'>;
  commands: Pick<Commands, 'settled' | 'waiting'>;
  model: Pick<ModelLink, 'stats' | 'disconnected'>;
  encoder: Pick<EncoderLink, 'stats'>;
  nowMs: () => number;
}

/** The one model of statistics: what every process reports, put together once a second. */
export class Statistics {
  readonly reported = new Signal<[HostStats]>();

  readonly #options: StatisticsOptions;
  readonly #startedMs = Date.now();
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #shares = new ProcessShares();
  readonly #timer: NodeJS.Timeout;
  #lastMs: number;
  #latest: HostStats | undefined;
  #model: ModelStats | undefined;
  #engine: RunningProcess[] = [];
  #isSampling = false;
  #commands = { run: 0, failed: 0 };
  /** The last report took so long here, with all who listen to it. */
  #tookMs: number | null = null;

  constructor(options: StatisticsOptions) {
    this.#options = options;
    this.#lastMs = options.nowMs();
    this.#delay.enable();
    options.encoder.stats.on((stats) => this.#report(stats));
    options.model.stats.on((stats) => {
      this.#model = stats;
    });
    options.model.disconnected.on(() => {
      this.#model = undefined;
    });
    options.commands.settled.on(({ code }) => {
      this.#commands[code === null ? 'run' : 'failed'] += 1;
    });
    this.#timer = setInterval(() => {
      if (options.nowMs() - this.#lastMs > PAGE_LATE_MS) this.#report(undefined);
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** The last report; undefined in the first second. */
  get latest(): HostStats | undefined {
    return this.#latest;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  #report(page: EncoderStats | undefined): void {
    const { engine, engineStarts, state, router, viewers, commands, nowMs } = this.#options;
    const now = nowMs();
    this.#lastMs = now;
    const { model, encoder } = state.snapshot;
    const measured = this.#model;
    const stats: HostStats = {
      time_ms: Date.now(),
      started_ms: this.#startedMs,
      version: VERSION,
      engine: engine.name,
      ready: state.ready,
      routed: router.counters(),
      tracks: page?.tracks ?? [],
      // One that has left since, the page may still have told.
      viewers: (page?.viewers ?? []).flatMap((each) => {
        const viewer = viewers.get(each.viewer_id);
        return viewer ? [{ ...each, viewer_id: publicId(viewer.id), client_id: viewer.clientId }] : [];
      }),
      shared_encoders: page?.shared_encoders ?? [],
      ...(page?.load_scale === undefined ? {} : { load_scale: page.load_scale }),
      model: {
        state: model.state,
        restarts: model.restarts,
        steps: measured?.steps ?? 0,
        step_ms: measured?.step_ms ?? null,
        convert_ms: measured?.convert_ms ?? null,
        ring: measured?.ring ?? null,
      },
      encoder_page_openings: encoder.generation,
      engine_starts: engineStarts(),
      commands: { ...this.#commands, waiting: commands.waiting },
      collect_ms: { page: page?.collect_ms ?? null, host: this.#tookMs },
      processes: this.#shares.read(this.#processes(), now),
      event_loop_delay_ms: this.#takeDelay(),
    };
    this.#latest = stats;
    void this.#sampleEngine();
    this.reported.emit(stats);
    this.#tookMs = nowMs() - now;
  }

  #processes(): RunningProcess[] {
    const all: RunningProcess[] = [{ pid: process.pid, role: 'host', ...ownUsage() }];
    for (const each of this.#engine) all.push({ ...each, ...linuxUsage(each.pid) });
    const measured = this.#model?.process;
    // It measures itself, and may be on another machine: its number there means nothing here.
    if (measured)
      all.push({ pid: -1, role: 'model', cpuS: measured.cpu_s, residentBytes: measured.resident_bytes });
    return all;
  }

  /** Asked for the next report: this one does not wait for a browser. */
  async #sampleEngine(): Promise<void> {
    if (this.#isSampling) return;
    this.#isSampling = true;
    this.#engine = await this.#options.engine.processes().catch(() => []);
    this.#isSampling = false;
  }

  /** Node measures the time from one look to the next, which is the resolution where nothing is late. */
  #takeDelay(): HostStats['event_loop_delay_ms'] {
    const late = (ns: number) => Math.max(0, Math.round((ns / 1e6 - DELAY_RESOLUTION_MS) * 100) / 100);
    const delay = this.#delay;
    const taken =
      delay.max > 0 && delay.min < Number.MAX_SAFE_INTEGER
        ? { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) }
        : { p50: 0, p99: 0, max: 0 };
    delay.reset();
    return taken;
  }
}
