import * as z from 'zod';
import { JOB_KINDS, type JobKind } from '../../src/database/jobKinds.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import type { Jobs } from '../../src/database/jobRunner.ts';
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
/** Kinds of jobs for tests of the job engine. Their payload `n` distinguishes jobs. */
export type TestKind = (typeof names)[number];

const numbered: JobKind<z.ZodType> = {
  payload: z.object({ n: z.number().optional() }),
  urgency: 0,
  ids: new Map(),
};
Object.assign(JOB_KINDS, Object.fromEntries(names.map((name) => [name, numbered])));

export function isTestKind(name: string): boolean {
  return names.some((one) => one === name);
}

export interface TestHandler {
  run(data: { n?: number }, job: OwnJob): Promise<void>;
  useful?: { forMs: number; over(data: { n?: number }, error: unknown): Promise<void> };
}

export function handleTestJobs(jobs: Jobs, name: TestKind, handler: TestHandler): void {
  // The type catalogue does not have these kinds, but the catalogue at runtime does.
  jobs.handle(name as 'housekeeping', handler);
}

/** A request for one of these jobs; default `greet`. */
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
