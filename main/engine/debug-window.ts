import { BrowserWindow, session } from 'electron';
import type { Log } from '../log.ts';

/** In memory only: what the window keeps ends with it, and has nothing to do with the encoder page's. */
const PARTITION = 'debug';

/**
 * A window with the debug page, which is a page like any other: sandboxed, isolated, without Node or a preload. It is given the
 * token of operators by its session, so that the token is in no address and no script can read it.
 *
 * @param url of the page, of this host
 */
export function openDebugWindow(url: string, token: string | undefined, log: Log): void {
  const { origin } = new URL(url);
  const own = session.fromPartition(PARTITION);
  own.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  own.setPermissionCheckHandler(() => false);
  if (token !== undefined) {
    own.webRequest.onBeforeSendHeaders({ urls: [`${origin}/*`] }, ({ requestHeaders }, callback) =>
      callback({ requestHeaders: { ...requestHeaders, Authorization: `Bearer ${token}` } }),
    );
  }
  const window = new BrowserWindow({
    width: 1440,
    height: 920,
    title: 'reactor-host debug',
    backgroundColor: '#090b10',
    autoHideMenuBar: true,
    webPreferences: {
      session: own,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // The waveform of a track that nobody hears needs no click here.
      autoplayPolicy: 'no-user-gesture-required',
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-navigate', (event, to) => {
    if (to !== url) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.on('render-process-gone', (_event, { reason }) => {
    log.warn({ reason }, 'the debug window crashed and is opened again');
    if (!window.isDestroyed()) webContents.reload();
  });
  window.loadURL(url).catch(({ code }: { code?: string }) => {
    if (!window.isDestroyed()) log.warn({ reason: code ?? 'unknown' }, 'the debug window did not load');
  });
}
