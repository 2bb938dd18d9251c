import * as z from 'zod';
import { lookUp } from '../config/lookUp.ts';
import type { JobData } from './jobStore.ts';

/** A kind of job. */
export interface JobKind<Payload extends z.ZodType> {
  /** Members of the payload that are ids, with their names in logs and traces. Others may hold what people wrote. */
  ids: ReadonlyMap<string, string>;
  /**
   * What the row carries: mostly ids, as the handler reads the rest when it runs. Rows of earlier versions fit as
   * well.
   */
  payload: Payload;
  /** Higher goes first when many are due. A request may name another one. */
  urgency: number;
}

function kind<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
  urgency = 0,
): JobKind<z.ZodObject<Shape>> {
  const named = Object.entries(shape).flatMap(([member, { description }]) =>
    description === undefined ? [] : [[member, description] as const],
  );
  return { payload: z.object(shape), urgency, ids: new Map(named) };
}

const text = z.string();
const number = z.number();
/** A text that is an id, with its name in logs and traces. */
const idOf = (name: string): z.ZodString => z.string().describe(name);
const ofCall = { callId: idOf('callId') };
const ofEscalation = { id: idOf('escalationId') };
const ofExchange = { id: idOf('exchangeId') };
const ofStep = { ...ofEscalation, run: number, round: number, step: number };
const ofAudience = { ...ofEscalation, audience: text };
/** ISO 8601: the end of the pause after the last message. */
const ofPause = { until: text.optional() };

/** Urgencies: what was promised goes before new requests for calls, and cards come after everything that wakes somebody. */
const CALLS = 0;
export const REQUESTS = -1;
export const CARDS = -2;

/** Every kind of job, by the name that its rows carry. */
export const JOB_KINDS = {
  /** Sends createCall. Calls of escalations have an urgency of 10. */
  'call.dial': kind(ofCall, CALLS),
  /** `context` is what is spoken (the operationContext of the request). */
  'call.speak': kind({ ...ofCall, context: text }),
  'call.listen': kind(ofCall),
  'call.transfer': kind(ofCall),
  'call.hangUp': kind(ofCall),
  'call.probe': kind(ofCall),
  /** A deadline of the call has come. */
  'call.wake': kind(ofCall),
  /** Hangs up the call that keeps the phone from a more urgent one. */
  'call.makeWay': kind(ofCall, 10),
  /** `anyhow` is 1 to free the phone even if the service does not confirm the hang-up. */
  'call.leavePhone': kind({ ...ofCall, anyhow: number }),

  /** `dueAt` is the deadline, in epoch milliseconds. Without it the escalation re-evaluates its state. */
  'escalation.wake': kind({ ...ofEscalation, dueAt: number.optional() }),
  'escalation.callEnded': kind({ ...ofEscalation, ...ofCall }, 15),
  'escalation.resolveStep': kind(ofStep, 10),
  'escalation.hangUp': kind(ofCall, 20),
  /** Tells callees who are still on the line that the escalation is over. */
  'escalation.tellOver': kind(ofEscalation, 20),
  'escalation.exhausted': kind({ ...ofEscalation, run: number }),
  'escalation.cardFor': kind(ofAudience, 5),
  /** Sends a new card to somebody whose first one has scrolled far up. */
  'escalation.cardAgain': kind(ofAudience, 5),

  /** Processes the stored alerts, all of them or those of one policy. */
  'alerts.workOff': kind({ policy: text.optional().describe('policy') }, 10),
  'alerts.callAgain': kind({ ...ofEscalation, policy: idOf('policy') }, 10),
  'alerts.startAgain': kind(ofEscalation),
  /** `at` is the deadline, in epoch milliseconds. */
  'heartbeat.due': kind({ name: text, at: number }),

  /** Asks somebody whether they exchange duty. */
  'exchange.ask': kind(ofExchange),
  /** The time for the answer is over. */
  'exchange.expire': kind(ofExchange),
  /** Writes to the asker what became of their question. */
  'exchange.tell': kind(ofExchange),

  /** Updates every card of a subject (`call:<id>`, `escalation:<id>`, `exchange:<id>`). */
  'card.show': kind({ subject: idOf('subject') }, CARDS),
  'card.showOne': kind({ card: idOf('card') }, CARDS),
  /** `place` and `message` are JSON; `at` and `after` are epoch milliseconds. */
  'chat.answer': kind({ place: text, conversation: text, message: text, at: number, after: number }),
  /** `until` is in epoch milliseconds. */
  'chat.notice': kind({ person: text, text, until: number }),
  /** `place` is JSON; `at` is in epoch milliseconds. */
  'chat.welcome': kind({ place: text, key: text, at: number, objectId: text.optional() }),
  /** A recording or transcription began or ended. `at` is ISO 8601. */
  'chat.captured': kind({ ...ofCall, type: text, at: text }, 10),

  'operators.urgentDue': kind(ofPause, 20),
  'operators.urgentTell': kind({}, 20),
  'operators.due': kind(ofPause),
  'operators.tell': kind({}),

  'webhook.deliver': kind({ webhook: idOf('webhook'), escalation: idOf('escalationId') }),
  'grid.join': kind(ofCall),
  'grid.again': kind({ source: text, id: text }),
  'identity.delete': kind({ acsId: text }),
  /** The version before enqueued this for `identity.delete`. */
  'identity.revoke': kind({ acsId: text }),

  'file.uses': kind({}),
  'file.names': kind({}),
  housekeeping: kind({}),
} as const;

export type JobName = keyof typeof JOB_KINDS;

/** What a job of this kind carries. */
export type JobPayload<Name extends JobName> = z.infer<(typeof JOB_KINDS)[Name]['payload']>;

/** The row does not fit its kind. A newer version of the code may have written it, or it is damaged. */
export class UnfitPayload extends Error {
  constructor(name: string) {
    super(`the payload does not fit the kind ${name}`);
    this.name = 'UnfitPayload';
  }
}

/** @returns a function that reads the payload of this kind from a row. It throws UnfitPayload */
export function payloadReader<Name extends JobName>(name: Name): (data: JobData) => JobPayload<Name> {
  // The same kinds, in a type that relates each name to its payload.
  const kinds: { readonly [Kind in JobName]: JobKind<z.ZodType<JobPayload<Kind>>> } = JOB_KINDS;
  const { payload } = kinds[name];
  return (data) => {
    const { success, data: read } = payload.safeParse(data);
    // Without the cause, which may quote what the row carries.
    if (!success) throw new UnfitPayload(name);
    return read;
  };
}

/** What a job is about, by ids, for logs and traces. */
export function idsOf({ name, data }: { name: string; data: JobData }): JobData {
  const ids = lookUp<JobKind<z.ZodType>>(JOB_KINDS, name)?.ids ?? new Map<string, string>();
  return Object.fromEntries(
    Object.entries(data).flatMap(([member, value]) => {
      const named = ids.get(member);
      return named === undefined ? [] : [[named, value]];
    }),
  );
}
