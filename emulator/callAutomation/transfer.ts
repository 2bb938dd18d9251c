import { parseCodes } from '../people/script.ts';
import type { Ring } from '../phones/ring.ts';
import type { LiveCall } from './call.ts';
import { alreadyTransferring } from './errors.ts';
import type { Identifier } from './identifiers.ts';
import type { MediaContext, MediaParts } from './play.ts';
import { reach } from './reach.ts';
import { results, scriptedResult } from './results.ts';
import type { Result } from './results.ts';

/**
 * Transfers the callee to somebody else. The other phone rings. When it answers, the two are connected and the call
 * is over for the application (CallTransferAccepted, then CallDisconnected 200/7015). Meanwhile the callee hears
 * nothing.
 * @throws Refusal 409
 */
export function transfer(parts: MediaParts, call: LiveCall, target: Identifier, context: MediaContext): void {
  const { calls, timings } = parts;
  if (call.transfer) throw alreadyTransferring();
  call.media.cancelAll();
  calls.setState(call, 'transferring');
  const fail = (result: Result): void => {
    if (!call.transfer) return;
    for (const timer of call.transfer.timers) timer.cancel();
    call.transfer.ring?.stop();
    call.transfer = null;
    calls.setState(call, 'connected');
    // Recorded: the parser accepts no transfer target here.
    calls.announce(call, 'CallTransferFailed', { ...context, result });
  };
  const callerName = call.record.target.displayName ?? call.record.displayName;
  const { callConnectionId, operationContext } = call.record;
  const details = { callConnectionId, callerName, reason: 'transfer' as const, operationContext };
  const reached = reach(parts, target, details, timings.transferMs, {
    failed: fail,
    unanswered: () => fail(results.unanswered),
    busy: () => fail(results.busy),
    declined: (codes) => fail(codes === undefined ? results.declined : scriptedResult(parseCodes(codes))),
    answered: () => accept(parts, call, target, context),
    // Once the two are connected, `accept` has replaced these handlers.
    hungUp: () => undefined,
    pressed: () => undefined,
  });
  call.transfer = reached;
  if (reached.ring) {
    const { person, record } = reached.ring;
    call.record.rings.push({ personId: person.id, at: record.at, reason: 'transfer' });
  }
}

function accept(parts: MediaParts, call: LiveCall, transferTarget: Identifier, context: MediaContext): void {
  const callee = call.ring;
  const other = call.transfer?.ring ?? null;
  for (const timer of call.transfer?.timers ?? []) timer.cancel();
  // Both phones stay on the call. From here on they are connected to each other.
  call.ring = null;
  call.transfer = null;
  if (callee && other) join(parts, callee, other);
  const fields = { transferTarget, transferee: call.target };
  parts.calls.announce(call, 'CallTransferAccepted', { ...context, fields });
  parts.calls.end(call, 'CallDisconnected', results.transferred);
}

function join({ timers, timings }: MediaParts, one: Ring, another: Ring): void {
  const byHand = [one, another].some(({ person }) => person.scripts.some((script) => 'byHand' in script));
  const timer = byHand ? null : timers.after(timings.conversationMs, () => endBoth());
  const endBoth = (): void => {
    timer?.cancel();
    one.stop();
    another.stop();
  };
  for (const ring of [one, another]) {
    ring.caller = { ...ring.caller, hungUp: endBoth, pressed: () => undefined };
  }
}
