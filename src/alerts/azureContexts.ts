import { z } from 'zod';
import type { AlertTexts } from '../texts/alertTexts.ts';
import { dimensionWords, operationWords, withoutHtml } from './azureWords.ts';
import { isLinked, linksOf, summaryOf, textsOf, withoutMishaps } from './signal.ts';

/**
 * What the `alertContext` of Azure Monitor's common schema says, by what is in it: its form is that of the monitoring
 * service, whose name is written in several ways. Source: azure-monitor-docs, alerts/alerts-payload-samples.md.
 */
export interface Told {
  /** What is the matter, in words that can be spoken. */
  what: string;
  /** `what` says it all: the name of the rule adds nothing. */
  isWhole: boolean;
  /** Where: resources, regions, values of dimensions. */
  where: string[];
  details: string[];
  links: { text: string; href: string | null | undefined }[];
  /** It says that something is over, whatever the essentials say. */
  isOver: boolean;
  /** What the alert is about, where each piece of news has an alert of its own; else its own id says it. */
  key?: (of: { own: string; targets: string }) => string;
}

interface Given {
  /** The rule's, on one line. */
  description: string;
  texts: AlertTexts;
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
    // Log alerts V1, which are written in capitals.
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
    // Whatever comes from the activity log: service and resource health, too.
    eventSource: z.union([z.string(), z.number()]).nullish().catch(null),
    operationName: words,
    status: words,
    caller: words,
    'Activity Log Event Description': words,
  })
  .catch({});
type Context = z.infer<typeof contextSchema>;

export function readContext(given: unknown, rule: Given): Told {
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

const plain: Pick<Told, 'isWhole' | 'isOver' | 'links'> = { isWhole: false, isOver: false, links: [] };

/** Metrics, dynamic or not, availability tests, and searches of logs, old and new. */
function measured(context: Context, properties: Record<string, string>, { description }: Given): Told {
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

function prometheus({ labels, annotations, expression, expressionValue }: Context, rule: Given): Told {
  const {
    summary,
    title,
    description,
    runbook_url: runbook,
    dashboard_url: dashboard,
    ...more
  } = textsOf(annotations);
  const about = textsOf(labels);
  const said = [summary, title, description].find((text) => text && withoutMishaps(text));
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

/** Whether it can be said just as it is. */
function isWhole(text: string): boolean {
  return summaryOf(text) === text.replace(/\s+/g, ' ').trim();
}

function detection({ DetectionSummary, DetectedValue, NormalValue }: Context, { description }: Given): Told {
  const values = [DetectedValue, NormalValue && `(${NormalValue})`].filter(isThere).join(' ');
  return { ...plain, what: DetectionSummary || description, where: [], details: [values] };
}

/** Budgets, credit and quotas. Each threshold of a budget is an alert of its own: the second must not be silent. */
function budget(data: Record<string, string>, { description, texts }: Given): Told {
  const { BudgetName: name, SpentAmount, BudgetThreshold, NotificationThresholdAmount, ThresholdType } = data;
  const isForecast = /^forecast/i.test(ThresholdType ?? '');
  const spent = (isForecast ? data['ForecastedTotalForPeriod'] : undefined) ?? SpentAmount;
  const of = BudgetThreshold ?? NotificationThresholdAmount;
  const whole = name && spent && of ? texts.budget({ name, spent, of, isForecast }) : '';
  // What Azure wrote says more, if it names the budget and the amount.
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

/** Over, or never to be: what these stages of an incident or of maintenance say calls nobody. */
const OVER = /^(resolved|rca|complete[d]?|cancell?ed)$/i;

/** Each piece of news of one incident is an alert of its own for Azure; it is the incident that is opened and resolved. */
function serviceHealth(context: Context, properties: Record<string, string>, { description }: Given): Told {
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
    isOver: OVER.test(context.status ?? '') || OVER.test(stage),
    ...(trackingId && { key: ({ targets }) => `service health ${trackingId} ${targets}`.trim() }),
  };
}

/** As with service health: available again comes as another alert, of the same resource. */
function resourceHealth(properties: Record<string, string>, context: Context, { description }: Given): Told {
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
    isOver:
      OVER.test(context.status ?? '') ||
      /\/Resolved\/action$/i.test(context.operationName ?? '') ||
      /^available$/i.test(now),
    key: ({ own, targets }) => (targets ? `resource health ${targets}` : own),
  };
}

/** What somebody did, a policy, autoscale, the Security Centre, a recommendation. */
function activity(context: Context, properties: Record<string, string>, { description }: Given): Told {
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
    isOver: /^resolved$/i.test(status ?? ''),
  };
}

/** Longer ones are documents of their own, for programs. */
const LONGEST_LINE = 300;

function lines(values: Record<string, string>, sign = ': '): string[] {
  return Object.entries(values)
    .filter(([, text]) => text.length <= LONGEST_LINE)
    .map(([name, text]) => `${name}${sign}${text}`);
}
