import { z } from 'zod';
import type { Link } from '../escalations/escalation.ts';
import type { Messages } from '../texts/messages.ts';
import {
  detailsOf,
  isLinked,
  linksOf,
  severityOf,
  summaryOf,
  textsOf,
  timeOf,
  type Reading,
  type Signal,
} from './signal.ts';

/**
 * The form that Alertmanager's webhook (version 4) and Grafana's unified alerting share: a group of alerts, each with its
 * own status. Sources: prometheus/alertmanager template/template.go; grafana/alerting templates/template_data.go.
 *
 * Only the fields that are used are parsed, and optional ones may have any form: people customise these payloads.
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
  imageURL: words,
  valueString: words,
  ruleUID: words,
});

const groupSchema = z.object({
  status: words,
  groupKey: words,
  truncatedAlerts: z.number().catch(0).default(0),
  groupLabels: named,
  commonLabels: named,
  commonAnnotations: named,
  externalURL: words,
  alerts: z.array(alertSchema),
});

type Alert = z.infer<typeof alertSchema>;
type Group = z.infer<typeof groupSchema>;

/** The fields that tell whether an alert is a sender's test. */
export interface GroupAlert {
  labels: Readonly<Record<string, string>>;
  generatorURL: string;
  ruleUID: string;
}

/**
 * Reads a group. The dedup key of an alert is its fingerprint, so that each is resolved by itself.
 *
 * @param isTest whether somebody only pressed the sender's Test button
 */
export function readGroup(
  body: unknown,
  texts: Messages['alerts'],
  isTest: (alert: GroupAlert) => boolean = () => false,
): Reading {
  const parsed = groupSchema.safeParse(body);
  if (!parsed.success)
    return { problem: 'The body has no list `alerts` in the form that the webhook sends.' };
  const group = parsed.data;
  const listed = group.alerts.map((alert): Signal => {
    const signal = signalOf(group, alert, texts);
    const { generatorURL, ruleUID } = alert;
    const known = { labels: textsOf(alert.labels), generatorURL: generatorURL ?? '', ruleUID: ruleUID ?? '' };
    if (signal.action !== 'open' || !isTest(known)) return signal;
    const { summary, details, links } = signal;
    return { action: 'test', summary, details, links };
  });
  return { signals: openFirst([...listed, ...unlisted(group, texts)]) };
}

/**
 * Puts opened alerts before resolved ones, since all of a group happened at the same time. A new alert then joins the
 * escalation before that ends, and nobody is called twice. If the group has one alert twice, its order stays: the last
 * one counts.
 */
function openFirst(signals: Signal[]): Signal[] {
  const keys = signals.flatMap((signal) => ('dedupKey' in signal ? [signal.dedupKey] : []));
  if (new Set(keys).size < keys.length) return signals;
  const isOpen = ({ action }: Signal): boolean => action === 'open';
  return [...signals.filter(isOpen), ...signals.filter((signal) => !isOpen(signal))];
}

/** Annotations that describe the problem. The card shows them without their names. */
const DESCRIBING = ['summary', 'title', 'description', 'message'] as const;
/** Annotations that become links if a person can open the address. */
const LINKING: ReadonlySet<string> = new Set(['runbook_url', 'runbook', 'dashboard_url']);

function signalOf(group: Group, alert: Alert, texts: Messages['alerts']): Signal {
  const own = textsOf(alert.labels);
  const dedupKey = alert.fingerprint?.trim() || labelled(own) || group.groupKey?.trim() || 'alert';
  const startedAt = timeOf(alert.startsAt);
  if (isResolved(alert.status ?? group.status)) {
    return { action: 'resolve', dedupKey, startedAt, endedAt: timeOf(alert.endsAt) };
  }
  const labels = { ...textsOf(group.groupLabels), ...textsOf(group.commonLabels), ...own };
  const annotations = { ...textsOf(group.commonAnnotations), ...textsOf(alert.annotations) };
  const { description = annotations['message'], summary: said } = annotations;
  const { severity, ...about } = labels;
  const plain = summaryOf(
    said,
    annotations['title'],
    description,
    about['alertname'],
    labelled(about),
    'Alert',
  );
  const summary = inState(plain, { labels, annotations }, texts);
  const links = linksOf([
    { text: 'Runbook', href: annotations['runbook_url'] },
    { text: 'Runbook', href: annotations['runbook'] },
    { text: 'Dashboard', href: annotations['dashboard_url'] },
    { text: 'Dashboard', href: alert.dashboardURL },
    { text: 'Panel', href: alert.panelURL },
    { text: 'Image', href: alert.imageURL },
    { text: 'Rule', href: alert.generatorURL },
    { text: 'Silence', href: alert.silenceURL },
    { text: 'Alertmanager', href: group.externalURL },
  ]);
  return {
    action: 'open',
    dedupKey,
    summary,
    details: detailsOf(
      ...unsaid(annotations, summary, links),
      labelled(labels),
      alert.valueString === '[no value]' ? null : alert.valueString,
      alert.startsAt ? `Since ${alert.startsAt}` : null,
    ),
    severity: severityOf(severity ?? labels['priority']),
    links,
    group: group.groupKey ?? null,
    startedAt,
  };
}

/**
 * The annotations that are neither in the summary nor among the links, unchanged: a text whose template failed shows what
 * to fix.
 */
function unsaid(
  annotations: Readonly<Record<string, string>>,
  summary: string,
  links: readonly Link[],
): string[] {
  const describing = DESCRIBING.flatMap((name) => annotations[name] ?? []).filter(
    (text) => text.replace(/\s+/g, ' ').trim() !== summary,
  );
  const others = Object.entries(annotations).filter(([name, text]) => {
    if (DESCRIBING.some((one) => one === name)) return false;
    if (name === 'grafana_state_reason') return !NO_DATA.test(text) && !QUERY_FAILED.test(text);
    return !LINKING.has(name) || !isLinked(text, links);
  });
  return [...new Set(describing), ...others.map(([name, text]) => `${name}: ${text}`)];
}

/** Grafana's reasons that the summary puts into words. */
const NO_DATA = /^nodata\b/i;
const QUERY_FAILED = /^error\b/i;

/**
 * Grafana also fires if a rule got no data or its query failed: with an alert of a special name, whose labels name the
 * rule, or with the rule's own alert and the reason as an annotation, depending on the rule. The rule's summary describes
 * a threshold, about which nothing is known then, so the reason replaces it.
 * Source: Grafana's documentation, "No Data and Error states".
 */
function inState(
  summary: string,
  { labels, annotations }: Record<'labels' | 'annotations', Readonly<Record<string, string>>>,
  texts: Messages['alerts'],
): string {
  const { alertname, rulename } = labels;
  if (alertname === 'DatasourceNoData') return summaryOf(texts.noData({ name: rulename ?? summary }));
  if (alertname === 'DatasourceError') return summaryOf(texts.queryFailed({ name: rulename ?? summary }));
  const reason = annotations['grafana_state_reason'] ?? '';
  const name = alertname ?? summary;
  if (NO_DATA.test(reason)) return summaryOf(texts.noData({ name }));
  return QUERY_FAILED.test(reason) ? summaryOf(texts.queryFailed({ name })) : summary;
}

/**
 * The alerts that the sender truncated from its list. While the group fires, one alert stands for all of them. When the
 * group is resolved, all alerts that it ever listed are resolved too.
 */
function unlisted(group: Group, texts: Messages['alerts']): Signal[] {
  const { groupKey, truncatedAlerts: count } = group;
  if (!groupKey) return [];
  const dedupKey = `unlisted ${groupKey}`;
  if (isResolved(group.status)) {
    return count > 0 ? [{ action: 'resolveGroup', group: groupKey }] : [{ action: 'resolve', dedupKey }];
  }
  if (count <= 0) return [{ action: 'resolve', dedupKey }];
  const labels = textsOf(group.groupLabels);
  return [
    {
      action: 'open',
      dedupKey,
      summary: summaryOf(texts.unlisted({ count, name: labels['alertname'] ?? groupKey })),
      details: labelled(labels) || null,
      severity: 'critical',
      links: linksOf([{ text: 'Alertmanager', href: group.externalURL }]),
      group: groupKey,
    },
  ];
}

function isResolved(status: string | null | undefined): boolean {
  return /^(resolved|ok)$/i.test(status?.trim() ?? '');
}

/** The labels sorted by name, so that the same alert always gets the same text. */
function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => `${name}=${labels[name] ?? ''}`)
    .join(', ');
}
