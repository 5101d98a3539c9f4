import { type Browser, chromium } from 'playwright/test';

export interface LoopbackBrowserOptions {
  /** Besides what every one of them needs. */
  args?: readonly string[];
  /** Marks its processes. */
  env?: Record<string, string>;
}

/** A person's browser on the machine of the host: also where that has loopback alone, or its only user is root. */
export function launchLoopbackBrowser(
  executablePath: string,
  { args = [], env = {} }: LoopbackBrowserOptions = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--allow-loopback-in-peer-connection', '--disable-background-networking'],
      ...args,
    ],
    env: { ...(process.env as Record<string, string>), ...env },
  });
}
