import { randomUUID } from 'node:crypto';
import { Refusal, json } from '../http/answer.ts';

/** Errors in Graph's shape, one factory each. */
function refusal(status: number, code: string, message: string): Refusal {
  const id = randomUUID();
  const innerError = { 'request-id': id, 'client-request-id': id };
  return new Refusal(message, json(status, { error: { code, message, innerError } }));
}

export const noToken = (): Refusal => refusal(401, 'InvalidAuthenticationToken', 'Access token is empty.');

export const badToken = (): Refusal =>
  refusal(401, 'InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.');

export const requestDenied = (): Refusal =>
  refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

/**
 * The wording comes from issues of microsoftgraph/microsoft-graph-docs (16666) and MicrosoftDocs/msteams-docs (6820).
 */
export const notAllowedToManage = (applicationId: string): Refusal =>
  refusal(403, 'Forbidden', `AAD App Id '${applicationId}' is not allowed to manage the Teams App ''.`);

export const notFound = (id: string): Refusal =>
  refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const photoNotFound = (): Refusal =>
  refusal(404, 'ImageNotFound', 'Exception of type ImageNotFoundException was thrown.');

export const badRequest = (message: string): Refusal => refusal(400, 'Request_BadRequest', message);

/** For queries that need `ConsistencyLevel: eventual`. */
export const unsupportedQuery = (message: string): Refusal =>
  refusal(400, 'Request_UnsupportedQuery', message);

export const conflict = (message: string): Refusal => refusal(409, 'Conflict', message);
