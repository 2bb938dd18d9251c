import { z } from 'zod';
import type { Messages } from '../texts/messages.ts';
import { readGroup, type GroupAlert } from './prometheusGroup.ts';
import { detailsOf, linksOf, summaryOf, type Reading } from './signal.ts';

/** Legacy alerting (Grafana 8 and older): one rule is one alert. */
const legacySchema = z.object({
  ruleId: z.union([z.number(), z.string().min(1)]),
  ruleName: z.string().nullish().catch(null),
  state: z.string(),
  title: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  ruleUrl: z.string().nullish().catch(null),
  imageUrl: z.string().nullish().catch(null),
});

/** Grafana's webhook, of unified or of legacy alerting. */
export function readGrafana(body: unknown, words: Messages['alerts']): Reading {
  const unified = readGroup(body, words, isTest);
  if ('signals' in unified) return unified;
  const legacy = legacySchema.safeParse(body);
  if (!legacy.success) return { problem: 'The body has neither a list `alerts` nor `ruleId` and `state`.' };
  const { ruleId, ruleName, title, message, ruleUrl, imageUrl } = legacy.data;
  const dedupKey = `rule ${ruleId}`;
  const links = linksOf([
    { text: 'Rule', href: ruleUrl },
    { text: 'Image', href: imageUrl },
  ]);
  const name = summaryOf(ruleName, title, `Rule ${ruleId}`);
  switch (legacy.data.state.toLowerCase()) {
    case 'ok':
      return { signals: [{ action: 'resolve', dedupKey }] };
    case 'paused':
    case 'pending':
    case 'unknown':
      // Nothing is known to be wrong, so there is nobody to call.
      return { signals: [] };
    case 'alerting':
    case 'no_data':
    case 'execution_error': {
      const state = legacy.data.state.toLowerCase();
      // No rule has this number: somebody pressed the Test button of the notification channel.
      if (Number(ruleId) === 0) {
        return { signals: [{ action: 'test', summary: name, details: detailsOf(message), links }] };
      }
      const summary =
        state === 'no_data'
          ? words.noData({ name })
          : state === 'execution_error'
            ? words.queryFailed({ name })
            : summaryOf(title, name, message);
      const details = detailsOf(message);
      return {
        signals: [{ action: 'open', dedupKey, summary, details, severity: 'critical', links, group: null }],
      };
    }
    default:
      return { problem: 'The body has a `state` that Grafana does not document.' };
  }
}

/**
 * The Test button of a contact point: an alert of this name that no rule fired. Source: grafana/alerting
 * notify/receivers.go (newTestAlert), whose alert has no generatorURL; Grafana adds at most the organisation to it.
 */
function isTest({ labels, generatorURL, ruleUID }: GroupAlert): boolean {
  return labels['alertname'] === 'TestAlert' && !ruleUID && !/^https?:/i.test(generatorURL.trim());
}
