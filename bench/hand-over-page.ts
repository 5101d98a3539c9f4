/**
 * Page and worker of the scenario `hand-over`: takes pictures in one way, makes a VideoFrame of each, and answers with its
 * number once the page has it. A picture in a message or stream has its number before it, in four bytes.
 *
 * @packageDocumentation
 */

interface Task {
  wsUrl: string;
  origin: string;
  way: string;
  width: number;
  height: number;
  slotBytes: number;
}

interface SyncHandle {
  read(target: Uint8Array, options: { at: number }): number;
  write(source: Uint8Array, options: { at: number }): number;
  flush(): void;
}

const NUMBER_BYTES = 4;

/** Of the page, from both threads. */
type Note = { frame: VideoFrame; seq: number } | { said: object };

async function take(
  task: Task,
  note: (said: Note) => void,
): Promise<(order: { seq: number; slot: number }) => void> {
  const { way, width, height, slotBytes, wsUrl, origin } = task;
  const bytes = (width * height * 3) / 2;
  const ready = (extra = {}) => note({ said: { ready: true, ...extra } });
  const deliver = (buffer: ArrayBuffer, offset: number, seq: number) => {
    const init = {
      format: 'I420' as const,
      codedWidth: width,
      codedHeight: height,
      timestamp: seq,
      transfer: [buffer],
    };
    note({ seq, frame: new VideoFrame(new Uint8Array(buffer, offset, bytes), init) });
  };
  if (way.startsWith('websocket')) {
    const socket = new WebSocket(`${wsUrl}/pictures`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => ready();
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) =>
      deliver(data, NUMBER_BYTES, new DataView(data).getUint32(0, true));
  } else if (way.startsWith('fetch')) {
    const { body } = await fetch(`${origin}/pictures`);
    const reader = (body as ReadableStream<Uint8Array>).getReader({ mode: 'byob' });
    const fill = async (length: number) => {
      let buffer = new ArrayBuffer(length);
      for (let at = 0; at < length; ) {
        const { value } = await reader.read(new Uint8Array(buffer, at, length - at));
        if (!value) throw new Error('the stream ended');
        buffer = value.buffer as ArrayBuffer;
        at += value.byteLength;
      }
      return buffer;
    };
    const run = async () => {
      for (;;) {
        const seq = new DataView(await fill(NUMBER_BYTES)).getUint32(0, true);
        deliver(await fill(bytes), 0, seq);
      }
    };
    // Ends with the page.
    void run().catch(() => {});
    ready();
  } else {
    const folder = await navigator.storage.getDirectory();
    const token = crypto.randomUUID();
    const file = await folder.getFileHandle(token, { create: true });
    const handle = await (
      file as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> }
    ).createSyncAccessHandle();
    handle.write(new TextEncoder().encode(token), { at: 0 });
    handle.flush();
    ready({ token });
    return async ({ seq, slot }) => {
      const at = slot * slotBytes;
      if (way === 'file, as Blob') {
        deliver(await (await file.getFile()).slice(at, at + bytes).arrayBuffer(), 0, seq);
      } else {
        const buffer = new ArrayBuffer(bytes);
        if (handle.read(new Uint8Array(buffer), { at }) !== bytes) throw new Error(`slot ${slot} is short`);
        deliver(buffer, 0, seq);
      }
    };
  }
  return () => {};
}

async function runPage(): Promise<void> {
  const task = JSON.parse(new URLSearchParams(location.search).get('task') ?? '') as Task;
  const socket = new WebSocket(`${task.wsUrl}/orders`);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const note = (said: Note) => {
    if ('frame' in said) said.frame.close();
    socket.send(JSON.stringify('frame' in said ? { seq: said.seq } : said.said));
  };
  if (!/worker|file/.test(task.way)) {
    await take(task, note);
    return;
  }
  const worker = new Worker('hand-over-page.js');
  worker.onmessage = ({ data }: MessageEvent<Note>) => note(data);
  worker.postMessage(task);
  socket.onmessage = ({ data }) => worker.postMessage(JSON.parse(String(data)));
}

function runWorker(): void {
  const scope = self as unknown as { postMessage(message: Note, transfer: Transferable[]): void };
  const note = (said: Note) => scope.postMessage(said, 'frame' in said ? [said.frame] : []);
  self.onmessage = ({ data }: MessageEvent<Task>) => {
    const onOrder = take(data, note);
    self.onmessage = ({ data: order }) => void onOrder.then((each) => each(order));
  };
}

if (typeof window === 'undefined') runWorker();
else void runPage();
