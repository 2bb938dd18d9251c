import type { LiveCall } from './call.ts';

/**
 * `CallConnectionProperties`. In the answer to createCall `serverCallId` is absent (recorded); later answers have it.
 */
export function propertiesOf({ record, target, source }: LiveCall): Record<string, unknown> {
  return {
    callConnectionId: record.callConnectionId,
    ...(record.connectedAt === null ? {} : { serverCallId: record.serverCallId }),
    targets: [target],
    callConnectionState: record.state,
    callbackUri: record.callbackUri,
    sourceDisplayName: record.displayName ?? '',
    ...(source ? { source } : {}),
    correlationId: record.correlationId,
  };
}
