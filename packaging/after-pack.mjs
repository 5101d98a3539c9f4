// electron-builder's afterPack hook.
import { rm } from 'node:fs/promises';
import path from 'node:path';

/** An Electron distribution may bring an app of its own, which is not ours to ship. */
export default async function afterPack({ appOutDir, packager }) {
  const resources = packager.getResourcesDir(appOutDir);
  for (const name of ['app', 'default_app.asar'])
    await rm(path.join(resources, name), { recursive: true, force: true });
}
