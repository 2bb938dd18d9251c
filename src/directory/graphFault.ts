import { z } from 'zod';

/** Why a request to Graph failed, in words for the operator. */
export class GraphFault extends Error {
  readonly status: number | null;
  /** Graph's own error code, such as `Authorization_RequestDenied`. */
  readonly graphCode: string | null;

  constructor(
    message: string,
    options: { status?: number; graphCode?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'GraphFault';
    this.status = options.status ?? null;
    this.graphCode = options.graphCode ?? null;
  }
}

const ErrorBody = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }),
});

/** Describes an answer that reports a failure. @param permission the application permission that the request needs */
export function faultOf(
  answer: { status: number; body: unknown } | undefined,
  permission?: string,
): GraphFault {
  if (!answer) return new GraphFault('Microsoft Graph did not answer.');
  const parsed = ErrorBody.safeParse(answer.body);
  const graphCode = parsed.data?.error.code ?? null;
  const options = { status: answer.status, graphCode };
  const said = [graphCode, parsed.data?.error.message].filter(Boolean).join(': ').slice(0, 500);
  const saying = said === '' ? '' : ` Graph says: ${said}`;
  if (answer.status === 401) {
    return new GraphFault(
      `Microsoft Graph does not accept the token. Check the identity of this machine and its tenant, and that AZURE_CLOUD and GRAPH_URL match them.${saying}`,
      options,
    );
  }
  if (answer.status === 403) {
    return new GraphFault(
      `Microsoft Graph requires the application permission ${permission ?? 'for this'}, which is missing. Grant it to Ringdown's identity with admin consent.${saying}`,
      options,
    );
  }
  if (answer.status === 429) return new GraphFault(`Microsoft Graph throttles this app.${saying}`, options);
  return new GraphFault(`Microsoft Graph answered ${answer.status}.${saying}`, options);
}
