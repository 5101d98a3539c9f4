// `npm run screenshots`: makes the pictures of README and docs anew, in docs/images/.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { main, root, setup } from './setup.mjs';

await main(async () => {
  await setup();
  const playwright = path.join(root, 'node_modules/playwright/cli.js');
  const args = [playwright, 'test', '-c', 'test/screenshots.config.ts'];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
});
