import { clouds } from '../config/clouds.ts';
import type { Messages } from '../texts/messages.ts';
import { readAlertmanager } from './alertmanager.ts';
import { readAzureMonitor } from './azureMonitor.ts';
import { readGrafana } from './grafana.ts';
import { readPagerDuty } from './pagerDuty.ts';
import type { Reading } from './signal.ts';

export const FORMATS = ['alertmanager', 'grafana', 'azure-monitor', 'pagerduty'] as const;
export type Format = (typeof FORMATS)[number];

const readers: Readonly<
  Record<Format, (body: unknown, words: Messages['alerts'], portalUrl: string) => Reading>
> = {
  alertmanager: readAlertmanager,
  grafana: readGrafana,
  'azure-monitor': readAzureMonitor,
  pagerduty: (body) => {
    // An event without a key got one before it was stored.
    const reading = readPagerDuty(body, '');
    return 'signals' in reading ? reading : { problem: reading.errors.join('; ') };
  },
};

/**
 * Parses a body of this format.
 *
 * @param words texts in the language of the policy
 * @param portalUrl origin of the Azure portal, in this cloud
 */
export function readAlert(
  format: Format,
  body: unknown,
  words: Messages['alerts'],
  portalUrl = clouds.public.portalUrl,
): Reading {
  return readers[format](body, words, portalUrl);
}

export function isFormat(name: string): name is Format {
  return (FORMATS as readonly string[]).includes(name);
}
