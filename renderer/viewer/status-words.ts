import type { HostSnapshot } from './host-snapshot.ts';
import type { Problem } from './problem.ts';

/** What the page knows of itself and of the host. */
export interface StatusFacts {
  /** `waiting`: no session now, a next try may be planned. */
  phase: 'waiting' | 'opening' | 'connecting' | 'playing';
  /** Whether the stream of events stands; null before the first answer. */
  isHostHeard: boolean | null;
  snapshot: HostSnapshot | null;
  /** Why the last try failed, or the last session ended. */
  problem: Problem | null;
  /** Until the next try; null when none is planned. */
  nextTryMs: number | null;
  /** A picture is on the page, if only the last one. */
  hasPicture: boolean;
}

export type Tone = 'live' | 'busy' | 'quiet' | 'error';

export interface Status {
  tone: Tone;
  /** A word or two, always visible. */
  label: string;
  /** Nothing more to say when null. */
  notice: Notice | null;
}

export interface Notice {
  title: string;
  detail: string;
  hint: string;
  /** For a person who looks for help. */
  code: string | null;
  /** What a click can do about it. */
  action: 'retry' | 'any-codec' | 'all-tracks' | null;
}

const notice = (
  title: string,
  detail: string,
  hint: string,
  rest: Partial<Pick<Notice, 'code' | 'action'>> = {},
): Notice => ({ title, detail, hint, code: null, action: null, ...rest });

/** The state in words. The cause nearest to the root is told: a crashed model, not the empty stream that follows from it. */
export function statusWords(facts: StatusFacts): Status {
  return (
    unreachable(facts) ?? needsPerson(facts) ?? modelTrouble(facts) ?? encoderGone(facts) ?? ownState(facts)
  );
}

function unreachable({ isHostHeard, phase, problem, nextTryMs }: StatusFacts): Status | null {
  const isGone = isHostHeard === false || problem?.code === 'host-unreachable';
  if (phase === 'playing' || phase === 'connecting' || !isGone) return null;
  return {
    tone: 'error',
    label: 'Host unreachable',
    notice: notice(
      'The host does not answer',
      'This page was served by reactor-host, which is not there any more, or the network to it is down.',
      `Start it again where it ran. ${again(nextTryMs)}`,
      { code: 'host-unreachable', action: 'retry' },
    ),
  };
}

/** What no waiting changes. */
function needsPerson({ phase, problem }: StatusFacts): Status | null {
  if (phase !== 'waiting' || problem === null || problem.retry) return null;
  const [label, title, action] = PERSON_WORDS[problem.code] ?? [
    'Refused',
    'The host refuses to stream',
    'retry',
  ];
  return {
    tone: 'error',
    label,
    notice: notice(title, sentence(problem.message), sentence(problem.hint), { code: problem.code, action }),
  };
}

const PERSON_WORDS: Record<string, [label: string, title: string, action: Notice['action']]> = {
  'no-common-codec': ['No codec', 'No video codec in common', 'any-codec'],
  'unknown-codec': ['No codec', 'There is no such codec', 'any-codec'],
  'unknown-track': ['No such track', 'The model has no such track', 'all-tracks'],
  unauthorized: ['Token needed', 'This stream needs a token', 'retry'],
  dismissed: ['Disconnected', 'You have been disconnected', 'retry'],
  'no-webrtc': ['No WebRTC', 'This browser has no WebRTC', null],
};

function modelTrouble({ snapshot, hasPicture, isHostHeard }: StatusFacts): Status | null {
  // What an unheard host said last may not be so any more.
  if (snapshot === null || isHostHeard === false) return null;
  const { state, error } = snapshot.model;
  const name = snapshot.model.name ?? 'the model';
  const because = error ? sentence(error.message) : '';
  const hint = error ? sentence(error.hint) : '';
  const code = error?.code ?? null;
  const lastPicture = hasPicture ? ' The last picture stays.' : '';
  switch (state) {
    case 'crashed':
      return {
        tone: 'error',
        label: 'Model crashed',
        notice: notice(
          `${capital(name)} crashed`,
          because || 'Its process has ended.',
          hint || 'The host’s terminal shows the traceback.',
          { code },
        ),
      };
    case 'restarting':
      return {
        tone: 'busy',
        label: 'Model restarting',
        notice: notice(
          `${capital(name)} is being started again`,
          because || 'Its process has ended.',
          `${hint ? `${hint} ` : ''}It goes on by itself.${lastPicture}`,
          { code },
        ),
      };
    case 'starting':
      return {
        tone: 'busy',
        label: 'Starting',
        notice: notice(
          'The model is starting',
          'Python begins and imports its code.',
          'The picture comes by itself.',
        ),
      };
    case 'loading':
      return {
        tone: 'busy',
        label: 'Model loading',
        notice: notice(
          `${capital(name)} is loading`,
          'load() runs: weights and data are being read.',
          'The picture comes by itself.',
        ),
      };
    case 'waiting':
      return {
        tone: 'busy',
        label: 'Waiting for model',
        notice: notice(
          'No model is connected yet',
          'The host waits for one from another machine.',
          'Start it there with python -m reactor_host model.py --host ws://…',
        ),
      };
    default:
      return null;
  }
}

function encoderGone({ snapshot, phase }: StatusFacts): Status | null {
  if (snapshot === null || snapshot.encoder.connected || phase === 'playing') return null;
  return {
    tone: 'busy',
    label: 'Encoder starting',
    notice: notice(
      'The encoder is starting',
      snapshot.encoder.generation > 0
        ? 'Its page was closed or crashed; the host starts a new one.'
        : 'The host starts it.',
      'The picture comes by itself.',
    ),
  };
}

function ownState({ phase, problem, nextTryMs, snapshot, hasPicture, isHostHeard }: StatusFacts): Status {
  if (phase === 'playing') {
    const name = capital(snapshot?.model.name ?? 'the model');
    switch (isHostHeard === false ? undefined : snapshot?.model.state) {
      case 'ended':
        return {
          tone: 'quiet',
          label: 'Ended',
          notice: notice(`${name} has ended`, 'It has nothing more to show.', 'The last picture stays.'),
        };
      case 'idle':
        return { tone: 'quiet', label: 'Idle', notice: null };
      default:
        return { tone: 'live', label: 'Live', notice: null };
    }
  }
  if (problem !== null) {
    const [label, title, detail, hint] = troubleWords(problem);
    return {
      tone: phase === 'waiting' && problem.code !== 'connection-lost' ? 'error' : 'busy',
      label: phase === 'waiting' ? label : 'Reconnecting',
      notice: notice(
        title,
        detail,
        `${hint} ${phase === 'waiting' ? again(nextTryMs) : 'Trying again now.'}`,
        {
          code: problem.code,
          action: phase === 'waiting' ? 'retry' : null,
        },
      ),
    };
  }
  if (phase === 'waiting' && snapshot?.tracks.length === 0) {
    return {
      tone: 'busy',
      label: 'Waiting for model',
      notice: notice(
        'Waiting for the model',
        'Its tracks are not known yet.',
        'The picture comes by itself.',
      ),
    };
  }
  return {
    tone: 'busy',
    label: 'Connecting',
    notice: hasPicture ? null : notice('Connecting', 'Finding a way for the stream.', 'This takes a moment.'),
  };
}

function troubleWords({
  code,
  message,
  hint,
}: Problem): [label: string, title: string, detail: string, hint: string] {
  switch (code) {
    case 'no-path':
      return [
        'No network path',
        'No network path for the stream',
        'The host answers, but its UDP packets do not reach this browser, or the other way round.',
        'A firewall, a VPN or a container may be in between: open UDP, or give the host a relay with --ice-servers.',
      ];
    case 'connection-lost':
      return [
        'Connection lost',
        'The connection was lost',
        'The stream was cut off.',
        'It comes back by itself.',
      ];
    case 'stalled':
      return [
        'No pictures',
        'No pictures arrive',
        'The connection stands, but nothing came for 3 seconds although the model runs.',
        'The path may be congested.',
      ];
    case 'no-answer':
      return [
        'No answer',
        'The host takes too long',
        'It has not answered the offer.',
        'Its machine may be overloaded.',
      ];
    case 'session-ended':
    case 'host-ending':
      return [
        'Session ended',
        'The session has ended',
        sentence(message),
        'A new one begins by itself when there is a host again.',
      ];
    case 'too-many-viewers':
      return ['Full', 'The stream is full', sentence(message), sentence(hint)];
    default:
      return ['Not ready', 'The host cannot stream yet', sentence(message), sentence(hint)];
  }
}

function again(nextTryMs: number | null): string {
  if (nextTryMs === null) return '';
  const seconds = Math.ceil(nextTryMs / 1000);
  return seconds <= 0 ? 'Trying again now.' : `Trying again in ${seconds} s.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The host writes its messages in the manner of a log line. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  return /[.!?…:]$/.test(trimmed) ? capital(trimmed) : `${capital(trimmed)}.`;
}
