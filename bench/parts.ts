import type { Part } from './part.ts';
import { alerts, storm } from './alerts.ts';
import { chat } from './chat.ts';
import { lookups } from './lookups.ts';
import { soakPart } from './soakPart.ts';

/** Every part, in the order in which they run. */
export const parts: readonly Part[] = [chat, alerts, storm, lookups, soakPart];
