import { z } from 'zod';
import type { FaultPlan } from '../faults/faultPlan.ts';
import { statusAnswer } from '../faults/spoiledAnswers.ts';
import { Refusal, json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { Router, bodyOf } from '../http/router.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import { badRequest } from './errors.ts';

const mostRequests = 20;

const Batch = z.looseObject({
  requests: z
    .array(
      z.looseObject({
        id: z.string(),
        method: z.string(),
        url: z.string(),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.unknown().optional(),
        dependsOn: z.array(z.string()).optional(),
      }),
    )
    .min(1),
});
type Part = z.infer<typeof Batch>['requests'][number];

/**
 * `$batch`: up to 20 requests in one, each with its own status. A request gets 424 if one in its `dependsOn` failed.
 * Source: "Combine multiple HTTP requests using JSON batching" (https://learn.microsoft.com/graph/json-batching).
 */
export function batchHandler(routes: Route[], faults: FaultPlan): Handler {
  const router = new Router(routes);
  return async (request) => {
    const parsed = Batch.safeParse(bodyOf(request));
    if (!parsed.success) throw badRequest('Invalid batch payload format.');
    const parts = parsed.data.requests;
    if (new Set(parts.map(({ id }) => id.toLowerCase())).size < parts.length) {
      throw badRequest('The ids of the requests in a batch must be unique.');
    }
    if (parts.some(({ body, headers = {} }) => body !== undefined && !hasContentType(headers))) {
      throw badRequest('A request with a body needs a Content-Type header.');
    }
    if (parts.length > mostRequests) throw badRequest(`The batch has more than ${mostRequests} requests.`);
    const statuses = new Map<string, number>();
    const responses: object[] = [];
    for (const part of parts) {
      const failed = (part.dependsOn ?? []).some((id) => (statuses.get(id) ?? 424) >= 400);
      const answer = failed ? failedDependency() : await run(router, faults, request, part);
      statuses.set(part.id, answer.status);
      responses.push(response(part.id, answer));
    }
    // Graph does not guarantee the order.
    return json(200, { responses: responses.toReversed() });
  };
}

function hasContentType(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
}

async function run(router: Router, faults: FaultPlan, outer: EmulatorRequest, part: Part): Promise<Answer> {
  const path = `/v1.0/${part.url.replace(/^\/+/, '').replace(/^v1\.0\//, '')}`;
  const url = new URL(path, outer.url);
  const found = router.match(part.method, url.pathname);
  if (!found) return badRequest('Resource not found for the segment.').answer;
  const fault = faults.take(found.route.operation);
  if (fault?.kind === 'status') return statusAnswer(fault);
  const headers: Record<string, string> = { authorization: outer.headers['authorization'] ?? '' };
  for (const [name, value] of Object.entries(part.headers ?? {})) headers[name.toLowerCase()] = value;
  const body = Buffer.from(part.body === undefined ? '' : JSON.stringify(part.body));
  const { operation } = found.route;
  const inner = {
    method: part.method,
    url,
    target: path,
    params: found.params,
    headers,
    body,
    operation,
    at: outer.at,
  };
  try {
    const answer = await found.route.handle(inner);
    return 'stream' in answer ? badRequest('Not possible in a batch.').answer : answer;
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function failedDependency(): Answer {
  return json(424, {
    error: { code: 'FailedDependency', message: 'A request that this one depends on has failed.' },
  });
}

/** JSON as an object, everything else as base64. */
function response(id: string, { status, headers, body }: Answer): object {
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  if (body === null) return { id, status, headers };
  const content: unknown = isJson ? JSON.parse(body.toString('utf8')) : body.toString('base64');
  return { id, status, headers, body: content };
}
