import type { Heard, SoundOffer } from '../../bench/sound-page.ts';
import { Namespaces, namespacesMissing } from '../fixtures/namespaces.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { SoundListener } from '../fixtures/sound-listener.ts';
import { expect, test } from '../fixtures/test.ts';

const missing = namespacesMissing();
test.skip(missing !== undefined, missing ?? '');

const TOKEN = 'viewer-token-0123456789';
const SECONDS = 15;

const concealed = ({ counters }: Heard) => counters.concealedSamples / counters.totalSamplesReceived;
/** Of both channels. */
const sum = ({ channels }: Heard, key: 'unevenPlaces' | 'gapMs') =>
  channels.reduce((all, channel) => all + channel[key], 0);

test('sound that loses 5 % of its packets goes on for who asks for NACK, as our page does, or RED', async ({
  startHost,
}) => {
  const namespaces = new Namespaces();
  const { namespace, hostAddress } = namespaces.addPeer('listener');
  const hostUrl = `http://${hostAddress}:8080/`;
  await startHost({
    namespace: namespaces.host,
    model: 'test/models/tones.py',
    args: ['--host', '0.0.0.0', '--port', '8080', '--token', TOKEN],
  });
  const browser = await namespaces.browser(namespace, hostUrl);
  try {
    const connect = async (offer: Partial<SoundOffer>) => {
      const page = await browser.newPage({ bypassCSP: true });
      return SoundListener.connect(page, hostUrl, { audio: 3, video: 0, red: false, ...offer }, TOKEN);
    };
    const [plain, nack, red] = [
      await connect({}),
      await connect({ nack: true }),
      await connect({ red: true }),
    ];
    expect(await plain.answer()).not.toMatch(/^a=rtcp-fb:\d+ nack/m);
    namespaces.lose(namespace, 0.05);
    const lost = async () => (await plain.counters('fast')).packetsLost;
    await waitUntil('packets are lost', lost, (packets) => packets > 10, 30_000);
    const heard = await Promise.all(
      [plain, nack, red].map((listener) => listener.listen('fast', [440, 660], SECONDS)),
    );
    test.info().annotations.push({ type: 'measured', description: JSON.stringify(heard) });
    const [byNone, byNack, byRed] = heard as [Heard, Heard, Heard];

    const { packetsLost, packetsReceived } = byNone.counters;
    expect(packetsLost / (packetsLost + packetsReceived)).toBeGreaterThan(0.02);
    expect(byNack.counters.nackCount).toBeGreaterThan(0);
    // RED has nothing where two packets in a row are lost; what is sent again comes in time on so short a way.
    expect(concealed(byRed), JSON.stringify(byRed)).toBeLessThan(concealed(byNone) / 2);
    expect(concealed(byNack), JSON.stringify(byNack)).toBeLessThan(concealed(byNone) / 4);
    for (const [index, tone] of byNack.channels.entries()) {
      expect(Math.abs(tone.oddestHz / ([440, 660][index] ?? 0) - 1), JSON.stringify(tone)).toBeLessThan(0.01);
    }
    // A busy machine stumbles for all three alike, which is little beside what is lost.
    const what = JSON.stringify([byNone.channels, byNack.channels]);
    expect(sum(byNack, 'unevenPlaces'), what).toBeLessThan(sum(byNone, 'unevenPlaces') / 4);
    expect(sum(byNack, 'gapMs'), what).toBeLessThan(sum(byNone, 'gapMs') / 4);
    // RED says everything twice, NACK only what was lost.
    expect(byNack.counters.bytesReceived).toBeLessThan(0.7 * byRed.counters.bytesReceived);
  } finally {
    await browser.close();
    namespaces.remove();
  }
});
