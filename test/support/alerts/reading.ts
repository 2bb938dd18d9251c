import assert from 'node:assert/strict';
import { readAlert, type Format } from '../../../src/alerts/formats.ts';
import type { Reading, Signal } from '../../../src/alerts/signal.ts';
import { textsFor } from '../../../src/texts/texts.ts';

/** Parses a body, with texts in this language. */
export function read(format: Format, body: unknown, language = 'en'): Reading {
  return readAlert(format, body, textsFor(language).alerts);
}

export const readAlertmanager = (body: unknown): Reading => read('alertmanager', body);
export const readGrafana = (body: unknown): Reading => read('grafana', body);
export const readAzureMonitor = (body: unknown): Reading => read('azure-monitor', body);

export function signals(reading: Reading): Signal[] {
  assert.ok('signals' in reading, 'problem' in reading ? reading.problem : '');
  return reading.signals;
}

/** The signals at a glance, without those about unlisted alerts, which every complete group sends. */
export const inShort = (found: readonly Signal[]): string[] =>
  found
    .map((signal) => {
      if (signal.action === 'test') return `test ${signal.summary}`;
      return `${signal.action} ${'dedupKey' in signal ? signal.dedupKey : signal.group}`;
    })
    .filter((line) => !line.startsWith('resolve unlisted'));

export const opened = (reading: Reading): Extract<Signal, { action: 'open' }> => {
  const found = signals(reading).find((signal) => signal.action === 'open');
  assert.ok(found?.action === 'open');
  return found;
};
