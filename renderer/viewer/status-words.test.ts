import { describe, expect, test } from 'vitest';
import type { HostSnapshot, ModelState } from './host-snapshot.ts';
import type { Problem } from './problem.ts';
import { type StatusFacts, statusWords } from './status-words.ts';

const snapshot = (state: ModelState, change: Partial<HostSnapshot> = {}): HostSnapshot => ({
  model: { state, name: 'Clock' },
  encoder: { connected: true, generation: 1 },
  tracks: [{ kind: 'video', name: 'main_video', fps: 30 }],
  viewers: 1,
  ...change,
});
const problem = (code: string, retry = true): Problem => ({
  code,
  message: 'got this',
  hint: 'do that',
  retry,
});
const error = { code: 'model-raised', message: 'ValueError: no cuda', hint: 'free some memory' };

const facts = (change: Partial<StatusFacts> = {}): StatusFacts => ({
  phase: 'playing',
  isHostHeard: true,
  snapshot: snapshot('running'),
  problem: null,
  nextTryMs: null,
  hasPicture: true,
  ...change,
});
const waiting = (change: Partial<StatusFacts>) => facts({ phase: 'waiting', hasPicture: false, ...change });

describe('statusWords', () => {
  test.each<[string, StatusFacts, string, RegExp | null]>([
    ['plays', facts(), 'Live', null],
    ['plays though the events are cut', facts({ isHostHeard: false }), 'Live', null],
    [
      'plays on, whatever an unheard host said last',
      facts({ isHostHeard: false, snapshot: snapshot('ended') }),
      'Live',
      null,
    ],
    ['plays before the host told its state', facts({ snapshot: null }), 'Live', null],
    ['an idle model', facts({ snapshot: snapshot('idle') }), 'Idle', null],
    ['an ended model', facts({ snapshot: snapshot('ended') }), 'Ended', /Clock has ended/],
    ['nothing heard yet', waiting({ isHostHeard: null, snapshot: null }), 'Connecting', /Connecting/],
    ['the offer is out', facts({ phase: 'opening' }), 'Connecting', null],
    [
      'host stopped',
      waiting({ isHostHeard: false, nextTryMs: 3200 }),
      'Host unreachable',
      /Trying again in 4 s/,
    ],
    [
      'request failed',
      waiting({ problem: problem('host-unreachable') }),
      'Host unreachable',
      /Start it again/,
    ],
    [
      'loading',
      waiting({ snapshot: snapshot('loading', { tracks: [] }) }),
      'Model loading',
      /Clock is loading/,
    ],
    [
      'starting',
      waiting({ snapshot: snapshot('starting', { tracks: [] }) }),
      'Starting',
      /model is starting/,
    ],
    [
      'a remote model awaited',
      waiting({ snapshot: snapshot('waiting', { tracks: [] }) }),
      'Waiting for model',
      /python -m/,
    ],
    [
      'crashed, with the reason',
      facts({ snapshot: snapshot('crashed', { model: { state: 'crashed', name: 'Clock', error } }) }),
      'Model crashed',
      /Clock crashed.*ValueError: no cuda\..*Free some memory\./s,
    ],
    [
      'restarting while the picture stands',
      facts({ snapshot: snapshot('restarting', { model: { state: 'restarting', name: null, error } }) }),
      'Model restarting',
      /The model is being started again.*last picture stays/s,
    ],
    [
      'a crash is told rather than the 503 that follows',
      waiting({ snapshot: snapshot('crashed', { tracks: [] }), problem: problem('model-not-ready') }),
      'Model crashed',
      /traceback/,
    ],
    [
      'encoder gone',
      waiting({ snapshot: snapshot('running', { encoder: { connected: false, generation: 1 } }) }),
      'Encoder starting',
      /starts a new one/,
    ],
    [
      'no codec',
      waiting({ problem: problem('no-common-codec', false) }),
      'No codec',
      /Got this\..*Do that\./s,
    ],
    ['no token', waiting({ problem: problem('unauthorized', false) }), 'Token needed', /token/],
    [
      'refused for another reason',
      waiting({ problem: problem('forbidden-origin', false) }),
      'Refused',
      /Got this/,
    ],
    [
      'no path',
      waiting({ problem: problem('no-path'), nextTryMs: 900 }),
      'No network path',
      /UDP.*Trying again in 1 s/s,
    ],
    ['full', waiting({ problem: problem('too-many-viewers'), nextTryMs: 0 }), 'Full', /Trying again now/],
    [
      'lost, trying again',
      facts({ phase: 'connecting', problem: problem('connection-lost') }),
      'Reconnecting',
      /lost/,
    ],
    [
      'the host has ended the session',
      waiting({ problem: problem('session-ended'), nextTryMs: 0 }),
      'Session ended',
      /Got this.*A new one begins/s,
    ],
    [
      'the host still ends',
      waiting({ problem: problem('host-ending'), nextTryMs: 3_500 }),
      'Session ended',
      /Got this.*A new one begins.*Trying again in 4 s/s,
    ],
    [
      'a person has sent this viewer away',
      waiting({ problem: { ...problem('dismissed'), retry: false } }),
      'Disconnected',
      /You have been disconnected.*Got this/s,
    ],
    ['some 503', waiting({ problem: problem('http-503') }), 'Not ready', /Got this/],
  ])('%s', (_, given, label, words) => {
    const status = statusWords(given);
    expect(status.label).toBe(label);
    if (words === null) expect(status.notice).toBeNull();
    else expect(status.notice && Object.values(status.notice).join('\n')).toMatch(words);
  });

  test('what a click can do', () => {
    const action = (code: string, retry = false) =>
      statusWords(waiting({ problem: problem(code, retry) })).notice?.action;
    expect(action('no-common-codec')).toBe('any-codec');
    expect(action('unknown-track')).toBe('all-tracks');
    expect(action('no-path', true)).toBe('retry');
    expect(
      statusWords(facts({ phase: 'connecting', problem: problem('stalled') })).notice?.action,
    ).toBeNull();
  });
});
