import { randomUUID } from 'node:crypto';
import type { Identities } from '../identity/identities.ts';
import { parseCodes } from '../people/script.ts';
import type { CreateCall } from './bodies.ts';
import type { LiveCall } from './call.ts';
import type { Calls } from './calls.ts';
import type { Dtmf } from './dtmf.ts';
import { invalidArgument, notEmulated } from './errors.ts';
import { newServerCallId } from './events.ts';
import { communicationUser } from './identifiers.ts';
import type { Identifier } from './identifiers.ts';
import { MediaLeg } from './mediaLeg.ts';
import { participantsOf } from './participants.ts';
import { reach } from './reach.ts';
import type { ReachParts } from './reach.ts';
import { results, scriptedResult } from './results.ts';
import type { Result } from './results.ts';

export interface OutboundParts extends ReachParts {
  calls: Calls;
  dtmf: Dtmf;
  identities: Identities;
  /** The telephone numbers of the resource, E.164. */
  phoneNumbers: ReadonlySet<string>;
}

const endsInTeams = {
  unanswered: results.unanswered,
  declined: results.declined,
  hungUp: results.calleeHungUp,
};
const endsOfTelephone = {
  unanswered: results.telephoneUnavailable,
  declined: results.telephoneDeclined,
  hungUp: results.telephoneHungUp,
};

/** Places calls: accepted at once. Events report the outcome, never the answer (as measured). */
export class Outbound {
  readonly #parts: OutboundParts;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
  }

  /**
   * @param by `client`: a client device with a valid token. A deleted identity's token stays valid for a while
   * @throws Refusal
   */
  place(
    body: CreateCall,
    repeatabilityRequestId: string | null,
    by: 'application' | 'client' = 'application',
  ): LiveCall {
    const [target, another] = body.targets;
    if (target === undefined) throw invalidArgument('targets', 'it is empty.');
    if (another !== undefined) throw notEmulated('calls to several targets');
    const call = this.#newCall(body, target, repeatabilityRequestId);
    this.#parts.calls.add(call);
    const refusal = by === 'client' ? null : this.#refusal(body, target);
    if (refusal) {
      const { timers, timings } = this.#parts;
      call.timers.push(timers.after(timings.failureMs, () => this.#fail(call, refusal)));
    } else {
      this.#dial(call);
    }
    return call;
  }

  /** Ends the call for the application: 200/7000 if it was connected (recorded). */
  end(call: LiveCall): void {
    const result = call.record.connectedAt === null ? results.cancelledByCaller : results.endedByApi;
    this.#parts.calls.end(call, 'CallDisconnected', result);
  }

  #dial(call: LiveCall): void {
    const { record } = call;
    const details = {
      callConnectionId: record.callConnectionId,
      callerName: record.displayName,
      reason: 'call' as const,
      operationContext: record.operationContext,
    };
    const ends = call.target.kind === 'phoneNumber' ? endsOfTelephone : endsInTeams;
    const reached = reach(this.#parts, call.target, details, this.#parts.timings.unansweredMs, {
      failed: (result) => this.#fail(call, result),
      unanswered: () => this.#fail(call, ends.unanswered),
      busy: () => this.#fail(call, results.busy),
      declined: (codes) => {
        const result = codes === undefined ? ends.declined : scripted(codes);
        // A phone network reports every call that was never connected as failed.
        if (call.target.kind === 'phoneNumber') this.#fail(call, result);
        else this.#disconnect(call, result);
      },
      hungUp: () => this.#disconnect(call, ends.hungUp),
      answered: () => this.#connect(call),
      pressed: (tone) => this.#parts.dtmf.pressed(call, tone),
    });
    call.ring = reached.ring;
    call.timers.push(...reached.timers);
    if (reached.ring) {
      record.rings.push({ personId: reached.ring.person.id, at: reached.ring.record.at, reason: 'call' });
    }
  }

  #connect(call: LiveCall): void {
    call.record.connectedAt = this.#parts.timers.now();
    this.#parts.calls.setState(call, 'connected');
    this.#parts.calls.announce(call, 'CallConnected', { operationContext: call.record.operationContext });
    call.participantsSequence += 1;
    const fields = { participants: participantsOf(call), sequenceNumber: call.participantsSequence };
    this.#parts.calls.announce(call, 'ParticipantsUpdated', { operationContext: null, fields });
    // The recorded numbers have gaps.
    call.participantsSequence += 2;
  }

  #fail(call: LiveCall, result: Result): void {
    this.#parts.calls.end(call, 'CreateCallFailed', result);
  }

  #disconnect(call: LiveCall, result: Result): void {
    this.#parts.calls.end(call, 'CallDisconnected', result);
  }

  /** Errors of the call itself. They do not depend on the callee. */
  #refusal(body: CreateCall, target: Identifier): Result | null {
    const source = body.source?.id;
    if (target.kind === 'phoneNumber') {
      const { value = '' } = body.sourceCallerIdNumber ?? {};
      if (!this.#parts.phoneNumbers.has(value)) return results.noSourceNumber;
    }
    const teams = target.kind === 'microsoftTeamsUser' || target.kind === 'microsoftTeamsApp';
    if (source === undefined) return teams ? results.notEnabled : null;
    // A call from a client device: while its token is accepted, its identity is too.
    const isOfDevice = body.callbackUri === '';
    return isOfDevice || this.#parts.identities.isValid(source) ? null : results.sourceInvalid;
  }

  #newCall(body: CreateCall, target: Identifier, repeatabilityRequestId: string | null): LiveCall {
    const now = this.#parts.timers.now();
    const person = this.#parts.people.byRawId(target.rawId);
    const { source, callIntelligenceOptions: intelligence } = body;
    return {
      record: {
        callConnectionId: randomUUID(),
        serverCallId: newServerCallId(now),
        correlationId: randomUUID(),
        target: {
          rawId: target.rawId,
          kind: target.kind,
          personId: person?.id ?? null,
          displayName: person?.displayName ?? null,
        },
        operationContext: body.operationContext ?? null,
        callbackUri: body.callbackUri,
        source: source?.id ?? null,
        displayName: body.sourceDisplayName ?? null,
        repeatabilityRequestId,
        cognitiveServicesEndpoint: intelligence?.cognitiveServicesEndpoint ?? null,
        state: 'connecting',
        createdAt: now,
        connectedAt: null,
        endedAt: null,
        ended: null,
        rings: [],
        spoken: [],
        tones: [],
        recording: null,
        transcribing: false,
        client: null,
        events: [],
      },
      target,
      source: source ? communicationUser(source.id) : null,
      ring: null,
      transfer: null,
      timers: [],
      media: new MediaLeg(),
      continuousDtmf: null,
      participantsSequence: 0,
    };
  }
}

function scripted(codes: string): Result {
  return scriptedResult(parseCodes(codes));
}
