import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { ReadCalendar, ReadingAsked } from './readCalendar.ts';

/** `problem` is a few words. They contain nothing of the calendar. */
export type CalendarAnswer = ({ kind: 'read' } & ReadCalendar) | { kind: 'unreadable'; problem: string };

/** Next to this file, with the same extension: .ts, or .js in a bundle. */
const READER = new URL(`calendarReader${extname(import.meta.url)}`, import.meta.url);
/** A large calendar takes some seconds on a busy machine. */
const LIMIT_MS = 30_000;
const MEMORY_MB = 512;

const answers: z.ZodType<CalendarAnswer> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('read'),
    duties: z.array(
      z.object({
        from: z.number(),
        to: z.number(),
        people: z.array(z.object({ words: z.array(z.string()) })),
        priority: z.number(),
        level: z.number(),
      }),
    ),
    unread: z.number(),
    unknownZones: z.number(),
    text: z.string(),
  }),
  z.object({ kind: z.literal('unreadable'), problem: z.string() }),
]);

/**
 * Reads a calendar in a thread of its own. A calendar comes from outside, and a rule of one line can keep a reader busy
 * for years: then the thread is ended, and nobody else has waited. Never throws.
 *
 * @param limitMs how long it may take, in milliseconds of this machine
 */
export async function readInWorker(
  bytes: Uint8Array,
  asked: ReadingAsked,
  limitMs = LIMIT_MS,
): Promise<CalendarAnswer> {
  const worker = new Worker(READER, {
    workerData: { bytes, ...asked },
    // It needs none of the secrets there, and no loader of ours.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<CalendarAnswer>((resolve) => {
    const failed = (problem: string) => (): void => resolve({ kind: 'unreadable', problem });
    worker.once('message', (message: unknown) => {
      const { success, data } = answers.safeParse(message);
      resolve(success ? data : { kind: 'unreadable', problem: 'it has a fault' });
    });
    worker.once('error', failed('it takes too much memory'));
    worker.once('exit', failed('it has a fault'));
    timer = setTimeout(failed('it takes too long'), limitMs);
  });
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
