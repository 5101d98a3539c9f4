import { expect, test } from 'vitest';
import { advance, isLive, type Session, type SessionFacts } from './session.ts';

const GRACE_MS = 60_000;
const NOTHING: SessionFacts = { serving: false, viewers: 0, connected: 0, ending: false };
const SERVING: SessionFacts = { ...NOTHING, serving: true };

/** Steps until it stays; the states it went through. */
function settle(
  session: Session,
  facts: SessionFacts,
  nowMs: number,
): { session: Session; states: string[] } {
  const states: string[] = [];
  let current = session;
  let ids = 0;
  for (;;) {
    const next = advance(current, facts, GRACE_MS, nowMs, () => `next-${++ids}`);
    if (next === current) return { session: current, states };
    current = next;
    states.push(current.state);
  }
}

const inState = (state: Session['state'], sinceMs = 0): Session => ({ id: 's1', state, sinceMs });

test.each<[Session['state'], Partial<SessionFacts>, number, string[]]>([
  ['created', {}, 1, []],
  ['created', { serving: true }, 1, ['ready']],
  ['ready', {}, 1, ['created']],
  ['ready', { serving: true, viewers: 1 }, 1, ['waiting']],
  ['ready', { serving: true, viewers: 1, connected: 1 }, 1, ['waiting', 'streaming']],
  ['waiting', { serving: true, viewers: 2, connected: 1 }, 1, ['streaming']],
  ['waiting', { serving: true }, 1, ['orphaned']],
  // The page's engine died, or the model did: the session stays for those who come back.
  ['streaming', {}, 1, ['orphaned']],
  ['streaming', { serving: true, viewers: 1 }, 1, ['waiting']],
  ['streaming', { viewers: 1, connected: 1 }, 1, []],
  ['orphaned', { serving: true }, GRACE_MS - 1, []],
  ['orphaned', { serving: true, viewers: 1 }, GRACE_MS - 1, ['waiting']],
  ['orphaned', { serving: true, viewers: 1 }, GRACE_MS, ['waiting']],
  ['orphaned', { serving: true, ending: true }, GRACE_MS, ['closing']],
  ['orphaned', { serving: true }, GRACE_MS, ['closing', 'terminated', 'created', 'ready']],
  ['closing', { serving: true, ending: true, viewers: 1 }, 1, []],
  ['closing', {}, 1, ['terminated', 'created']],
  // Somebody came while it closed: the next session is theirs.
  [
    'closing',
    { serving: true, viewers: 1, connected: 1 },
    1,
    ['terminated', 'created', 'waiting', 'streaming'],
  ],
])('%s, with %j after %i ms: %j', (state, facts, nowMs, states) => {
  expect(settle(inState(state), { ...NOTHING, ...facts }, nowMs).states).toEqual(states);
});

test('a session keeps its id until it is terminated', () => {
  const came = settle(inState('ready'), { ...SERVING, viewers: 1, connected: 1 }, 10).session;
  expect(came).toEqual({ id: 's1', state: 'streaming', sinceMs: 10 });
  const gone = settle(came, SERVING, 20).session;
  expect(gone).toEqual({ id: 's1', state: 'orphaned', sinceMs: 20 });
  const back = settle(gone, { ...SERVING, viewers: 1, connected: 1 }, 20 + GRACE_MS - 1).session;
  expect(back.id).toBe('s1');
  const ended = settle(settle(back, SERVING, 100_000).session, SERVING, 100_000 + GRACE_MS).session;
  expect(ended).toEqual({ id: 'next-1', state: 'ready', sinceMs: 100_000 + GRACE_MS });
});

test('the model knows of it from the first viewer until it closes', () => {
  expect(
    (['created', 'ready', 'waiting', 'streaming', 'orphaned', 'closing', 'terminated'] as const).filter(
      (state) => isLive({ state }),
    ),
  ).toEqual(['waiting', 'streaming', 'orphaned']);
});
