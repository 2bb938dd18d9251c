import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { ask, jsonOf } from './ask.ts';
import { found, passed, type Finding } from './findings.ts';

export interface ReachParts {
  config: Config;
  /** Origin, as others reach it. */
  publicUrl: string;
  now: () => number;
}

const validated = z.object({ validationResponse: z.string() });

/** Performs Event Grid's handshake against the public address. Skipped without EVENT_GRID_SECRET. */
export async function checkEventGrid({ config, publicUrl, now }: ReachParts): Promise<Finding[]> {
  const { eventGridSecret } = config;
  if (eventGridSecret === undefined) return [];
  const validationCode = randomUUID();
  const url = `${publicUrl}/api/events?token=${encodeURIComponent(eventGridSecret)}`;
  const asked = await ask(url, now, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' },
    body: JSON.stringify([
      {
        id: randomUUID(),
        topic: '/subscriptions/none',
        subject: '',
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        eventTime: new Date(now()).toISOString(),
        data: { validationCode },
        dataVersion: '1',
        metadataVersion: '1',
      },
    ]),
  });
  if (asked.kind === 'answered' && asked.status === 200) {
    const answer = validated.safeParse(jsonOf(asked)).data;
    if (answer?.validationResponse === validationCode) {
      return [passed('event grid', 'Event Grid’s handshake succeeds.')];
    }
  }
  const what = asked.kind === 'answered' ? `the answer is ${asked.status}` : asked.why;
  return [
    found(
      'eventGridHandshake',
      `Event Grid’s handshake at ${publicUrl}/api/events fails: ${what}.`,
      'The running Ringdown must have this EVENT_GRID_SECRET: restart it after a change, then deploy template-AzureBot again',
    ),
  ];
}
