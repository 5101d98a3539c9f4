import { audioLoss } from './audio-loss.ts';
import { control } from './control.ts';
import { debug } from './debug.ts';
import { handOver } from './hand-over.ts';
import { lipSync } from './lip-sync.ts';
import { loss } from './loss.ts';
import { narrow } from './narrow.ts';
import { one } from './one.ts';
import { outrun } from './outrun.ts';
import type { Scenario } from './scenario.ts';
import { soak } from './soak.ts';
import { squeeze } from './squeeze.ts';
import { start } from './start.ts';
import { viewers } from './viewers.ts';

/** All of them, in the order of `--help`; the first is the default. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  one,
  viewers,
  soak,
  handOver,
  outrun,
  start,
  narrow,
  squeeze,
  loss,
  audioLoss,
  lipSync,
  control,
  debug,
];
