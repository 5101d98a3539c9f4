import { type Browser, chromium, type Page } from 'playwright';
import { type ClockMatch, matchClocks } from './clock-match.ts';
import type { PageServer } from './page-server.ts';
import type { Offer, Seen, WatchOptions } from './viewer-page.ts';

const CLOCK_PINGS = 200;
const PROGRESS_PERIOD_MS = 20;

/** A browser of its own with the page that watches. */
export class Viewer {
  private constructor(
    readonly browser: Browser,
    readonly page: Page,
    /** The page's clock against the bench's. */
    readonly clock: ClockMatch,
  ) {}

  /**
   * @param executable The browser.
   * @param env Its environment, which marks its processes.
   */
  static async launch(executable: string, server: PageServer, env: NodeJS.ProcessEnv): Promise<Viewer> {
    const browser = await chromium.launch({
      executablePath: executable,
      headless: true,
      // The bench cleans up by itself, in order.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      env: env as Record<string, string>,
      args: [
        // Peers that know no mDNS could not read the candidates; the same for all contestants.
        '--disable-features=WebRtcHideLocalIpsWithMdns',
        // Where a machine has no other interface.
        '--allow-loopback-in-peer-connection',
        '--disable-background-timer-throttling',
        '--disable-renderer-backgrounding',
        '--disable-backgrounding-occluded-windows',
        '--mute-audio',
      ],
    });
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      const clock = matchClocks(
        await page.evaluate((count) => window.benchViewer.clockSamples(count), CLOCK_PINGS),
      );
      return new Viewer(browser, page, clock);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  offer(options: WatchOptions): Promise<Offer> {
    return this.page.evaluate((given) => window.benchViewer.offer(given), options);
  }

  answer(sdp: string): Promise<void> {
    return this.page.evaluate((given) => window.benchViewer.answer(given), sdp);
  }

  /** Waits for the first picture that can be read; `alive` throws when there is nothing to wait for any more. */
  async firstPicture(timeoutMs: number, alive: () => void): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { seen, stamped, state } = await this.page.evaluate(() => window.benchViewer.progress());
      if (stamped > 0) return;
      alive();
      if (state === 'failed') throw new Error('the connection failed before a picture came');
      if (Date.now() > deadline) {
        throw new Error(
          `no picture with a stamp within ${timeoutMs / 1000} s (${seen} without one, connection state: ${state})`,
        );
      }
      await this.page.waitForTimeout(PROGRESS_PERIOD_MS);
    }
  }

  /** Everything seen, and how far the page's clock has drifted from where it was matched, in microseconds. */
  async seen(): Promise<Seen & { driftUs: number }> {
    const [seen, samples] = await this.page.evaluate(
      async (count) => [window.benchViewer.seen(), await window.benchViewer.clockSamples(count)] as const,
      CLOCK_PINGS,
    );
    return { ...seen, driftUs: matchClocks(samples).offsetUs - this.clock.offsetUs };
  }

  async close(): Promise<void> {
    // The sender learns of it by DTLS's close and need not time out.
    await this.page.evaluate(() => window.benchViewer.close()).catch(() => undefined);
    await this.browser.close();
  }
}
