import { Host } from '../../test/fixtures/host.ts';
import { Namespaces, namespacesMissing } from '../../test/fixtures/namespaces.ts';
import { waitUntil } from '../../test/fixtures/processes.ts';
import { SoundListener } from '../../test/fixtures/sound-listener.ts';
import type { Engine } from '../engines.ts';
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
  engine: Engine;
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

async function measure(engine: Engine, { options, signal, say }: ScenarioContext): Promise<Row[]> {
  const namespaces = new Namespaces();
  const { namespace, hostAddress } = namespaces.addPeer('listener');
  const hostUrl = `http://${hostAddress}:8080/`;
  const host = await Host.start({
    engine,
    namespace: namespaces.host,
    model: 'test/models/pattern.py',
    args: ['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN],
  });
  const rows: Row[] = [];
  try {
    for (const [asked, offer] of OFFERS) {
      for (const lossPercent of LOSSES_PERCENT) {
        signal.throwIfAborted();
        namespaces.lose(namespace, 0);
        const browser = await namespaces.browser(namespace, hostUrl);
        try {
          const page = await browser.newPage({ bypassCSP: true });
          const listener = await SoundListener.connect(page, hostUrl, offer, TOKEN);
          namespaces.lose(namespace, lossPercent / 100);
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
      rows.map(({ engine, asked, lossPercent, heard }) => {
        const { channels, counters } = heard;
        const seconds = channels[0]?.seconds ?? 0;
        const perMinute = (count: number) => figure((60 * count) / seconds, 0);
        return [
          engine,
          asked,
          String(lossPercent),
          concealedPercent(heard),
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
