import type { Timer, Timers } from '../clock.ts';
import type { SigningKeys } from '../entra/signingKeys.ts';
import type { EventFault } from '../faults/eventFaults.ts';
import { post } from '../http/post.ts';
import type { Work } from '../work.ts';
import type { SentEvent } from './call.ts';
import type { CloudEvent } from './events.ts';

/** The issuer of callback tokens (documentation, "secure webhook endpoint"). */
export const callbackIssuer = 'https://acscallautomation.communication.azure.com';
const tokenLifetimeMs = 5 * 60_000;

/** Pauses between attempts. The real schedule is undocumented: at least once, for some minutes. */
const retryDelaysMs = [1000, 2000, 4000, 8000, 16_000, 30_000];
const giveUpAfterMs = 10 * 60_000;
/** Measured by the machine's clock: a test that moves its clock far ahead must not abort a request in progress. */
const answerTimeoutMs = 30_000;
const holdAtMostMs = 3000;

export interface Outgoing {
  event: CloudEvent;
  uri: string;
  record: SentEvent;
}

interface Batch {
  uri: string;
  items: Outgoing[];
  firstTriedAt: number | null;
  attempts: number;
}

interface Lane {
  batches: Batch[];
  sending: boolean;
  /** An event held back, to be overtaken by the next one or sent together with it. */
  held: { item: Outgoing; kind: 'reorder' | 'batch'; timer: Timer } | null;
}

export interface CallbackParts {
  timers: Timers;
  work: Work;
  keys: SigningKeys;
  resourceId: string;
  onDelivery: (item: Outgoing, status: number | null) => void;
}

/**
 * Posts events: those of one call in order, each until it gets a 2xx or ten minutes have passed. Each request has a
 * new token.
 */
export class Callbacks {
  readonly #parts: CallbackParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #stop = new AbortController();

  constructor(parts: CallbackParts) {
    this.#parts = parts;
  }

  /** Sends an event, subject to the fault. `extra` follows it for a fault of kind `unknown`. */
  send(callConnectionId: string, item: Outgoing, fault: EventFault | null, extra: () => Outgoing): void {
    const lane = this.#lane(callConnectionId);
    item.record.fault = fault?.kind ?? null;
    switch (fault?.kind) {
      case undefined:
        this.#enqueue(lane, [item]);
        return;
      case 'drop':
        return;
      case 'duplicate':
        this.#enqueue(lane, [item]);
        this.#enqueue(lane, [item]);
        return;
      case 'delay':
        this.#parts.timers.after(fault.ms ?? 5000, () => this.#enqueue(lane, [item]));
        return;
      case 'unknown':
        this.#enqueue(lane, [item]);
        this.#enqueue(lane, [extra()]);
        return;
      case 'reorder':
      case 'batch':
        this.#release(lane);
        lane.held = {
          item,
          kind: fault.kind,
          timer: this.#parts.timers.after(holdAtMostMs, () => this.#release(lane)),
        };
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#lanes.clear();
  }

  #lane(callConnectionId: string): Lane {
    const lane = this.#lanes.get(callConnectionId) ?? { batches: [], sending: false, held: null };
    this.#lanes.set(callConnectionId, lane);
    return lane;
  }

  #release(lane: Lane): void {
    const held = lane.held;
    if (!held) return;
    lane.held = null;
    held.timer.cancel();
    this.#enqueue(lane, [held.item]);
  }

  #enqueue(lane: Lane, items: Outgoing[]): void {
    const [first] = items;
    if (first === undefined) return;
    const held = lane.held;
    if (held === null) {
      lane.batches.push({ uri: first.uri, items, firstTriedAt: null, attempts: 0 });
    } else {
      lane.held = null;
      held.timer.cancel();
      if (held.kind === 'batch' && held.item.uri === first.uri) {
        lane.batches.push({ uri: first.uri, items: [held.item, ...items], firstTriedAt: null, attempts: 0 });
      } else {
        const late = { uri: held.item.uri, items: [held.item], firstTriedAt: null, attempts: 0 };
        lane.batches.push({ uri: first.uri, items, firstTriedAt: null, attempts: 0 }, late);
      }
    }
    this.#pump(lane);
  }

  #pump(lane: Lane): void {
    const batch = lane.batches[0];
    if (lane.sending || batch === undefined || this.#stop.signal.aborted) return;
    lane.sending = true;
    batch.firstTriedAt ??= this.#parts.timers.now();
    const { firstTriedAt } = batch;
    void this.#parts.work.during(async () => {
      const status = await this.#post(batch);
      for (const item of batch.items) this.#parts.onDelivery(item, status);
      const delivered = status !== null && status >= 200 && status < 300;
      const tooOld = this.#parts.timers.now() - firstTriedAt > giveUpAfterMs;
      const delay = retryDelaysMs[Math.min(batch.attempts, retryDelaysMs.length - 1)] ?? 0;
      batch.attempts += 1;
      if (delivered || tooOld) {
        lane.batches.shift();
        lane.sending = false;
        this.#pump(lane);
      } else if (!this.#stop.signal.aborted) {
        this.#parts.timers.after(delay, () => {
          lane.sending = false;
          this.#pump(lane);
        });
      }
    });
  }

  /** The status of the answer; null without one. */
  async #post({ uri, items }: Batch): Promise<number | null> {
    try {
      const claims = { iss: callbackIssuer, aud: this.#parts.resourceId };
      const token = await this.#parts.keys.sign(claims, tokenLifetimeMs);
      const answer = await post(new URL(uri), {
        headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
        body: JSON.stringify(items.map(({ event }) => event)),
        signal: AbortSignal.any([AbortSignal.timeout(answerTimeoutMs), this.#stop.signal]),
      });
      return answer.status;
    } catch {
      return null;
    }
  }
}
