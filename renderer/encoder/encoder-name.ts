/** The fake device gives plain sound; processing it would cost as much again (0.2 s of CPU in 5 s instead of 0.13). */
const PLAIN_AUDIO: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

/** Opening takes 60 ms; statistics must not wait for a device that never answers, or the host takes the page for dead. */
const OPEN_LIMIT_MS = 500;

/**
 * Captures for the moment of one call. Chromium tells `encoderImplementation` only to a page that captures (it would help
 * to recognise a machine otherwise), and forgets it as soon as the capture ends. An open fake microphone costs 2.6 % of a
 * core, so it is opened only while a name is not known; opening takes 60 ms, during which media goes on.
 *
 * Both engines are started with a fake device and without the question to the user; candidates of all interfaces are
 * gathered without it, in Chromium 114 and 156 alike.
 */
export async function whileCapturing<T>(action: (captures: boolean) => Promise<T>): Promise<T> {
  let over = false;
  const stop = (stream: MediaStream | undefined) => {
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const opening = openDevice();
  // One that opens too late is closed at once.
  void opening.then((late) => {
    if (over) stop(late);
  });
  const limit = new Promise<undefined>((resolve) => setTimeout(resolve, OPEN_LIMIT_MS, undefined));
  const stream = await Promise.race([opening, limit]);
  try {
    return await action(stream !== undefined);
  } finally {
    over = true;
    stop(stream);
  }
}

/** Undefined without a device, or where it is not allowed: the name stays unknown, everything else works. */
async function openDevice(): Promise<MediaStream | undefined> {
  try {
    return await navigator.mediaDevices?.getUserMedia({ audio: PLAIN_AUDIO });
  } catch {
    return undefined;
  }
}
