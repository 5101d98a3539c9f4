import type { HostStats, PictureStages, SharedEncoderStats, SpreadMs } from '../protocol/stats.ts';
import { statsOf } from '../test/fixtures/host-stats.ts';
import { figure } from './table.ts';

/** Follows `GET /events` of the host, to know what each stage on its side takes. */
export class HostEvents {
  readonly #abort = new AbortController();
  #stats: HostStats | undefined;
  /** Of the first video track, all rungs. */
  readonly pictures: PictureStages[] = [];

  constructor(hostUrl: string) {
    // Without it the bench goes on, and says nothing of the stages.
    void this.#follow(hostUrl).catch(() => undefined);
  }

  /** What the last second's statistics say, in one line. */
  get stages(): string {
    if (!this.#stats) return '';
    const { tracks, viewers, shared_encoders: encoders = [] } = this.#stats;
    const parts = tracks
      .filter(({ kind }) => kind === 'video')
      .map(({ name, hand_over_ms }) => `${name} hand-over ${spread(hand_over_ms)}`);
    for (const encoder of encoders) parts.push(describeEncoder(encoder));
    const senders = viewers
      .flatMap((viewer) => viewer.senders)
      .filter(({ kind, frames_encoded }) => kind === 'video' && frames_encoded !== null);
    const last = senders.at(-1);
    if (last && !last.sharing) parts.push(`encode ${figure(last.encode_ms, 1)}`);
    if (last) parts.push(`send ${figure(last.send_delay_ms, 1)}`);
    const shared = senders.flatMap(({ sharing }) => (sharing ? [sharing] : []));
    if (shared.length > 0) {
      const worst = shared.reduce((one, other) =>
        (other.wait_ms?.p95 ?? 0) > (one.wait_ms?.p95 ?? 0) ? other : one,
      );
      const count = (of: (each: (typeof shared)[number]) => number) =>
        shared.reduce((sum, each) => sum + of(each), 0);
      parts.push(
        `wait for a stand-in at the worst ${spread(worst.wait_ms)}`,
        `of ${count(({ sent }) => sent)} sent ${count(({ skipped }) => skipped)} skipped, ` +
          `${count(({ stand_ins_lost }) => stand_ins_lost)} stand-ins lost, ` +
          `${count(({ stand_ins_late }) => stand_ins_late)} late, ${count(({ restarts }) => restarts)} restarts`,
      );
    }
    const { page, host } = this.#stats.collect_ms;
    parts.push(`statistics ${figure(page, 1)} ms in the page, ${figure(host, 1)} ms in the host a second`);
    return parts.join('; ');
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(hostUrl: string): Promise<void> {
    for await (const stats of statsOf(hostUrl, this.#abort.signal)) {
      this.#stats = stats;
      const first = stats.tracks.find(({ kind }) => kind === 'video')?.name;
      for (const { track, pictures = [] } of stats.shared_encoders ?? []) {
        if (track === first) this.pictures.push(...pictures);
      }
    }
  }
}

function describeEncoder(encoder: SharedEncoderStats): string {
  const { rung, width, height, viewers, encode_ms, target_bitrate_bps, bitrate_bps } = encoder;
  const { encoded, skipped, dropped, key_frames, reconfigured } = encoder;
  return (
    `rung ${rung} ${width}x${height} for ${viewers}: encode ${spread(encode_ms)}, ` +
    `${figure((bitrate_bps ?? Number.NaN) / 1e6, 1)} of ${figure(target_bitrate_bps / 1e6, 1)} Mbps, ` +
    `${encoded} encoded, ${skipped} skipped, ${dropped} dropped, ${key_frames} key, ${reconfigured} configured`
  );
}

function spread(ms: SpreadMs | null): string {
  return ms ? `${figure(ms.p50, 1)}/${figure(ms.p95, 1)} ms` : '-';
}
