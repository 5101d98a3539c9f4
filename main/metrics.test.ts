import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventStreams } from './http/event-streams.ts';
import { Metrics } from './metrics.ts';
import { lintFamily, type MetricFamily, parseMetrics } from './test-metric-lint.ts';
import { pageReport, startStatistics } from './test-statistics.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const IDS = ['first-viewer-0', 'second-viewer-'];

let around: ReturnType<typeof startStatistics>;
let metrics: Metrics;
let streams: EventStreams;

beforeEach(() => {
  around = startStatistics();
  streams = new EventStreams();
  metrics = new Metrics({ ...around, streams });
});
afterEach(() => around.statistics.close());

const scrape = async () => parseMetrics(await metrics.text());
/** Everything has happened once, so that every metric has a value. */
async function fullScrape(): Promise<MetricFamily[]> {
  around.model.stats.emit({
    type: 'model-stats',
    steps: 90,
    step_ms: 12,
    convert_ms: 0.5,
    tracks: [],
    step_times_ms: [11, 12, 700],
    process: { cpu_s: 4.5, resident_bytes: 1e8 },
    ring: { used: 3, slots: 32 },
  });
  const command = { clientId: 'c11e47', name: 'set_prompt', requestId: 1 };
  around.commands.settled.emit({ ...command, ms: 7, code: null });
  around.commands.settled.emit({ ...command, requestId: null, ms: null, code: 'unknown-command' });
  around.page.emit(pageReport(IDS));
  return scrape();
}

const value = (families: MetricFamily[], name: string, labels: Record<string, string> = {}) =>
  families
    .flatMap(({ samples }) => samples)
    .find(
      (each) =>
        each.name === `reactor_host_${name}` &&
        Object.entries(labels).every(([key, wanted]) => each.labels[key] === wanted),
    )?.value;

test('every metric has a value, and its names, units, labels and help are as promtool wants them', async () => {
  const families = await fullScrape();
  expect(families.filter(({ samples }) => samples.length === 0).map(({ name }) => name)).toEqual([]);
  expect(families.flatMap(lintFamily)).toEqual([]);
  for (const { name, type, samples } of families) {
    if (type !== 'histogram') continue;
    const buckets = samples.filter((each) => each.name === `${name}_bucket`);
    const counts = samples.filter((each) => each.name === `${name}_count`);
    const infinite = buckets.filter(({ labels }) => labels.le === '+Inf');
    expect(infinite.map((each) => each.value)).toEqual(counts.map((each) => each.value));
  }
});

test.each([
  ['# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n', ['abbreviated units']],
  ['# HELP a_bits_total x\n# TYPE a_bits_total counter\na_bits_total 1\n', ['not a base unit']],
  ['# HELP a_milliseconds x\n# TYPE a_milliseconds gauge\na_milliseconds 1\n', ['not a base unit']],
  ['# HELP a x\n# TYPE a counter\na 1\n', ['counter metrics should have "_total" suffix']],
  ['# HELP a_total x\n# TYPE a_total gauge\na_total 1\n', ['non-counter metrics should not']],
  ['# HELP a_gauge x\n# TYPE a_gauge gauge\na_gauge 1\n', ['should not include its type']],
  ['# HELP a_count x\n# TYPE a_count gauge\na_count{le="1"} 1\n', ['reserved', '"le" label']],
  ['# HELP aB x\n# TYPE aB gauge\naB{quantile="1"} 1\n', ['"quantile" label', 'snake_case']],
  ['# HELP a \n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n', ['no help text', 'metric not unique']],
])('the lint finds what is wrong in %j', (text, problems) => {
  const found = parseMetrics(text).flatMap(lintFamily);
  expect(found).toHaveLength(problems.length);
  for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
});

test.each([
  'a 1',
  '# HELP a x\na 1\nb 2\n',
  '# HELP a x\na{b=1} 1\n',
  '# HELP a x\na one\n',
  '# HELP a x\n# HELP a x\n',
])('the text %j is refused', (text) => {
  expect(() => parseMetrics(text)).toThrow();
});

test('values are in base units, viewers have their short name', async () => {
  const families = await fullScrape();
  const viewer = { viewer: 'first-vi', track: 'main_video' };
  expect(value(families, 'viewer_available_bytes_per_second', { viewer: 'first-vi' })).toBe(1_000_000);
  expect(value(families, 'sender_jitter_seconds', viewer)).toBe(0.0015);
  expect(value(families, 'sender_pictures_total', viewer)).toBe(280);
  expect(value(families, 'sender_quality_limitation_seconds_total', { ...viewer, reason: 'bandwidth' })).toBe(
    7,
  );
  expect(value(families, 'pictures_dropped_total', { where: 'page', reason: 'newer_came' })).toBe(7);
  expect(value(families, 'pictures_dropped_total', { where: 'model' })).toBe(4);
  expect(value(families, 'model_state', { state: 'running' })).toBe(1);
  expect(value(families, 'model_state', { state: 'crashed' })).toBe(0);
  expect(value(families, 'process_cpu_seconds_total', { process: 'model' })).toBe(4.5);
  expect(value(families, 'ring_used_slots')).toBe(3);
  expect(value(families, 'commands_total', { outcome: 'failed' })).toBe(1);
});

test('shared encoders are told apart by their rate, and counted together', async () => {
  const families = await fullScrape();
  expect(value(families, 'encoder_target_bytes_per_second', { rung: '0' })).toBe((400_000 * 11) / 8);
  expect(value(families, 'encoder_target_bytes_per_second', { rung: '1' })).toBe((400_000 * 4) / 8);
  expect(value(families, 'encoder_pictures_total', { codec: 'vp9' })).toBe(580);
});

test('histograms count each step, picture and command', async () => {
  const families = await fullScrape();
  expect(value(families, 'model_step_seconds_count')).toBe(3);
  expect(value(families, 'model_step_seconds_bucket', { le: '0.02' })).toBe(2);
  expect(value(families, 'picture_stage_seconds_count', { stage: 'encode' })).toBe(2);
  // Not known of these pictures.
  expect(value(families, 'picture_stage_seconds_count', { stage: 'send' })).toBeUndefined();
  expect(value(families, 'command_seconds_count', { outcome: 'run' })).toBe(1);
});

test('what has left is gone from the next scrape: a viewer, the encoder page, the model', async () => {
  await fullScrape();
  around.page.emit(pageReport(IDS.slice(0, 1)));
  const labels = (families: MetricFamily[]) =>
    new Set(families.flatMap(({ samples }) => samples.flatMap(({ labels: { viewer } }) => viewer ?? [])));
  expect(labels(await scrape())).toEqual(new Set(['first-vi']));
  // The page still reports a viewer whom the host has sent away.
  around.viewers.delete('first-viewer-0');
  around.model.disconnected.emit();
  around.page.emit(pageReport(IDS.slice(0, 1)));
  const families = await scrape();
  expect(labels(families)).toEqual(new Set());
  expect(value(families, 'ring_slots')).toBeUndefined();
  expect(value(families, 'viewers')).toBe(0);
});

test('without an encoder page the rest is still told once a second', async () => {
  await fullScrape();
  const told = new Promise((resolve) => around.statistics.reported.on(resolve));
  around.clock.nowMs += 2000;
  expect(await told).toMatchObject({ tracks: [], viewers: [], model: { restarts: 2 }, engine_starts: 1 });
});

test('a stream of events counts until it has ended, also one that ends more than once', async () => {
  const ends = [streams.opened('events'), streams.opened('events'), streams.opened('log')];
  const open = async () => {
    const families = await scrape();
    return ['events', 'log'].map((stream) => value(families, 'event_streams', { stream }));
  };
  expect(await open()).toEqual([2, 1]);
  ends[0]?.();
  ends[0]?.();
  expect(await open()).toEqual([1, 1]);
});

test('docs/statistics.md lists every metric as it is', async () => {
  const families = await fullScrape();
  const rows = families.map(({ name, type, help, samples }) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    labels.delete('le');
    return `| \`${name}\` | ${type} | ${[...labels].join(', ')} | ${help} |`;
  });
  const text = readFileSync(path.join(docs, 'statistics.md'), 'utf8');
  expect(text.split('\n').filter((line) => line.startsWith('| `reactor_host_'))).toEqual(rows);
});

test('each query of the Grafana dashboard names metrics that exist, with labels that they have', async () => {
  const families = await fullScrape();
  const known = new Map(
    families.flatMap(({ samples }) =>
      samples.map(({ name, labels }) => [name, Object.keys(labels)] as const),
    ),
  );
  // Prometheus adds it to all that it reads.
  const labelsOf = (name: string) => [...(known.get(name) ?? []), 'instance'];
  const dashboard = JSON.parse(readFileSync(path.join(docs, 'grafana-dashboard.json'), 'utf8'));
  const queries: string[] = dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) => expr),
  );
  expect(queries.length).toBeGreaterThan(10);
  for (const query of queries) {
    const used = [...query.matchAll(/(reactor_host_\w+)(?:\{([^}]*)\})?/g)];
    expect(used, query).not.toEqual([]);
    for (const [, name = '', matchers = ''] of used) {
      expect(known.keys(), query).toContain(name);
      for (const [, label] of matchers.matchAll(/(\w+)\s*[=!]~?\s*"/g))
        expect(labelsOf(name), query).toContain(label);
    }
    for (const [, by = ''] of query.matchAll(/\bby \(([^)]*)\)/g))
      for (const label of by.split(',').map((each) => each.trim()))
        expect(new Set(used.flatMap(([, name = '']) => labelsOf(name))), query).toContain(label);
  }
});
