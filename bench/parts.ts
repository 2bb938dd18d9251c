import type { Part } from './part.ts';
import { chat } from './chat.ts';
import { soakPart } from './soakPart.ts';

/** Every part, in the order in which they run. */
export const parts: readonly Part[] = [chat, soakPart];
