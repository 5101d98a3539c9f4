import { type ReceiverRates, type ReceiverReading, readReceiver, receiverRates } from './stats-rates.ts';

export interface ReceiverSample {
  rates: Map<string, ReceiverRates>;
  /** Pictures received so far on all tracks. */
  frames: number;
}

/** Rates of each receiver between one sample and the next. */
export class ReceiverStats {
  readonly #before = new Map<string, ReceiverReading>();

  /** `receivers` by the name of their track. getStats costs the browser's network thread: once a second, not more. */
  async sample(receivers: ReadonlyMap<string, RTCRtpReceiver>): Promise<ReceiverSample> {
    const rates = new Map<string, ReceiverRates>();
    let frames = 0;
    await Promise.all(
      [...receivers].map(async ([name, receiver]) => {
        const report = await receiver.getStats();
        const reading = readReceiver([...report.values()], performance.now());
        if (reading === null) return;
        rates.set(name, receiverRates(this.#before.get(name) ?? null, reading));
        this.#before.set(name, reading);
        // Firefox before 130 tells only of decoded ones.
        frames += reading.framesReceived ?? reading.framesDecoded ?? 0;
      }),
    );
    return { rates, frames };
  }
}
