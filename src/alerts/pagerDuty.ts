import { z } from 'zod';
import { detailsOf, linksOf, severityOf, summaryOf, type Signal } from './signal.ts';

/**
 * PagerDuty's Events API v2. Source: PagerDuty/developer-docs, docs/events-API-v2. A body that PagerDuty rejects is
 * rejected here too; fields that it does not document are allowed.
 */
const link = z.object({ href: z.string().nullish().catch(null), text: z.string().nullish().catch(null) });
const image = z.object({ src: z.string().nullish().catch(null), href: z.string().nullish().catch(null) });

const payloadSchema = z.object({
  summary: z
    .string({ error: "'payload.summary' is missing or blank" })
    .regex(/\S/, { error: "'payload.summary' is missing or blank" }),
  source: z
    .string({ error: "'payload.source' is missing or blank" })
    .regex(/\S/, { error: "'payload.source' is missing or blank" }),
  severity: z.enum(['critical', 'error', 'warning', 'info'], {
    error: "'payload.severity' is invalid (must be one of: critical, error, warning, info)",
  }),
  component: z.string().nullish().catch(null),
  group: z.string().nullish().catch(null),
  class: z.string().nullish().catch(null),
  timestamp: z.string().nullish().catch(null),
  custom_details: z.unknown().optional(),
});

const dedupKey = z.string({ error: "'dedup_key' must be text" }).max(255, {
  error: "'dedup_key' is too long (at most 255 characters)",
});

const eventSchema = z.discriminatedUnion(
  'event_action',
  [
    z.object({
      event_action: z.literal('trigger'),
      dedup_key: dedupKey.nullish(),
      payload: z.preprocess((value) => value ?? {}, payloadSchema),
      links: z.array(link).nullish().catch(null),
      images: z.array(image).nullish().catch(null),
      client: z.string().nullish().catch(null),
      client_url: z.string().nullish().catch(null),
    }),
    ...(['acknowledge', 'resolve'] as const).map((action) =>
      z.object({
        event_action: z.literal(action),
        dedup_key: dedupKey.min(1, { error: "'dedup_key' is missing or blank" }),
      }),
    ),
  ],
  { error: "'event_action' is invalid (must be one of: trigger, acknowledge, resolve)" },
);

export type PagerDutyReading = { signals: Signal[]; dedupKey: string } | { errors: string[] };

/** @param freshKey the key for an event that has none; the sender gets it in the answer */
export function readPagerDuty(body: unknown, freshKey: string): PagerDutyReading {
  const parsed = eventSchema.safeParse(body);
  if (!parsed.success) return { errors: [...new Set(parsed.error.issues.map(({ message }) => message))] };
  const event = parsed.data;
  if (event.event_action !== 'trigger') {
    const key = event.dedup_key;
    return { signals: [{ action: event.event_action, dedupKey: key }], dedupKey: key };
  }
  const { payload } = event;
  const key = event.dedup_key || freshKey;
  const about = [payload.component, payload.group, payload.class].filter((part) => part?.trim()).join(', ');
  // If the template of the summary failed, the call still needs something to say.
  const summary = summaryOf(
    payload.summary,
    about && `${about} (${payload.source})`,
    payload.source,
    'Alert',
  );
  const isSaid = summary === payload.summary.replace(/\s+/g, ' ').trim();
  const signal: Signal = {
    action: 'open',
    dedupKey: key,
    summary,
    details: detailsOf(
      isSaid ? null : payload.summary,
      `Source: ${payload.source}`,
      about,
      customDetails(payload.custom_details),
      payload.timestamp ? `Since ${payload.timestamp}` : null,
    ),
    severity: severityOf(payload.severity),
    links: linksOf([
      ...(event.links ?? []).map(({ href, text }) => ({ text: text?.trim() || 'Link', href })),
      { text: event.client?.trim() || 'Client', href: event.client_url },
      ...(event.images ?? []).map(({ href, src }) => ({ text: 'Image', href: href ?? src })),
    ]),
    group: null,
  };
  return { signals: [signal], dedupKey: key };
}

function customDetails(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${typeof part === 'string' ? part : JSON.stringify(part)}`)
    .join('\n');
}
