import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The file below a folder of a browser's profile that holds `token` and nothing else: one that a page has made in its
 * origin-private file system, which browsers keep under names of their own. Undefined when there is none.
 */
export function findPageFile(folder: string, token: string): string | undefined {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, String(entry));
    try {
      const { size } = statSync(file);
      if (size === token.length && readFileSync(file, 'latin1') === token) return file;
    } catch {
      // The browser has removed it meanwhile.
    }
  }
  return undefined;
}
