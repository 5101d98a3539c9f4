import { type Browser, chromium } from 'playwright/test';

export interface LoopbackBrowserOptions {
  /** Besides what every one of them needs. */
  args?: readonly string[];
  /** Marks its processes. */
  env?: Record<string, string>;
}

/** A person's browser on the machine of the host. Nothing but loopback is contacted. */
export function launchLoopbackBrowser(
  executablePath: string,
  { args = [], env = {} }: LoopbackBrowserOptions = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // Chromium refuses to sandbox root; containers that run tests often are root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // A machine without any network interface still has loopback.
      '--allow-loopback-in-peer-connection',
      ...['--disable-background-networking', '--disable-component-update'],
      ...args,
    ],
    env: { ...(process.env as Record<string, string>), ...env },
  });
}
