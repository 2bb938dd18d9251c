import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { CalendarAnswer } from './calendarWorker.ts';
import { CalendarUnreadable } from './contentLines.ts';
import { readCalendar } from './readCalendar.ts';

/* A program of its own, in a thread: reads one calendar, answers, and ends. calendarWorker.ts starts it. */

const asked = z.object({
  bytes: z.instanceof(Uint8Array),
  from: z.number(),
  to: z.number(),
  zone: z.string().nullable(),
  otherwise: z.string(),
});

function answer(): CalendarAnswer {
  try {
    const { bytes, ...range } = asked.parse(workerData);
    return { kind: 'read', ...readCalendar(bytes, range) };
  } catch (error) {
    return {
      kind: 'unreadable',
      problem: error instanceof CalendarUnreadable ? error.message : 'it has a fault',
    };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node has no origin
parentPort?.postMessage(answer());
