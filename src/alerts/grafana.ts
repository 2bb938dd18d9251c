import { z } from 'zod';
import { readGroup } from './prometheusGroup.ts';
import { detailsOf, linksOf, summaryOf, type Reading } from './signal.ts';

/** Before unified alerting (Grafana 8 and older) one rule is one alert. */
const legacySchema = z.object({
  ruleId: z.union([z.number(), z.string().min(1)]),
  ruleName: z.string().nullish().catch(null),
  state: z.string(),
  title: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  ruleUrl: z.string().nullish().catch(null),
  imageUrl: z.string().nullish().catch(null),
});

/** Grafana's webhook: unified alerting, or the body that came before it. */
export function readGrafana(body: unknown): Reading {
  const unified = readGroup(body);
  if ('signals' in unified) return unified;
  const legacy = legacySchema.safeParse(body);
  if (!legacy.success) return { problem: 'The body has neither a list `alerts` nor `ruleId` and `state`.' };
  const { ruleId, ruleName, title, message, ruleUrl, imageUrl } = legacy.data;
  const dedupKey = `rule ${ruleId}`;
  switch (legacy.data.state.toLowerCase()) {
    case 'ok':
      return { signals: [{ action: 'resolve', dedupKey }] };
    case 'alerting':
    case 'no_data':
    case 'execution_error':
      return {
        signals: [
          {
            action: 'open',
            dedupKey,
            summary: summaryOf(title, ruleName, message, `Rule ${ruleId}`),
            details: detailsOf(message),
            severity: 'critical',
            links: linksOf([
              { text: 'Rule', href: ruleUrl },
              { text: 'Image', href: imageUrl },
            ]),
            group: null,
          },
        ],
      };
    default:
      // paused, pending: nobody needs to be called for it.
      return { signals: [] };
  }
}
