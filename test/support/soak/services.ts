import type { Emulator } from '../../../emulator/emulator.ts';
import type { Fault } from '../../../emulator/faults/faultPlan.ts';
import type { Script } from '../../../emulator/people/script.ts';

/** @param chance 0..1: most people answer, the others behave in every possible way */
export function scriptFor(chance: number): Script {
  if (chance < 0.7) return { answers: { afterMs: 200 + chance * 1000 } };
  if (chance < 0.8) return { declines: { afterMs: 500 } };
  if (chance < 0.9) return { noAnswer: true };
  if (chance < 0.95) return { busy: true };
  return { unreachable: true };
}

/** The kinds of failures, and their share of requests. */
const faults: readonly Fault[] = [
  { operation: 'createCall', kind: 'status', status: 429, probability: 0.03 },
  { operation: 'createCall', kind: 'status', status: 503, retryAfter: 1, probability: 0.02 },
  { operation: 'createCall', kind: 'reset', when: 'before', probability: 0.02 },
  { operation: 'createCall', kind: 'reset', when: 'after', probability: 0.02 },
  { operation: 'createCall', kind: 'malformed', probability: 0.01 },
  { operation: 'createIdentity', kind: 'status', status: 503, times: 2 },
  { operation: 'play', kind: 'status', status: 500, probability: 0.02 },
  { operation: 'terminateCall', kind: 'status', status: 500, probability: 0.02 },
  { operation: 'terminateCall', kind: 'reset', when: 'after', probability: 0.02 },
  { operation: 'getCall', kind: 'status', status: 503, probability: 0.05 },
  { operation: 'callbackKeys', kind: 'status', status: 503, probability: 0.1 },
  { operation: 'graph.*', kind: 'status', status: 503, retryAfter: 1, probability: 0.01 },
  { operation: 'graph.*', kind: 'reset', when: 'after', probability: 0.01 },
  { operation: 'connector.replyToActivity', kind: 'status', status: 429, probability: 0.01 },
  { operation: 'connector.replyToActivity', kind: 'status', status: 502, probability: 0.01 },
  { operation: 'connector.updateActivity', kind: 'status', status: 429, probability: 0.02 },
  { operation: 'connector.updateActivity', kind: 'status', status: 502, probability: 0.02 },
  { operation: 'connector.updateActivity', kind: 'reset', when: 'after', probability: 0.01 },
];

/**
 * Injects faults into every service.
 *
 * @param drops whether to lose events too
 */
export function addFaults({ eventFaults, faults: plan }: Emulator, drops: boolean): void {
  for (const kind of ['duplicate', 'delay', 'reorder', 'batch', 'unknown'] as const) {
    eventFaults.add({ kind, probability: 0.03 });
  }
  if (drops) eventFaults.add({ kind: 'drop', probability: 0.005 });
  for (const fault of faults) plan.add(fault);
}
