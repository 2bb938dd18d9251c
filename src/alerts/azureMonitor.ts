import { z } from 'zod';
import type { Severity } from '../escalations/escalation.ts';
import type { Messages } from '../texts/messages.ts';
import { readContext, type ContextReading } from './azureContexts.ts';
import { lastPart, sentence } from './azureWords.ts';
import { detailsOf, linksOf, summaryOf, textsOf, timeOf, type Reading } from './signal.ts';
import { lookUp } from '../config/lookUp.ts';

/**
 * Azure Monitor's common alert schema. Source: azure-monitor-docs, alerts/alerts-common-schema.md and
 * alerts-payload-samples.md. Which essentials are missing depends on the monitoring service (cost alerts have no rule, no
 * severity and sometimes no condition), customProperties may be null, and stateless rules never report a resolved alert.
 */
const words = z.string().nullish().catch(null);
const list = z.array(z.string()).nullish().catch(null);

const bodySchema = z.object({
  schemaId: z.literal('azureMonitorCommonAlertSchema'),
  data: z.object({
    essentials: z.object({
      alertId: words,
      originAlertId: words,
      alertRule: words,
      severity: words,
      monitorCondition: words,
      monitoringService: words,
      alertTargetIDs: list,
      configurationItems: list,
      firedDateTime: words,
      resolvedDateTime: words,
      description: words,
      investigationLink: words,
    }),
    alertContext: z.unknown().optional(),
    customProperties: z.record(z.string(), z.unknown()).nullish().catch(null),
  }),
});

type Essentials = z.infer<typeof bodySchema>['data']['essentials'];

const severities: Readonly<Record<string, Severity>> = {
  sev0: 'critical',
  sev1: 'error',
  sev2: 'warning',
  sev3: 'info',
  sev4: 'info',
};

export function readAzureMonitor(body: unknown, texts: Messages['alerts'], portalUrl: string): Reading {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    return {
      problem:
        'The body does not follow the common alert schema: turn it on for this action ("Enable the common alert schema").',
    };
  }
  const { essentials, alertContext, customProperties } = parsed.data.data;
  const { alertId, originAlertId, alertRule, description, monitoringService } = essentials;
  const targets = essentials.alertTargetIDs ?? [];
  const context = readContext(alertContext, { description: summaryOf(description), texts });
  const own = alertId || originAlertId || `${alertRule ?? ''} ${targets.join(' ')}`;
  const dedupKey = context.key?.({ own, targets: targets.join(' ').toLowerCase() }) ?? own;
  const startedAt = timeOf(essentials.firedDateTime);
  const isTest = isSample(essentials, context);
  if (
    !isTest &&
    (context.isResolved || /^(resolved|closed)$/i.test(essentials.monitorCondition?.trim() ?? ''))
  ) {
    const endedAt = timeOf(essentials.resolvedDateTime);
    return { signals: [{ action: 'resolve', dedupKey, startedAt, endedAt }] };
  }
  const items = (essentials.configurationItems ?? []).filter(isAffected).map(lastPart);
  const summary = summaryOf(
    sentence(
      context.isWhole
        ? { rule: '', what: context.what, where: context.where }
        : { rule: alertRule ?? '', what: context.what, where: [...context.where, ...items] },
    ),
    alertRule,
    monitoringService,
    'Azure Monitor',
  );
  const isSaid = (text: string): boolean => {
    const line = summaryOf(text);
    return line !== '' && summary.includes(line);
  };
  const details = detailsOf(
    items.length > 0 ? `On ${items.join(', ')}` : targets.join('\n'),
    description && !isSaid(description) ? description : null,
    alertRule && !isSaid(alertRule) ? `Rule: ${alertRule}` : null,
    ...context.details,
    ...Object.entries(textsOf(customProperties)).map(([name, text]) => `${name}: ${text}`),
    essentials.firedDateTime ? `Since ${essentials.firedDateTime}` : null,
  );
  const links = linksOf([
    ...context.links,
    { text: 'Investigate', href: essentials.investigationLink },
    ...targets.map((id) => ({
      text: lastPart(id) || 'Resource',
      href: id.startsWith('/') ? `${portalUrl}/#resource${encodeURI(id.toWellFormed())}` : null,
    })),
  ]);
  if (isTest) return { signals: [{ action: 'test', summary, details, links }] };
  const severity = lookUp(severities, essentials.severity?.toLowerCase()) ?? 'critical';
  return {
    signals: [{ action: 'open', dedupKey, summary, details, severity, links, group: null, startedAt }],
  };
}

/** Excludes Log Analytics workspaces, which only hold the data, and budgets, which the context names. */
function isAffected(item: string): boolean {
  return item !== 'budgets' && !/\/microsoft\.operationalinsights\/workspaces\/[^/]+$/i.test(item);
}

/** The rules in the samples that the Test button of an action group sends. */
const SAMPLE_RULES: ReadonlySet<string> = new Set([
  'test-activityLogAlertRule',
  'test-availabilityTest-test-applicationInsights',
  'test-logAlertRule-v1-metricMeasurement',
  'test-logAlertRule-v1-numResults',
  'test-logAlertRule-v2',
  'test-dynamicMetricAlertRule',
  'test-metricAlertRule',
  'test-ResourceHealthAlertRule',
  'test-ServiceHealthAlertRule',
  'test-SmartAlertRule',
]);

/**
 * Whether it is a sample of the Test button. Both the rule and the resource must be the sample's: a real alert mistaken
 * for a test would call almost nobody. Source: azure-monitor-docs, "Sample payloads for test actions".
 */
function isSample({ alertId, alertRule, alertTargetIDs }: Essentials, { what }: ContextReading): boolean {
  if (/\/Microsoft\.CostManagement\/alerts\/Test_Alert$/i.test(alertId ?? '')) return true;
  if (!SAMPLE_RULES.has(alertRule ?? '')) return false;
  const targets = alertTargetIDs ?? [];
  return (
    (targets.length > 0 && targets.every((id) => /\/resourcegroups\/test-rg\//i.test(id))) ||
    what === 'TestActionGroup-TestServiceHealthAlert'
  );
}
