import { createHash } from 'node:crypto';
import { JOB_KINDS, type JobName, type JobPayload } from './jobKinds.ts';
import type { JobData, JobKey, WantedJob } from './jobStore.ts';

/** A job that a transaction requests, of any kind. */
export type JobRequest = { [Name in JobName]: RequestOf<Name> }[JobName];

interface RequestOf<Name extends JobName> {
  name: Name;
  data: JobPayload<Name>;
  /**
   * A deadline: when the job is due, in epoch milliseconds. A job without one is an effect: this process runs it as
   * soon as its transaction has committed. An effect requested while the same one runs is run once more afterwards.
   * Two runs of the same effect never overlap, on any number of replicas.
   */
  dueAt?: number;
  /** An effect waits until then, in epoch milliseconds, unless another request wants it sooner. */
  notBefore?: number;
  /** Overrides the urgency of the kind: higher goes first when many are due. */
  urgency?: number;
  /** What the handler would read, for an effect that runs right after the commit. It is not stored. */
  justStored?: object;
}

/**
 * The rows of a transaction's requests, by `idOf`, in their order. Requests for the same job share a row; an effect
 * that runs at once, or the earlier deadline, prevails.
 *
 * @param options.owner the process that runs effects at once; null if it has no room for them
 */
export function wantedBy(
  requests: readonly JobRequest[],
  { now, trace, owner: direct }: { now: number; trace: string | null; owner: string | null },
): Map<string, WantedJob> {
  const wanted = new Map<string, WantedJob>();
  for (const request of requests) {
    const { name, data, dueAt, notBefore, urgency, justStored } = request;
    const { key } = keyOf(request);
    const at = dueAt ?? notBefore;
    const owner = at === undefined ? direct : null;
    const id = idOf({ name, key });
    const known = wanted.get(id);
    if (known && (known.owner !== null || (owner === null && known.dueAt <= (at ?? now)))) continue;
    const priority = urgency ?? JOB_KINDS[name].urgency;
    wanted.set(id, { name, key, data, dueAt: at ?? now, priority, owner, trace, justStored });
  }
  return wanted;
}

export function idOf({ name, key }: JobKey): string {
  return `${name} ${key}`;
}

/** Longer keys are hashed, to keep the index small. */
const LONGEST_KEY = 200;

/** The same data has the same key. Deadlines at different times are different jobs. */
export function keyOf({ name, data, dueAt }: JobRequest): JobKey {
  const payload: JobData = data;
  const entries = Object.entries(payload).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify(dueAt === undefined ? entries : [...entries, dueAt]);
  const key = text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64url');
  return { name, key };
}
