import type { Config } from '../config.ts';
import { isLoopbackHost } from '../loopback.ts';

export interface FlagSurroundings {
  /** The address the host listens on. */
  host: Config['host'];
  /** Does the machine have an interface that is up and not loopback? */
  hasNetwork: boolean;
  /** Chromium's sandbox refuses to work for root. */
  isRoot: boolean;
  hardware: Config['hardware'];
}

/** Chromium's gate before VA-API encoders on Linux (media_switches.cc), and its name before Chromium 131. */
const VAAPI_FEATURES = ['AcceleratedVideoEncoder', 'VaapiVideoEncoder'];

/** Switches that both engines get. Each is there for a reason measured or found in ENGINE-NOTES. */
export function commonFlags({ host, hasNetwork, isRoot, hardware }: FlagSurroundings): string[] {
  const isLinux = process.platform === 'linux';
  return [
    // Viewer's jitter buffer 54 -> 7.6 ms, with the pacer 1.5 ms; all processing at the viewer 61 -> 7.5 ms.
    // Chromium probes only what is not made full use of, which by its own measure is less than 65 % of the estimate: here all.
    // The congestion window (Chromium's own is 350 ms, and drops pictures) lowers the estimate as soon as more is on its way than
    // the link takes: 160 to 320 ms after a sudden fall, else 480 (fall-guard.ts).
    `--force-fieldtrials=${[
      'WebRTC-ForceSendPlayoutDelay/min_ms:0,max_ms:0',
      'WebRTC-Video-Pacing/factor:20,max_delay:5ms',
      'WebRTC-AlrDetectorParameters/bw_usage:1,start:0.4,stop:0.2',
      'WebRTC-CongestionWindow/QueueSize:100,MinBitrate:250000',
    ].join('/')}/`,
    // Host candidates carry addresses, not .local names that a viewer behind a router or in a container cannot resolve.
    // CalculateNativeWinOcclusion and the throttling below: a page that nobody sees must run at full speed.
    `--disable-features=${[
      ...['WebRtcHideLocalIpsWithMdns', 'CalculateNativeWinOcclusion', 'IntensiveWakeUpThrottling'],
      ...(isLinux && hardware === 'off' ? VAAPI_FEATURES : []),
    ].join()}`,
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    // getStats hides the encoder's name, and ICE all interfaces but the default one, unless the page captures:
    // it opens a fake microphone, and is not asked about it.
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    // The page opens an AudioContext or plays nothing itself; no gesture will ever come.
    '--autoplay-policy=no-user-gesture-required',
    '--mute-audio',
    // Without it WebRTC gathers no loopback candidates: needed where viewers can only be on this machine.
    ...(isLoopbackHost(host) || !hasNetwork ? ['--allow-loopback-in-peer-connection'] : []),
    ...(isRoot ? ['--no-sandbox'] : []),
    // On Linux only the features above count; elsewhere hardware encoders are on by default, and only this switch does.
    ...(isLinux && hardware === 'auto' ? [`--enable-features=${VAAPI_FEATURES.join()}`] : []),
    ...(hardware === 'off' ? ['--disable-accelerated-video-encode'] : []),
  ];
}

/** What a headless Chromium that only runs our page does not need, and must not do: talk to anybody. */
export function chromiumFlags(profileFolder: string, headless: 'new' | 'shell'): string[] {
  return [
    `--headless${headless === 'new' ? '=new' : ''}`,
    // Commands come over inherited pipes: no port for others to attach to, and the browser ends when the host does.
    '--remote-debugging-pipe',
    `--user-data-dir=${profileFolder}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--no-pings',
    '--disable-extensions',
    '--disable-component-update',
    '--disable-background-networking',
    '--disable-sync',
    '--disable-default-apps',
    '--disable-domain-reliability',
    '--disable-breakpad',
    '--disable-search-engine-choice-screen',
    '--metrics-recording-only',
    '--password-store=basic',
    '--use-mock-keychain',
    // /dev/shm of a container is 64 MB by default, too small for Chromium's own shared memory.
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
    'about:blank',
  ];
}
