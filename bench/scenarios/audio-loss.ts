import { execFileSync } from 'node:child_process';
import { Host } from '../../test/fixtures/host.ts';
import { Namespaces, namespacesMissing } from '../../test/fixtures/namespaces.ts';
import { waitUntil } from '../../test/fixtures/processes.ts';
import { SoundListener } from '../../test/fixtures/sound-listener.ts';
import type { Heard, SoundOffer } from '../sound-page.ts';
import { figure, table } from '../table.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

const TOKEN = 'viewer-token-0123456789';
const TONES_HZ = [440, 660];
const LOSSES_PERCENT = [0, 5, 10];
/** What the viewer's description asks for. */
const OFFERS: [name: string, offer: SoundOffer][] = [
  ['FEC', { audio: 1, video: 0, red: false }],
  ['FEC, NACK', { audio: 1, video: 0, red: false, nack: true }],
  ['RED', { audio: 1, video: 0, red: true }],
  ['RED, NACK', { audio: 1, video: 0, red: true, nack: true }],
];

interface Row {
  engine: string;
  asked: string;
  lossPercent: number;
  heard: Heard;
}

/** Sound across a link that loses packets at random, with what a viewer may ask for against that. */
export const audioLoss: Scenario = {
  name: 'audio-loss',
  question: 'what do FEC, NACK and RED do for sound on a link that loses packets?',
  defaults: { seconds: '30' },
  async run(context) {
    const missing = namespacesMissing();
    if (missing) throw new Error(missing);
    const rows: Row[] = [];
    for (const engine of context.options.engines) rows.push(...(await measure(engine, context)));
    return { text: report(rows), results: rows };
  },
};

async function measure(engine: Row['engine'], { options, signal, say }: ScenarioContext): Promise<Row[]> {
  const namespaces = new Namespaces();
  const { namespace, hostAddress } = namespaces.addPeer('listener');
  const hostUrl = `http://${hostAddress}:8080/`;
  const host = await Host.start({
    engine: engine === 'electron' ? 'electron' : 'chromium',
    namespace: namespaces.host,
    model: 'test/models/pattern.py',
    args: ['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN],
  });
  const rows: Row[] = [];
  try {
    const lose = (percent: number) => {
      const iptables = (rule: string) =>
        execFileSync('ip', ['netns', 'exec', namespace, 'iptables', ...rule.split(' ')]);
      iptables('-F INPUT');
      // Where it arrives: what is dropped on the way out is an error of `sendto`, and Chromium sends it again.
      const probability = percent / 100;
      if (percent > 0)
        iptables(`-A INPUT -p udp -m statistic --mode random --probability ${probability} -j DROP`);
    };
    for (const [asked, offer] of OFFERS) {
      for (const lossPercent of LOSSES_PERCENT) {
        signal.throwIfAborted();
        lose(0);
        const browser = await SoundListener.browserIn(namespaces, namespace, hostUrl);
        try {
          const page = await browser.newPage({ bypassCSP: true });
          const listener = await SoundListener.connect(page, hostUrl, offer, TOKEN);
          lose(lossPercent);
          // The sender learns of loss by RTCP, and decides then on FEC.
          const packets = async () => (await listener.counters('main_audio')).packetsReceived;
          await waitUntil('five seconds of sound', packets, (count) => count > 225, 30_000);
          const heard = await listener.listen('main_audio', TONES_HZ, options.seconds);
          rows.push({ engine, asked, lossPercent, heard });
          say(`${engine}, ${asked}, ${lossPercent} %: ${concealedPercent(heard)} % concealed`);
        } finally {
          await browser.close();
        }
      }
    }
  } finally {
    await host.stop();
    namespaces.remove();
  }
  return rows;
}

function concealedPercent({ counters }: Heard): string {
  return figure((100 * counters.concealedSamples) / counters.totalSamplesReceived, 2);
}

function report(rows: Row[]): string {
  return [
    table(
      [
        ['engine', ''],
        ['asked for', ''],
        ['loss', '%'],
        ['concealed', '%'],
        ['concealments', '1/min'],
        ['uneven', '1/min'],
        ['NACKs', '1/min'],
        ['jitter buffer', 'ms'],
        ['received', 'kbps'],
      ],
      rows.map(({ engine, asked, lossPercent, heard: { channels, counters } }) => {
        const seconds = channels[0]?.seconds ?? 0;
        const perMinute = (count: number) => figure((60 * count) / seconds, 0);
        return [
          engine,
          asked,
          String(lossPercent),
          figure((100 * counters.concealedSamples) / counters.totalSamplesReceived, 2),
          perMinute(counters.concealmentEvents),
          perMinute(Math.max(...channels.map(({ unevenPlaces }) => unevenPlaces))),
          perMinute(counters.nackCount),
          figure((1000 * counters.jitterBufferDelay) / counters.jitterBufferEmittedCount, 0),
          figure((counters.bytesReceived * 8) / seconds / 1000, 0),
        ];
      }),
    ),
    'concealed: samples that the jitter buffer invented, of all. uneven: places where a tone does not go on as it was.',
    'Without any of them it would be what is lost. The link adds no delay: what is sent again comes at once.',
  ].join('\n');
}
