import type { Part } from './part.ts';
import { abused } from './abuse.ts';
import { alerts, storm } from './alerts.ts';
import { callbacks } from './callbacks.ts';
import { chat } from './chat.ts';
import { history } from './history.ts';
import { ladders } from './ladders.ts';
import { lookups } from './lookups.ts';
import { memory } from './memory.ts';
import { start } from './start.ts';
import { throughput } from './throughput.ts';

/** Every part, in the order in which they run. */
export const parts: readonly Part[] = [
  chat,
  throughput,
  callbacks,
  memory,
  alerts,
  ladders,
  storm,
  start,
  lookups,
  abused,
  history,
];
