import { spawn } from 'node:child_process';
import { chromium } from 'playwright/test';
import { projectRoot, venvPython, viewerBrowserPath } from '../fixtures/engines.ts';
import { Namespaces, namespacesMissing } from '../fixtures/namespaces.ts';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';
import { PatternViewer } from '../fixtures/viewer.ts';

const missing = namespacesMissing();
test.skip(missing !== undefined, missing ?? '');

test('model, host and viewer on three machines: the model connects by ws:// and its frames travel inline', async ({
  startHost,
  pageErrors,
}) => {
  const namespaces = new Namespaces();
  const cleanUp: (() => Promise<unknown>)[] = [];
  try {
    const modelPeer = namespaces.addPeer('model');
    const viewerPeer = namespaces.addPeer('viewer');
    const hostSecret = 'a-secret-both-machines-know-0123456789';
    const token = 'viewer-token-0123456789';
    const launched = startHost({
      namespace: namespaces.host,
      args: ['--remote-model', '--host', '0.0.0.0', '--port', '8080', '--token', token],
      env: { REACTOR_HOST_HOST_SECRET: hostSecret },
    });

    const model = spawn(
      'ip',
      [
        ...['netns', 'exec', modelPeer.namespace, venvPython, '-m', 'reactor_host', 'test/models/pattern.py'],
        ...['--host', `ws://${modelPeer.hostAddress}:8080/host`],
      ],
      {
        cwd: projectRoot,
        env: { ...process.env, REACTOR_HOST_SECRET: hostSecret },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let modelOutput = '';
    for (const stream of [model.stdout, model.stderr]) stream.on('data', (data) => (modelOutput += data));
    const modelGone = new Promise((resolve) => model.once('close', resolve));
    cleanUp.push(async () => {
      model.kill('SIGTERM');
      await modelGone;
    });
    const host = await launched.catch((error) => {
      throw new Error(`${error.message}\n--- model ---\n${modelOutput}`);
    });
    expect(host.processes().some(({ command }) => command.includes('-m reactor_host'))).toBe(false);
    const { payloads } = await host.waitForLog('the model has come', ({ msg }) => msg === 'model connected');
    expect(payloads).toBe('inline');

    const browser = await chromium.launch({
      executablePath: namespaces.wrapper(viewerPeer.namespace, await viewerBrowserPath()),
      args: ['--no-sandbox', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
    });
    cleanUp.push(() => browser.close());
    const page = await browser.newPage();
    pageErrors.watch(page);
    // A header that browsers take over HTTPS and on the own machine only.
    pageErrors.allow(/Cross-Origin-Opener-Policy header has been ignored/);
    const viewer = new PatternViewer(page);
    await viewer.open(`http://${viewerPeer.hostAddress}:8080/?token=${token}`);
    const first = await viewer.counter('main_video');
    await waitUntil(
      'the counter moves on',
      () => viewer.counter('main_video'),
      (counter) => counter > first + 15,
    );
    await viewer.expectColours('main_video');
  } finally {
    for (const each of cleanUp.reverse()) await each();
    namespaces.remove();
  }
});
