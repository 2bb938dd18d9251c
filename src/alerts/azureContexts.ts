import { z } from 'zod';
import type { Messages } from '../texts/messages.ts';
import { dimensionWords, operationWords, withoutHtml } from './azureWords.ts';
import { isLinked, linksOf, summaryOf, textsOf, withoutTemplateRemains } from './signal.ts';

/**
 * What the `alertContext` of Azure Monitor's common schema says. Each monitoring service has its own form of context. The
 * content tells which form it is, because the name of the service is spelled in several ways.
 * Source: azure-monitor-docs, alerts/alerts-payload-samples.md.
 */
export interface ContextReading {
  /** What is wrong, in words that can be spoken. */
  what: string;
  /** Whether `what` says everything: the name of the rule adds nothing. */
  isWhole: boolean;
  /** Where: resources, regions, values of dimensions. */
  where: string[];
  details: string[];
  links: { text: string; href: string | null | undefined }[];
  /** Whether the context says that the problem is over, no matter what the essentials say. */
  isResolved: boolean;
  /** The dedup key, if the service sends each update as an alert of its own. Without it, the alert's id is the key. */
  key?: (of: { own: string; targets: string }) => string;
}

interface Rule {
  /** On one line. */
  description: string;
  texts: Messages['alerts'];
}

const words = z.string().nullish().catch(null);
const value = z.union([z.string(), z.number()]).nullish().catch(null);
const named = z.record(z.string(), z.unknown()).nullish().catch(null);
const dimensions = z
  .array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]).transform(String) }))
  .nullish()
  .catch(null);

const condition = z.object({
  metricName: words,
  metricMeasureColumn: words,
  operator: words,
  threshold: value,
  timeAggregation: words,
  metricValue: value,
  webTestName: words,
  dimensions,
  linkToSearchResultsUI: words,
  linkToFilteredSearchResultsUI: words,
});
type Condition = z.infer<typeof condition>;

const contextSchema = z
  .object({
    // Metric alerts, web tests, log alerts V2.
    condition: z
      .object({ allOf: z.array(condition).nullish().catch(null) })
      .nullish()
      .catch(null),
    properties: named,
    // Log alerts V1, whose names begin with capitals.
    Dimensions: dimensions,
    AffectedConfigurationItems: z.array(z.string()).nullish().catch(null),
    ResultCount: value,
    Operator: words,
    Threshold: value,
    LinkToSearchResults: words,
    LinkToFilteredSearchResultsUI: words,
    // Managed Prometheus.
    labels: named,
    annotations: named,
    expression: words,
    expressionValue: value,
    // Smart detection.
    DetectionSummary: words,
    DetectedValue: words,
    NormalValue: words,
    // Cost alerts.
    AlertCategory: words,
    AlertData: named,
    // Everything from the activity log, including service and resource health.
    eventSource: z.union([z.string(), z.number()]).nullish().catch(null),
    operationName: words,
    status: words,
    caller: words,
    'Activity Log Event Description': words,
  })
  .catch({});
type Context = z.infer<typeof contextSchema>;

export function readContext(given: unknown, rule: Rule): ContextReading {
  const context = contextSchema.parse(given ?? {});
  const properties = textsOf(context.properties);
  if (context.AlertData) return budget(textsOf(context.AlertData), rule);
  if (context.annotations || context.labels) return prometheus(context, rule);
  if (context.DetectionSummary) return detection(context, rule);
  if (/ServiceHealth\//i.test(context.operationName ?? '') || properties['trackingId']) {
    return serviceHealth(context, properties, rule);
  }
  if (/healthevent\//i.test(context.operationName ?? '') || properties['currentHealthStatus']) {
    return resourceHealth(properties, context, rule);
  }
  if (context.operationName) return activity(context, properties, rule);
  return measured(context, properties, rule);
}

const plain: Pick<ContextReading, 'isWhole' | 'isResolved' | 'links'> = {
  isWhole: false,
  isResolved: false,
  links: [],
};

/** Metrics (static or dynamic thresholds), availability tests, and log searches V1 and V2. */
function measured(
  context: Context,
  properties: Record<string, string>,
  { description }: Rule,
): ContextReading {
  const conditions = context.condition?.allOf ?? [];
  const all = [...conditions.flatMap((one) => one.dimensions ?? []), ...(context.Dimensions ?? [])];
  const found =
    context.ResultCount === null || context.ResultCount === undefined
      ? null
      : `${context.ResultCount} results (${[context.Operator, context.Threshold].filter(isThere).join(' ')})`;
  return {
    ...plain,
    what: description,
    where: [
      ...all.map(dimensionWords),
      ...conditions.flatMap(({ webTestName }) => webTestName ?? []),
      ...(context.AffectedConfigurationItems ?? []),
    ],
    details: [
      ...conditions.map(conditionWords),
      ...(found === null ? [] : [found]),
      ...all.map(({ name, value: own }) => `${name}: ${own}`),
      ...lines(properties),
    ],
    links: [
      ...conditions.map((one) => ({
        text: 'Results',
        href: one.linkToFilteredSearchResultsUI ?? one.linkToSearchResultsUI,
      })),
      { text: 'Results', href: context.LinkToFilteredSearchResultsUI ?? context.LinkToSearchResults },
    ],
  };
}

function conditionWords(one: Condition): string {
  const { metricName, metricMeasureColumn, operator, threshold, timeAggregation, metricValue } = one;
  const measuredBy = [metricName ?? metricMeasureColumn, timeAggregation && `(${timeAggregation})`];
  const passed = [...measuredBy, operator, threshold].filter(isThere).join(' ');
  return isThere(metricValue) ? `${passed}: ${metricValue}` : passed;
}

function isThere(part: string | number | null | undefined): part is string | number {
  return part !== null && part !== undefined && part !== '';
}

function prometheus(
  { labels, annotations, expression, expressionValue }: Context,
  rule: Rule,
): ContextReading {
  const {
    summary,
    title,
    description,
    runbook_url: runbook,
    dashboard_url: dashboard,
    ...more
  } = textsOf(annotations);
  const about = textsOf(labels);
  const said = [summary, title, description].find((text) => text && withoutTemplateRemains(text));
  const candidates = [
    { text: 'Runbook', href: runbook },
    { text: 'Dashboard', href: dashboard },
  ];
  const links = linksOf(candidates);
  const unlinked = Object.entries({ runbook_url: runbook, dashboard_url: dashboard }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isLinked(entry[1], links),
  );
  return {
    ...plain,
    what: said ?? rule.description,
    isWhole: said !== undefined,
    where: said === undefined ? [about['alertname'] ?? '', about['instance'] ?? about['pod'] ?? ''] : [],
    details: [
      ...[summary, title, description].flatMap((text) =>
        text === undefined || (text === said && isWhole(text)) ? [] : [text],
      ),
      ...lines({ ...more, ...Object.fromEntries(unlinked) }),
      lines(about, '=').join(', '),
      ...(expression ? [`${expression}: ${expressionValue ?? ''}`] : []),
    ],
    links,
  };
}

/** Whether it can be spoken unchanged. */
function isWhole(text: string): boolean {
  return summaryOf(text) === text.replace(/\s+/g, ' ').trim();
}

function detection(
  { DetectionSummary, DetectedValue, NormalValue }: Context,
  { description }: Rule,
): ContextReading {
  const values = [DetectedValue, NormalValue && `(${NormalValue})`].filter(isThere).join(' ');
  return { ...plain, what: DetectionSummary || description, where: [], details: [values] };
}

/** Budgets, credit and quotas. Each threshold of a budget is an alert of its own, so that the second one calls too. */
function budget(data: Record<string, string>, { description, texts }: Rule): ContextReading {
  const { BudgetName: name, SpentAmount, BudgetThreshold, NotificationThresholdAmount, ThresholdType } = data;
  const isForecast = /^forecast/i.test(ThresholdType ?? '');
  const spent = (isForecast ? data['ForecastedTotalForPeriod'] : undefined) ?? SpentAmount;
  const of = BudgetThreshold ?? NotificationThresholdAmount;
  const whole = name && spent && of ? texts.budget({ name, spent, of, isForecast }) : '';
  // Azure's own text says more if it names the budget and the amount.
  const isSaid = name && description.includes(name) && /\d/.test(description.replaceAll(name, ''));
  return {
    ...plain,
    what: isSaid || whole === '' ? description : whole,
    isWhole: true,
    where: [],
    details: lines(data),
    key: ({ own }) => [own, ThresholdType, NotificationThresholdAmount].filter(isThere).join(' '),
  };
}

/** Stages of an incident or of maintenance that is over or cancelled: they call nobody. */
const RESOLVED = /^(resolved|rca|complete[d]?|cancell?ed)$/i;

/** Azure sends each update of an incident as an alert of its own; Ringdown opens and resolves the incident. */
function serviceHealth(
  context: Context,
  properties: Record<string, string>,
  { description }: Rule,
): ContextReading {
  const {
    title,
    defaultLanguageTitle,
    service = '',
    region = '',
    trackingId,
    stage = '',
    communication,
  } = properties;
  const { incidentType, impactStartTime } = properties;
  const said = title ?? defaultLanguageTitle;
  return {
    ...plain,
    what: said ?? description,
    isWhole: said !== undefined,
    where: [service, region],
    details: [
      [incidentType, stage, trackingId].filter(isThere).join(', '),
      [service, region].filter(isThere).join(', '),
      withoutHtml(communication ?? properties['defaultLanguageContent'] ?? ''),
      impactStartTime ? `Impact since ${impactStartTime}` : '',
    ],
    isResolved: RESOLVED.test(context.status ?? '') || RESOLVED.test(stage),
    ...(trackingId && { key: ({ targets }) => `service health ${trackingId} ${targets}`.trim() }),
  };
}

/** As with service health, Azure sends "available again" as another alert; the resource is the key. */
function resourceHealth(
  properties: Record<string, string>,
  context: Context,
  { description }: Rule,
): ContextReading {
  const {
    title,
    details,
    cause,
    currentHealthStatus: now = '',
    previousHealthStatus: before = '',
  } = properties;
  return {
    ...plain,
    what: title ?? description,
    where: [now],
    details: [
      [before, now].filter(isThere).join(' → '),
      withoutHtml(details ?? ''),
      cause ? `Cause: ${cause}` : '',
    ],
    isResolved:
      RESOLVED.test(context.status ?? '') ||
      /\/Resolved\/action$/i.test(context.operationName ?? '') ||
      /^available$/i.test(now),
    key: ({ own, targets }) => (targets ? `resource health ${targets}` : own),
  };
}

/** Other activity: a person, a policy, autoscale, the Security Centre, a recommendation. */
function activity(
  context: Context,
  properties: Record<string, string>,
  { description }: Rule,
): ContextReading {
  const { operationName, status, caller } = context;
  const happened =
    context['Activity Log Event Description'] || properties['title'] || properties['description'];
  const done = [operationWords(operationName ?? ''), status].filter(isThere).join(' ');
  return {
    ...plain,
    what: description || happened || done,
    where: [properties['compromisedEntity'] ?? ''],
    details: [
      happened ?? '',
      [operationName, status].filter(isThere).join(': '),
      caller ? `By ${caller}` : '',
      ...lines(properties),
    ],
    isResolved: /^resolved$/i.test(status ?? ''),
  };
}

/** Longer values are documents for programs. */
const LONGEST_LINE = 300;

function lines(values: Record<string, string>, sign = ': '): string[] {
  return Object.entries(values)
    .filter(([, text]) => text.length <= LONGEST_LINE)
    .map(([name, text]) => `${name}${sign}${text}`);
}
