import type { Log } from './log.ts';

/**
 * Resolves with the exit code 0 at the first Ctrl-C (or SIGTERM, SIGHUP): an orderly end was asked for. A second one calls
 * `force` and ends the process at once.
 */
export function onInterrupt(log: Log, force: () => void): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) {
          force();
          process.exit(130); // 128 + SIGINT, as shells say it
        }
        asked = true;
        log.info({ signal }, 'ending (again to force)');
        resolve(0);
      });
    }
  });
}
