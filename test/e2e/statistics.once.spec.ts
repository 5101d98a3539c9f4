import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { lintFamily, type MetricFamily, parseMetrics } from '../../main/test-metric-lint.ts';
import { hostStats } from '../../protocol/stats.ts';
import { projectRoot } from '../fixtures/engines.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

const TOKEN = 'token-of-this-test';
const run = promisify(execFile);

test('a viewer is measured in /metrics and in the terminal until it leaves, and has one name in every log', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/says.py', args: ['--token', TOKEN] });
  const scrape = async () => {
    const response = await fetch(`${host.url}metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    return parseMetrics(await response.text());
  };
  const stats = async (...args: string[]) => {
    const command = [path.join(projectRoot, 'bin/reactor-host.mjs'), 'stats', ...args];
    return (await run(process.execPath, command)).stdout;
  };
  expect((await fetch(`${host.url}metrics`)).status).toBe(401);
  await expect(stats(host.url, '--once')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('(unauthorized)'),
  });

  await viewerPage.goto(`${host.url}?token=${TOKEN}`);
  const joined = await host.waitForLog('a viewer joins', ({ msg }) => msg === 'viewer joins');
  const { viewer, client } = joined as unknown as Record<'viewer' | 'client', string>;
  const pictures = (families: MetricFamily[]) =>
    sample(families, 'reactor_host_sender_pictures_total', { viewer, track: 'main_video' }) ?? 0;
  const families = await waitUntil('a second of pictures is sent', scrape, (now) => pictures(now) > 30);
  expect(families.flatMap(lintFamily)).toEqual([]);
  for (const role of ['host', 'browser', 'renderer', 'model']) {
    expect(
      sample(families, 'reactor_host_process_cpu_seconds_total', { process: role }),
      role,
    ).toBeGreaterThan(0);
    expect(
      sample(families, 'reactor_host_process_resident_memory_bytes', { process: role }),
      role,
    ).toBeGreaterThan(1e7);
  }
  // Every picture that was encoded went through each stage, and no step is forgotten. The model and the encoder page
  // report once a second, each in its own second.
  const sent = pictures(families);
  for (const stage of ['convert', 'hand_over', 'queue', 'encode', 'send'])
    await waitUntil(
      `the stage ${stage} of every picture is reported`,
      scrape,
      (now) => (sample(now, 'reactor_host_picture_stage_seconds_count', { stage }) ?? 0) >= sent,
    );
  await waitUntil(
    'every step is reported',
    scrape,
    (now) => (sample(now, 'reactor_host_model_step_seconds_count') ?? 0) >= sent,
  );
  const received = { viewer, track: 'main_video' };
  await waitUntil('RTCP has come back', scrape, (now) => {
    const trip = sample(now, 'reactor_host_sender_round_trip_time_seconds', received);
    return trip !== undefined && trip < 1;
  });
  await waitUntil('the viewer has told how late it shows pictures', scrape, (now) => {
    const late = sample(now, 'reactor_host_receiver_latency_seconds', received);
    return late !== undefined && late > 0 && late < 5;
  });

  const told = hostStats.parse(JSON.parse(await stats(`${host.url}?token=${TOKEN}`, '--once', '--json')));
  expect(told.viewers.map((each) => [each.viewer_id, each.client_id])).toEqual([[viewer, client]]);
  const table = await stats(host.url, '--once', '--token', TOKEN);
  expect(table).toMatch(new RegExp(`^${viewer}  ${client}  main_video  VP9 +320x240`, 'm'));

  const posted = await fetch(`${host.url}commands/warn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ times: 3 }),
  });
  expect(posted.status).toBe(200);
  const command = await host.waitForLog('the command', ({ msg }) => msg === 'command');
  const of = (text: string) => host.lines.filter(({ msg }) => msg === text);
  const answered = await host.waitForLog('the page', ({ msg }) => msg === 'viewer-offer was answered');
  expect(answered).toMatchObject({ from: 'encoder', viewer, level: 20 });
  const fields = { steps: expect.any(Number), weights: { size: 3 } };
  expect(of('somebody came')).toMatchObject([
    { from: 'model', logger: 'says.model', level: 30, client, fields },
  ]);
  expect(command).toMatchObject({ client: 'http', command: 'warn', code: null });
  expect(of('asked 3 times')).toMatchObject([
    { from: 'model', level: 40, client: 'http', request: command.request },
  ]);

  await viewerPage.close();
  await waitUntil('the viewer is gone', scrape, (now) =>
    now.every(({ samples }) => samples.every(({ labels }) => labels.viewer === undefined)),
  );
});

function sample(
  families: MetricFamily[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  return families
    .flatMap(({ samples }) => samples)
    .find(
      (each) =>
        each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    )?.value;
}
