/** Viewers whose links differ by no more than this share one encoder... */
const JOIN_RATIO = 1.35;
/** ... and those who share one already stay together up to this: a rung that comes and goes costs a key frame each time. */
const STAY_RATIO = 1.6;
/** A better link has to last this long before a viewer moves to a better rung. */
const UP_AFTER_MS = 3000;
/** What an estimate has to exceed to count as better. */
const UP_RATIO = 1.15;

/**
 * The estimate of a viewer that has just come is still on its way up. Unless it fell below where it began, it joins the
 * best rung as it is, instead of needing a rung of its own for each step, and does not lower it for the others.
 */
const ARRIVAL_MS = 10_000;
const FELL_RATIO = 0.8;

export interface RungViewer {
  id: string;
  /** What this viewer's link leaves for the track, in bits per second, capped at the most that the track may take. */
  allowedBps: number;
}

export interface Rung {
  /** Stays while the rung does, so that its encoder does. */
  id: number;
  /** What its slowest member may be sent. */
  allowedBps: number;
  members: string[];
}

interface Steady {
  sinceMs: number;
  bps: number;
  betterSinceMs: number | undefined;
  /** The least seen since it has been better. */
  betterBps: number;
}

interface Placed extends RungViewer {
  /** What decides the company. */
  steadyBps: number;
  arriving: boolean;
}

interface Group {
  topBps: number;
  viewers: Placed[];
}

/**
 * Sorts the viewers of one track and codec into rungs: as few encoders as their links need, so that a slow viewer never
 * lowers the picture of the others. A viewer moves down at once and up with hysteresis.
 */
export class RungPlan {
  readonly #maxRungs: number;
  readonly #startBps: number;
  readonly #steady = new Map<string, Steady>();
  #rungs: Rung[] = [];
  #nextId = 1;

  /** @param startBps where the estimate of each viewer begins */
  constructor(maxRungs: number, startBps: number) {
    this.#maxRungs = Math.max(1, maxRungs);
    this.#startBps = startBps;
  }

  get rungs(): readonly Rung[] {
    return this.#rungs;
  }

  /** @returns the rungs from the best to the slowest; none without viewers */
  update(viewers: readonly RungViewer[], nowMs: number): readonly Rung[] {
    for (const id of this.#steady.keys()) {
      if (!viewers.some((viewer) => viewer.id === id)) this.#steady.delete(id);
    }
    const placed = viewers.map((viewer) => this.#place(viewer, nowMs));
    const topBps = Math.max(0, ...placed.map(({ steadyBps }) => steadyBps));
    const sorted = placed
      .map((viewer) => (viewer.arriving ? { ...viewer, steadyBps: topBps } : viewer))
      .sort((one, other) => other.steadyBps - one.steadyBps);
    this.#rungs = this.#named(this.#atMost(this.#grouped(sorted)));
    return this.#rungs;
  }

  #place(viewer: RungViewer, nowMs: number): Placed {
    const steadyBps = this.#steadyBps(viewer, nowMs);
    const sinceMs = this.#steady.get(viewer.id)?.sinceMs ?? nowMs;
    const arriving = nowMs - sinceMs < ARRIVAL_MS && viewer.allowedBps >= FELL_RATIO * this.#startBps;
    return { ...viewer, steadyBps, arriving };
  }

  /** Down at once, up to what a link has kept for a while. It decides the company only; rates follow the links themselves. */
  #steadyBps({ id, allowedBps }: RungViewer, nowMs: number): number {
    const steady = this.#steady.get(id);
    if (!steady) {
      this.#steady.set(id, {
        sinceMs: nowMs,
        bps: allowedBps,
        betterSinceMs: undefined,
        betterBps: allowedBps,
      });
      return allowedBps;
    }
    if (nowMs - steady.sinceMs < ARRIVAL_MS) {
      steady.bps = allowedBps;
    } else if (allowedBps <= steady.bps * UP_RATIO) {
      steady.bps = Math.min(steady.bps, allowedBps);
      steady.betterSinceMs = undefined;
    } else if (steady.betterSinceMs === undefined) {
      steady.betterSinceMs = nowMs;
      steady.betterBps = allowedBps;
    } else {
      steady.betterBps = Math.min(steady.betterBps, allowedBps);
      if (nowMs - steady.betterSinceMs >= UP_AFTER_MS) {
        steady.bps = steady.betterBps;
        steady.betterSinceMs = nowMs;
        steady.betterBps = allowedBps;
      }
    }
    return steady.bps;
  }

  #grouped(sorted: Group['viewers']): Group[] {
    const groups: Group[] = [];
    for (const viewer of sorted) {
      const group = groups.at(-1);
      const top = group?.viewers[0];
      const ratio = top && this.#together(top.id, viewer.id) ? STAY_RATIO : JOIN_RATIO;
      if (group && viewer.steadyBps * ratio >= group.topBps) group.viewers.push(viewer);
      else groups.push({ topBps: viewer.steadyBps, viewers: [viewer] });
    }
    return groups;
  }

  #together(one: string, other: string): boolean {
    return this.#rungs.some(({ members }) => members.includes(one) && members.includes(other));
  }

  /** Joins the neighbours that are most alike until there are no more than allowed. */
  #atMost(groups: Group[]): Group[] {
    const joined = [...groups];
    while (joined.length > this.#maxRungs) {
      let best = 0;
      let bestRatio = Number.POSITIVE_INFINITY;
      for (const [at, group] of joined.slice(0, -1).entries()) {
        const ratio = group.topBps / Math.max(1, joined[at + 1]?.topBps ?? 0);
        if (ratio < bestRatio) [best, bestRatio] = [at, ratio];
      }
      const [upper, lower] = joined.slice(best, best + 2);
      if (!upper || !lower) break;
      joined.splice(best, 2, { topBps: upper.topBps, viewers: [...upper.viewers, ...lower.viewers] });
    }
    return joined;
  }

  /** A group goes on as the rung that most of its members are on. */
  #named(groups: Group[]): Rung[] {
    const free = new Set(this.#rungs);
    const named = new Map<Group, number>();
    const claims = groups
      .flatMap((group) =>
        this.#rungs.map((rung) => ({
          group,
          rung,
          common: group.viewers.filter(({ id }) => rung.members.includes(id)).length,
        })),
      )
      .filter(({ common }) => common > 0)
      .sort((one, other) => other.common - one.common);
    for (const { group, rung } of claims) {
      if (named.has(group) || !free.has(rung)) continue;
      named.set(group, rung.id);
      free.delete(rung);
    }
    return groups.map((group) => {
      const settled = group.viewers.filter(({ arriving }) => !arriving);
      return {
        id: named.get(group) ?? this.#nextId++,
        allowedBps: Math.min(
          ...(settled.length > 0 ? settled : group.viewers).map(({ allowedBps }) => allowedBps),
        ),
        members: group.viewers.map(({ id }) => id),
      };
    });
  }
}
