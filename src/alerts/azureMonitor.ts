import { z } from 'zod';
import type { Severity } from '../escalations/escalation.ts';
import { detailsOf, linksOf, summaryOf, timeOf, type Reading } from './signal.ts';

/**
 * Azure Monitor's common alert schema. Source: azure-monitor-docs, alerts/alerts-common-schema.md. A threshold may be
 * text or a number, customProperties may be null, and alerts of stateless rules never come as resolved.
 */
const words = z.string().nullish().catch(null);
const list = z.array(z.string()).nullish().catch(null);
const value = z.union([z.string(), z.number()]).nullish().catch(null);

const bodySchema = z.object({
  schemaId: z.literal('azureMonitorCommonAlertSchema'),
  data: z.object({
    essentials: z.object({
      alertId: words,
      originAlertId: words,
      alertRule: words,
      severity: words,
      monitorCondition: z.string(),
      monitoringService: words,
      alertTargetIDs: list,
      configurationItems: list,
      firedDateTime: words,
      resolvedDateTime: words,
      description: words,
      investigationLink: words,
    }),
    alertContext: z
      .object({
        condition: z
          .object({
            allOf: z
              .array(
                z.object({
                  metricName: words,
                  metricMeasureColumn: words,
                  operator: words,
                  threshold: value,
                  timeAggregation: words,
                  metricValue: value,
                }),
              )
              .nullish()
              .catch(null),
          })
          .nullish()
          .catch(null),
      })
      .nullish()
      .catch(null),
  }),
});

type Condition = NonNullable<
  NonNullable<NonNullable<z.infer<typeof bodySchema>['data']['alertContext']>['condition']>['allOf']
>[number];

const severities: Readonly<Record<string, Severity>> = {
  sev0: 'critical',
  sev1: 'error',
  sev2: 'warning',
  sev3: 'info',
  sev4: 'info',
};

export function readAzureMonitor(body: unknown): Reading {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    return {
      problem:
        'The body is not of the common alert schema: turn it on for this action ("Enable the common alert schema").',
    };
  }
  const { essentials, alertContext } = parsed.data.data;
  const { alertId, originAlertId, alertRule, alertTargetIDs, configurationItems } = essentials;
  const targets = alertTargetIDs ?? [];
  const dedupKey = alertId || originAlertId || `${alertRule ?? ''} ${targets.join(' ')}`;
  const startedAt = timeOf(essentials.firedDateTime);
  if (/^(resolved|closed)$/i.test(essentials.monitorCondition)) {
    const endedAt = timeOf(essentials.resolvedDateTime);
    return { signals: [{ action: 'resolve', dedupKey, startedAt, endedAt }] };
  }
  const items = configurationItems ?? [];
  const what = [alertRule, essentials.description].filter((part) => part?.trim()).join(': ');
  return {
    signals: [
      {
        action: 'open',
        dedupKey,
        summary: summaryOf(what, essentials.monitoringService, 'Azure Monitor'),
        details: detailsOf(
          items.length > 0 ? `On ${items.join(', ')}` : targets.join('\n'),
          ...(alertContext?.condition?.allOf ?? []).map(conditionWords),
          essentials.firedDateTime ? `Since ${essentials.firedDateTime}` : null,
        ),
        severity: severities[essentials.severity?.toLowerCase() ?? ''] ?? 'critical',
        links: linksOf([
          { text: 'Investigate', href: essentials.investigationLink },
          ...targets.map((id) => ({
            text: id.split('/').at(-1) ?? 'Resource',
            href: id.startsWith('/') ? `https://portal.azure.com/#resource${encodeURI(id)}` : null,
          })),
        ]),
        group: null,
        startedAt,
      },
    ],
  };
}

function conditionWords(condition: Condition): string {
  const { metricName, metricMeasureColumn, operator, threshold, timeAggregation, metricValue } = condition;
  const measured = [metricName ?? metricMeasureColumn, timeAggregation && `(${timeAggregation})`];
  return [
    ...measured,
    operator,
    threshold,
    metricValue !== null && metricValue !== undefined && `: ${metricValue}`,
  ]
    .filter((part) => part !== null && part !== undefined && part !== false && part !== '')
    .join(' ')
    .replace(' : ', ': ');
}
