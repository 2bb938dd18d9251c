import type { Messages } from '../texts/messages.ts';
import { readGroup } from './prometheusGroup.ts';
import type { Reading } from './signal.ts';

/** Alertmanager's webhook, version 4. Two members of a cluster may send the same alert. */
export function readAlertmanager(body: unknown, words: Messages['alerts']): Reading {
  return readGroup(body, words);
}
