import { z } from 'zod';
import { textsFor } from '../texts/texts.ts';
import { detailsOf, linksOf, severityOf, summaryOf, timeOf, type Reading, type Signal } from './signal.ts';

/**
 * The form that Alertmanager's webhook (version 4) and Grafana's unified alerting share: a group of alerts, each with a
 * status of its own. Sources: prometheus/alertmanager template/template.go; grafana/alerting templates/template_data.go.
 *
 * Only what is used is read, and what is not needed for the decision may have any form: people change these payloads.
 */
const words = z.string().nullish().catch(null);
const named = z.record(z.string(), z.unknown()).nullish().catch(null);

const alertSchema = z.object({
  status: words,
  labels: named,
  annotations: named,
  startsAt: words,
  endsAt: words,
  generatorURL: words,
  fingerprint: words,
  dashboardURL: words,
  panelURL: words,
  silenceURL: words,
  valueString: words,
});

const groupSchema = z.object({
  status: words,
  groupKey: words,
  truncatedAlerts: z.number().catch(0).default(0),
  groupLabels: named,
  externalURL: words,
  alerts: z.array(alertSchema),
});

type Alert = z.infer<typeof alertSchema>;
type Group = z.infer<typeof groupSchema>;

/** Reads a group. What an alert is about is its fingerprint, so that each is resolved on its own. */
export function readGroup(body: unknown): Reading {
  const parsed = groupSchema.safeParse(body);
  if (!parsed.success) return { problem: 'The body has no list `alerts` as the webhook sends it.' };
  const group = parsed.data;
  return {
    signals: openFirst([...group.alerts.map((alert) => signalOf(group, alert)), ...unlisted(group)]),
  };
}

/**
 * What begins goes before what ends, as it is all of one moment: so what is new joins the escalation of what is over
 * instead of calling the same people anew. If one alert is there twice, the order says what holds.
 */
function openFirst(signals: Signal[]): Signal[] {
  const keys = signals.map((signal) => ('dedupKey' in signal ? signal.dedupKey : ''));
  if (new Set(keys).size < keys.length) return signals;
  const isOpen = ({ action }: Signal): boolean => action === 'open';
  return [...signals.filter(isOpen), ...signals.filter((signal) => !isOpen(signal))];
}

function signalOf(group: Group, alert: Alert): Signal {
  const labels = texts(alert.labels);
  const dedupKey = alert.fingerprint?.trim() || labelled(labels);
  const startedAt = timeOf(alert.startsAt);
  if (isResolved(alert.status ?? group.status)) {
    return { action: 'resolve', dedupKey, startedAt, endedAt: timeOf(alert.endsAt) };
  }
  const annotations = texts(alert.annotations);
  const description = annotations['description'] ?? annotations['message'];
  const name = labels['alertname'];
  const summary = summaryOf(annotations['summary'], annotations['title'], description, name, 'Alert');
  return {
    action: 'open',
    dedupKey,
    summary,
    details: detailsOf(
      description === summary ? null : description,
      labelled(labels),
      alert.valueString,
      alert.startsAt ? `Since ${alert.startsAt}` : null,
    ),
    severity: severityOf(labels['severity'] ?? labels['priority']),
    links: linksOf([
      { text: 'Runbook', href: annotations['runbook_url'] },
      { text: 'Dashboard', href: annotations['dashboard_url'] ?? alert.dashboardURL },
      { text: 'Panel', href: alert.panelURL },
      { text: 'Rule', href: alert.generatorURL },
      { text: 'Silence', href: alert.silenceURL },
      { text: 'Alertmanager', href: group.externalURL },
    ]),
    group: group.groupKey ?? null,
    startedAt,
  };
}

/**
 * Alerts that the sender was told to leave out of the list: while the group fires they stand as one alert of their own,
 * and when all of it is over, what was once listed is over too.
 */
function unlisted(group: Group): Signal[] {
  const { groupKey, truncatedAlerts: count } = group;
  if (!groupKey) return [];
  const dedupKey = `unlisted ${groupKey}`;
  if (isResolved(group.status)) {
    return count > 0 ? [{ action: 'resolveGroup', group: groupKey }] : [{ action: 'resolve', dedupKey }];
  }
  if (count <= 0) return [{ action: 'resolve', dedupKey }];
  const name = texts(group.groupLabels)['alertname'] ?? groupKey;
  return [
    {
      action: 'open',
      dedupKey,
      summary: summaryOf(textsFor('en').alerts.unlisted({ count, name })),
      details: labelled(texts(group.groupLabels)) || null,
      severity: 'critical',
      links: linksOf([{ text: 'Alertmanager', href: group.externalURL }]),
      group: groupKey,
    },
  ];
}

function isResolved(status: string | null | undefined): boolean {
  return /^(resolved|ok)$/i.test(status?.trim() ?? '');
}

function texts(values: Record<string, unknown> | null | undefined): Partial<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value]] : [],
    ),
  );
}

/** The labels in an order of their own: the same for the same alert. */
function labelled(labels: Partial<Record<string, string>>): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => `${name}=${labels[name] ?? ''}`)
    .join(', ');
}
