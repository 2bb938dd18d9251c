import type { AlertTexts } from '../texts/alertTexts.ts';
import { readGroup } from './prometheusGroup.ts';
import type { Reading } from './signal.ts';

/** Alertmanager's webhook, version 4. Two members of a cluster may send the same alert. */
export function readAlertmanager(body: unknown, words: AlertTexts): Reading {
  return readGroup(body, words);
}
