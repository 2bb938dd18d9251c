import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { readAlert, type Format } from '../../alerts/formats.ts';
import { isSignedByGrafana } from '../../alerts/grafanaSignature.ts';
import type { Incoming } from '../../alerts/intake.ts';
import { readPagerDuty } from '../../alerts/pagerDuty.ts';
import type { Clock } from '../../clock.ts';
import { RingdownError } from '../../errors.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { textsFor } from '../../texts/texts.ts';
import { noQuery, type Door, type Endpoint } from '../api/endpoint.ts';
import { only } from '../api/input.ts';
import { findKey } from '../authentication.ts';
import { parseJson, requireJson } from '../body.ts';
import type { Admitted, Handle, HttpRequest, Reply, RequestHead } from '../route.ts';
import { identifySender, type Sender } from '../senders.ts';
import { stored } from '../stored.ts';
import type { AlertRefusals } from './alertRefusals.ts';

export interface AlertParts {
  /** Resolves when the alert is durably stored. */
  store: (incoming: Incoming) => Promise<void>;
  /** The current ringdown.yaml. */
  ringdown: () => RingdownYaml;
  clock: Pick<Clock, 'now'>;
  refusals: AlertRefusals;
}

const withToken = only({
  token: z.string().optional().describe('An integration key, instead of the header.'),
});
const accepted = z.object({ status: z.literal('accepted') });
const GRAFANA_SIGNATURE = 'x-grafana-alerting-signature';
/**
 * How many headers may be the time stamp. The whole body is hashed for each, and a sender may have no more than the
 * key in the URL.
 */
const MOST_TIMES = 8;

const group = {
  version: '4',
  groupKey: '{}:{alertname="CheckoutErrors"}',
  status: 'firing',
  receiver: 'ringdown',
  groupLabels: { alertname: 'CheckoutErrors' },
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'CheckoutErrors', severity: 'critical' },
      annotations: { summary: 'Checkout error rate over 5 %' },
      startsAt: '2026-11-23T03:14:05.120Z',
      fingerprint: '9f2c41d0a7be3356',
    },
  ],
};

const azure = {
  schemaId: 'azureMonitorCommonAlertSchema',
  data: {
    essentials: {
      alertId: '/subscriptions/…/providers/Microsoft.AlertsManagement/alerts/7d2c0c2e',
      alertRule: 'cpu-high',
      severity: 'Sev1',
      monitorCondition: 'Fired',
      description: 'CPU above 90 %',
    },
  },
};

const formats = [
  { format: 'alertmanager', operation: 'takeAlertmanager', sender: 'Alertmanager', body: group },
  { format: 'grafana', operation: 'takeGrafana', sender: 'Grafana', body: group },
  { format: 'azure-monitor', operation: 'takeAzureMonitor', sender: 'Azure Monitor', body: azure },
] as const;

/** The alert intake. A 202 means that the alert is stored. */
export function alertEndpoints(parts: AlertParts): Endpoint[] {
  return [
    ...formats.map(({ format, operation, sender, body }): Endpoint => ({
      method: 'POST',
      path: `/api/v1/alerts/${format}/:policy`,
      description: 'An integration key of this format and policy, or an API key with the right “place”.',
      credential: 'keyInQuery',
      operation,
      summary: `Receive alerts from ${sender}: each opens, joins or resolves an escalation`,
      body: () => z.looseObject({}).describe(`The body of a ${sender} webhook.`),
      query: withToken,
      status: 202,
      answer: accepted,
      errors: ['policy_not_found'],
      examples: { body: { firing: body }, answer: { status: 'accepted' } },
      route: (door) => ({
        method: 'POST',
        path: `/api/v1/alerts/${format}/:policy`,
        body: 'raw',
        admit: async (head) => await admit(parts, door, format, head),
      }),
    })),
    pagerDuty(parts),
  ];
}

async function admit(
  parts: AlertParts,
  door: Door,
  format: Exclude<Format, 'pagerduty'>,
  head: RequestHead,
): Promise<Admitted> {
  const { ringdown, clock, refusals } = parts;
  const { policy = '' } = head.params;
  const { integrations, policies } = ringdown();
  const { sender, authorize } = await identifySender(head, { door, integrations, kind: format, policy });
  const within = async <T>(doing: () => Promise<T>): Promise<T> =>
    await refusals.forSender(sender.name, `${format}/${policy}`, doing);
  await within(async () => {
    await authorize();
    if (!Object.hasOwn(policies, policy)) {
      throw new RingdownError('policy_not_found', { detail: 'There is no policy of that name.' });
    }
  });
  const handle: Handle = async (request) => await take(parts, { format, policy, sender }, request);
  const { signatureSecret: secret } = sender;
  if (secret === null) return { isKnown: true, handle, within };
  // The key alone is not enough, because it appears in URLs.
  return {
    byBody: async (request) => {
      if (isSigned(request, secret, clock.now())) {
        return await Promise.resolve(async () => await within(async () => await handle(request)));
      }
      throw new RingdownError('unauthorized', { detail: 'The signature is missing or wrong.' });
    },
  };
}

async function take(
  { store, ringdown }: AlertParts,
  { format, policy, sender }: { format: Exclude<Format, 'pagerduty'>; policy: string; sender: Sender },
  { headers, rawBody }: HttpRequest,
): Promise<Reply> {
  requireJson(headers['content-type']);
  const words = textsFor(ringdown().policies[policy]?.language).alerts;
  const reading = readAlert(format, parseJson(rawBody), words);
  if ('problem' in reading) throw new RingdownError('bad_request', { detail: reading.problem });
  const { source, name } = sender;
  await stored(store({ format, source, sender: name, policy, body: rawBody.toString('utf8') }));
  return { status: 202, body: { status: 'accepted' } };
}

/**
 * With a time stamp header, Grafana signs the time too. The operator chooses the header's name, so try every header:
 * the right one makes the signature match.
 */
function isSigned({ headers, rawBody }: HttpRequest, secret: string, now: number): boolean {
  const given = headers[GRAFANA_SIGNATURE];
  const signature = typeof given === 'string' ? given : undefined;
  const times = Object.values(headers)
    .filter((value) => typeof value === 'string' && /^\d{9,12}$/.test(value))
    .slice(0, MOST_TIMES);
  return [undefined, ...times].some((time) => {
    const timestamp = typeof time === 'string' ? time : undefined;
    return isSignedByGrafana({ body: rawBody, signature, timestamp }, secret, now);
  });
}

/** PagerDuty's Events API v2, with PagerDuty's own answers: its clients need only another URL. */
function pagerDuty(parts: AlertParts): Endpoint {
  const path = '/api/v1/alerts/pagerduty/v2/enqueue';
  return {
    method: 'POST',
    path,
    description: 'An integration key as `routing_key`, and no other authorization.',
    credential: 'none',
    refusal: z.object({
      status: z.literal('invalid event'),
      message: z.string(),
      errors: z.array(z.string()),
    }),
    operation: 'takePagerDuty',
    summary: 'Receive an event of PagerDuty’s Events API v2',
    body: () => z.looseObject({}),
    query: noQuery,
    status: 202,
    answer: z.object({ status: z.literal('success'), message: z.string(), dedup_key: z.string() }),
    errors: [],
    examples: {
      body: {
        trigger: {
          routing_key: '0123456789abcdef0123456789abcdef',
          event_action: 'trigger',
          dedup_key: 'shop/checkout/5xx',
          payload: { summary: 'Checkout 5xx at 7 %', source: 'shop-7', severity: 'critical' },
        },
      },
      answer: { status: 'success', message: 'Event processed', dedup_key: 'shop/checkout/5xx' },
    },
    route: () => ({
      method: 'POST',
      path,
      body: 'raw',
      admit: async () =>
        await Promise.resolve({ byBody: async (request) => await admitPagerDuty(parts, request) }),
      refusal: refusalOfPagerDuty,
    }),
  };
}

/** The credential is `routing_key` in the body. */
async function admitPagerDuty(
  { refusals, store, ringdown }: AlertParts,
  { headers, rawBody }: HttpRequest,
): Promise<Handle> {
  requireJson(headers['content-type']);
  const body = parseJson(rawBody);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RingdownError('bad_request', { detail: 'The body is not an object' });
  }
  const { routing_key: key, ...event } = { routing_key: undefined, ...body };
  const integrations = ringdown().integrations.filter(({ kind }) => kind === 'pagerduty');
  const integration = typeof key === 'string' ? findKey(key, integrations) : null;
  if (!integration) {
    throw new RingdownError('unauthorized', { detail: "'routing_key' is missing or unknown" });
  }
  const { name, policy } = integration;
  return async () =>
    await refusals.forSender(name, `pagerduty/${policy}`, async () => {
      const reading = readPagerDuty(event, randomUUID().replaceAll('-', ''));
      if ('errors' in reading) {
        const { errors } = reading;
        throw new RingdownError('bad_request', { detail: errors.join('; '), extra: { errors } });
      }
      const { dedupKey } = reading;
      await stored(
        store({
          format: 'pagerduty',
          source: `integration:${name}`,
          sender: name,
          policy,
          body: JSON.stringify({ ...event, dedup_key: dedupKey }),
        }),
      );
      return {
        status: 202,
        body: { status: 'success', message: 'Event processed', dedup_key: dedupKey },
      };
    });
}

/** PagerDuty answers 400 even if the key is unknown. */
function refusalOfPagerDuty({ code, kind, detail = kind.title, extra }: RingdownError): Reply | null {
  if (code !== 'bad_request' && code !== 'unauthorized') return null;
  const errors = extra?.['errors'] ?? [detail];
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
}
