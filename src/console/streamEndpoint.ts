import { z } from 'zod';
import { oneOfWords, only } from '../http/api/input.ts';
import { RingdownError } from '../errors.ts';
import { consoleEndpoint, noBody, type ConsoleEndpoint } from './endpoint.ts';
import type { Live } from './stream.ts';
import type { View, ViewName } from './view.ts';

const names = [
  'now',
  'call',
  'escalation',
  'duty',
  'policies',
  'policy',
  'health',
] as const satisfies ViewName[];

const query = only({
  view: oneOfWords(names),
  id: z.string().max(200).default('').describe('Of what the view shows.'),
});

const line = z.union([
  z.object({ view: z.looseObject({}) }),
  z.object({ alive: z.literal(true) }),
  z.object({ signIn: z.literal(true) }),
]);

/** `GET /console/api/stream?view=…&id=…`: a view, now and whenever it changes. */
export function streamEndpoint({ views, live }: { views: readonly View[]; live: Live }): ConsoleEndpoint {
  return consoleEndpoint({
    method: 'GET',
    path: '/console/api/stream',
    operation: 'consoleStream',
    summary: 'Stream a view: a line of JSON now, and another whenever it changes',
    body: noBody,
    query,
    status: 200,
    answer: line,
    answerType: 'application/x-ndjson',
    errors: ['not_found', 'rate_limited'],
    examples: { answer: { view: {} } },
    async handle({ session, query: { view: name, id } }) {
      const view = views.find((one) => one.name === name);
      if (!view) throw new RingdownError('not_found');
      return {
        status: 200,
        body: await live.open(view, id, session),
        // Proxies such as nginx would hold lines back.
        headers: { 'Content-Type': 'application/x-ndjson', 'X-Accel-Buffering': 'no' },
      };
    },
  });
}
