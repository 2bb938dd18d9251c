import * as z from 'zod';
import { JOB_KINDS, type JobKind } from '../../src/database/jobKinds.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import type { Jobs } from '../../src/database/jobs.ts';
import type { OwnJob } from '../../src/database/jobStore.ts';

const names = [
  'greet',
  'first',
  'second',
  'slow',
  'late',
  'later',
  'urgent',
  'card',
  'other',
  'newThing',
  'newDeadline',
] as const;
/** Kinds of jobs that only tests of the engine know. Their payload `n` tells one job from another. */
export type TestKind = (typeof names)[number];

const numbered: JobKind<z.ZodType> = { payload: z.object({ n: z.number().optional() }), urgency: 0 };
Object.assign(JOB_KINDS, Object.fromEntries(names.map((name) => [name, numbered])));

export function isTestKind(name: string): boolean {
  return names.some((one) => one === name);
}

export interface TestHandler {
  run(data: { n?: number }, job: OwnJob): Promise<void>;
  useful?: { forMs: number; over(data: { n?: number }, error: unknown): Promise<void> };
}

export function handleTestJobs(jobs: Jobs, name: TestKind, handler: TestHandler): void {
  // What the catalogue does not know by type it knows at run time.
  jobs.handle(name as 'housekeeping', handler);
}

/** A request for one of these jobs: a greeting, if `name` is not given. */
export function testJob(
  request: {
    name?: TestKind;
    data?: { n?: number };
    dueAt?: number;
    notBefore?: number;
    urgency?: number;
  } = {},
): JobRequest {
  return { name: 'greet', data: {}, ...request } as unknown as JobRequest;
}
