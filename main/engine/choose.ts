import type { Config } from '../config.ts';
import { HostError } from '../errors.ts';

/** What is on this machine, as far as asked. Each finder returns a path or undefined. */
export interface EngineProbes {
  platform: NodeJS.Platform;
  /** The Electron binary, from ELECTRON_OVERRIDE_DIST_PATH or the npm package. */
  electron(): string | undefined;
  /** DISPLAY or WAYLAND_DISPLAY. */
  hasDisplay: boolean;
  xvfb(): string | undefined;
  /** Chrome or Chromium of this machine, or the one named by --chromium. */
  systemChromium(): string | undefined;
  /** Unpacks the bundled one. Throws with the reason where it is not there. */
  bundledChromium(): Promise<string>;
}

export type EngineChoice =
  | { name: 'electron'; executable: string /** Start this Xvfb around it. */; xvfb?: string; reason: string }
  | { name: 'chromium'; executable: string; headless: 'new' | 'shell'; reason: string };

const GET_ELECTRON = 'run npm run setup where Electron can be downloaded, or set ELECTRON_OVERRIDE_DIST_PATH';
const GET_CHROMIUM = 'install chromium or google-chrome, or name one with --chromium PATH';

/**
 * Electron, else the machine's Chromium, else the bundled one; or the one that was asked for.
 *
 * @param electronFailure why the Electron that was chosen before does not work here.
 * @throws HostError `engine-missing`, `no-display` for an engine asked for; `no-engine` with all that was tried.
 */
export async function chooseEngine(
  wanted: Config['engine'],
  probes: EngineProbes,
  electronFailure?: string,
): Promise<EngineChoice> {
  const tried: string[] = [];

  if (electronFailure !== undefined) {
    tried.push(`Electron (${electronFailure})`);
  } else if (wanted !== 'chromium') {
    const executable = probes.electron();
    const why = wanted === 'electron' ? 'asked for with --engine' : 'an Electron binary is there';
    if (executable === undefined) {
      if (wanted === 'electron') {
        throw new HostError(
          'engine-missing',
          'there is no Electron binary',
          `${GET_ELECTRON}; or use --engine chromium`,
        );
      }
      tried.push('Electron (no binary)');
    } else if (probes.platform !== 'linux' || probes.hasDisplay) {
      return { name: 'electron', executable, reason: why };
    } else {
      const xvfb = probes.xvfb();
      if (xvfb !== undefined)
        return { name: 'electron', executable, xvfb, reason: `${why}, no display: inside Xvfb` };
      if (wanted === 'electron') {
        throw new HostError(
          'no-display',
          'Electron needs an X display, and there is neither a display nor Xvfb',
          'install xvfb, name one with --xvfb PATH, or use --engine chromium, which needs no display',
        );
      }
      tried.push('Electron (no display and no Xvfb)');
    }
  }

  const because = wanted === 'chromium' ? 'asked for with --engine' : `not ${tried.join(', ')}`;
  const executable = probes.systemChromium();
  if (executable !== undefined) return { name: 'chromium', executable, headless: 'new', reason: because };
  tried.push('Chrome or Chromium of this machine (not found)');
  try {
    const bundled = await probes.bundledChromium();
    return {
      name: 'chromium',
      executable: bundled,
      headless: 'shell',
      reason: `${because}; the bundled one`,
    };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
    tried.push(`@sparticuz/chromium (${reason})`);
  }
  throw wanted === 'chromium'
    ? new HostError('engine-missing', `there is no Chromium; tried: ${tried.join('; ')}`, GET_CHROMIUM)
    : new HostError(
        'no-engine',
        `no browser engine; tried: ${tried.join('; ')}`,
        `${GET_CHROMIUM}; or ${GET_ELECTRON}`,
      );
}
