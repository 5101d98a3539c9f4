import type { HostStats, SpreadMs } from '../protocol/stats.ts';

type Cell = string | number | null | undefined;

/** The statistics of a second as text for a terminal. */
export function statsTable(stats: HostStats): string {
  const { model, event_loop_delay_ms: delay, commands, routed, shared_encoders = [] } = stats;
  const head = [
    `reactor-host ${stats.version} (${stats.engine})`,
    `up ${duration((stats.time_ms - stats.started_ms) / 1000)}`,
    `model ${model.state}`,
    ...(model.step_ms === null ? [] : [`step ${ms(model.step_ms)} ms`]),
    `restarts ${model.restarts}`,
    `commands ${commands.run} run, ${commands.failed} failed`,
    ...(model.ring ? [`ring ${model.ring.used}/${model.ring.slots}`] : []),
    ...((stats.load_scale ?? 1) < 1 ? [`overloaded: ${percent(stats.load_scale)} of the rate`] : []),
  ];
  const tables = [
    table(
      ['process', 'CPU', 'MB', ''],
      stats.processes.map(({ role, cpu_share, resident_bytes }) => [
        role,
        percent(cpu_share),
        resident_bytes === null ? null : Math.round(resident_bytes / 1e6),
        role === 'host' ? `event loop late: p99 ${ms(delay.p99)}, max ${ms(delay.max)} ms` : '',
      ]),
    ),
    table(
      ['track', 'in fps', 'size', 'received', 'dropped: model', 'host', 'page', 'repeated', 'ms to encoder'],
      stats.tracks
        .filter(({ kind }) => kind === 'video')
        .map((track) => [
          track.name,
          fixed(track.fps),
          size(track),
          routed[track.name]?.received,
          routed[track.name]?.dropped,
          routed[track.name]?.discarded,
          track.dropped,
          track.repeated,
          spread(track.hand_over_ms),
        ]),
    ),
    table(
      ['sound', 'received', 'sent s', 'lost ms', 'buffered ms'],
      stats.tracks
        .filter(({ kind }) => kind === 'audio')
        .map((track) => [
          track.name,
          routed[track.name]?.received,
          fixed(track.written / 1000),
          track.dropped,
          ms(track.buffered_ms),
        ]),
    ),
    table(
      ['encoder', 'codec', 'by', 'size', 'fps', 'kbps', 'target', 'encode ms', 'dropped', 'viewers'],
      shared_encoders.map((encoder) => [
        encoder.track,
        encoder.codec,
        encoder.encoder_name ?? encoder.implementation,
        size(encoder),
        fixed(encoder.fps),
        kbps(encoder.bitrate_bps),
        kbps(encoder.target_bitrate_bps),
        spread(encoder.encode_ms),
        encoder.skipped + encoder.dropped,
        encoder.viewers,
      ]),
    ),
    table(
      'viewer,client,track,codec,size,fps,kbps,target,link,rtt ms,lost,jitter ms,NACK,PLI,again,late ms,limited by'.split(
        ',',
      ),
      stats.viewers.flatMap((viewer) =>
        viewer.senders.map((sender, index): Cell[] => [
          ...(index === 0
            ? [
                viewer.state === 'connected' ? viewer.viewer_id : `${viewer.viewer_id} ${viewer.state}`,
                viewer.client_id,
              ]
            : ['', '']),
          sender.name,
          sender.paused ? 'paused' : sender.codec,
          sender.kind === 'video' ? size(sender) : '',
          sender.kind === 'video' ? fixed(sender.fps) : '',
          kbps(sender.bitrate_bps),
          kbps(sender.target_bitrate_bps),
          index === 0 ? kbps(viewer.available_outgoing_bitrate_bps) : '',
          ms(sender.round_trip_time_ms ?? viewer.round_trip_time_ms),
          percent(sender.fraction_lost),
          ms(sender.jitter_ms),
          sender.nack_count,
          sender.pli_count,
          sender.retransmitted_packets,
          ms(sender.receiver?.latency_ms),
          sender.quality_limitation ?? '',
        ]),
      ),
    ),
  ];
  return [head.join(', '), ...tables.filter((text) => text !== '')].join('\n\n');
}

/** Names to the left, everything else to the right, as numbers are read. Empty where there are no rows. */
function table(heads: readonly string[], rows: readonly Cell[][]): string {
  if (rows.length === 0) return '';
  const texts = [heads, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))];
  const widths = heads.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  const isName = heads.map((_, column) => rows.some((row) => /^[A-Za-z]/.test(String(row[column] ?? ''))));
  return texts
    .map((row) =>
      row
        .map((text, column) =>
          isName[column] ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function fixed(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : value.toFixed(1);
}

const ms = fixed;

function kbps(bps: number | null | undefined): number | null {
  return bps === null || bps === undefined ? null : Math.round(bps / 1000);
}

function percent(share: number | null | undefined): string | null {
  return share === null || share === undefined ? null : `${Math.round(share * 100)}%`;
}

function spread(times: SpreadMs | null): string | null {
  return times && `${times.p50.toFixed(1)}/${times.p95.toFixed(1)}`;
}

function size({ width, height }: { width: number | null; height: number | null }): string | null {
  return width === null || height === null ? null : `${width}x${height}`;
}

function duration(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
