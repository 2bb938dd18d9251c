import type { Activity, TurnContext } from 'botbuilder';
import * as z from 'zod';
import type { Jobs } from '../../database/jobRunner.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { Transact } from '../../database/transaction.ts';
import { placeSchema, referenceOf, type Place } from './place.ts';
import { judge, pauseOf } from './connectorAnswers.ts';
import type { SendParts } from './sendOnce.ts';
import { ConnectorFault } from './connectorFault.ts';

interface Parts extends SendParts {
  transact: Transact;
}

const activity = z.custom<Partial<Activity>>((value) => typeof value === 'object' && value !== null);

/** What a turn sends: a new message, a replacement for a message, or the deletion of one. */
const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('send'), message: activity }),
  z.object({ kind: z.literal('replace'), activityId: z.string(), message: activity }),
  z.object({ kind: z.literal('remove'), activityId: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;

const JOB = 'chat.answer';
/** A later answer is of no use to anybody. */
const USEFUL_MS = 10 * 60_000;

export async function give(context: TurnContext, answer: Answer): Promise<string | null> {
  switch (answer.kind) {
    case 'send':
      return (await context.sendActivity(answer.message))?.id || null;
    case 'replace':
      await context.updateActivity({ ...answer.message, id: answer.activityId });
      return answer.activityId;
    case 'remove':
      await context.deleteActivity(answer.activityId);
      return null;
  }
}

/** Answers that the chat service did not accept during the turn. A turn must be short, so a job retries them. */
export class AnswerRetries {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Leaves an answer to the job.
   *
   * @throws the fault, if a retry would not help; and database errors
   */
  async add(place: Place, conversationKey: string, answer: Answer, fault: ConnectorFault): Promise<void> {
    if (judge(fault, answer.kind === 'send' ? 'message' : 'change').kind !== 'again') throw fault;
    const { transact, clock, log } = this.#parts;
    const at = clock.now();
    log.info({ err: fault, conversation: conversationKey }, 'a job will retry an answer');
    const data = {
      place: JSON.stringify(place),
      conversation: conversationKey,
      message: JSON.stringify(answer),
      at,
      after: at + pauseOf(fault, 0),
    };
    await transact((work) => work.enqueue({ name: JOB, data }));
  }

  registerJobs(jobs: Pick<Jobs, 'handle'>): void {
    const { adapter, allowed, clock, log, pace } = this.#parts;
    jobs.handle(JOB, {
      run: async ({ place: kept, conversation: key, message, at, after }) => {
        const early = after - clock.now();
        if (early > 0) throw new TryAgainLater(early);
        const place = placeSchema.parse(JSON.parse(kept));
        if (!allowed(place.serviceUrl)) return;
        await pace.inTurn(key, async () => {
          const wait = pace.waitFor(key);
          if (wait > 0) throw new TryAgainLater(wait);
          pace.count(key);
          const answer = answerSchema.parse(JSON.parse(message));
          try {
            await adapter.resume(referenceOf(place), async (context) => {
              await give(context, answer);
            });
          } catch (error) {
            if (!(error instanceof ConnectorFault)) throw error;
            const failingFor = clock.now() - at;
            const verdict = judge(error, answer.kind === 'send' ? 'message' : 'change');
            if (verdict.kind === 'again' && failingFor < USEFUL_MS) {
              throw new TryAgainLater(pauseOf(error, failingFor), { cause: error });
            }
            log.warn({ err: error, conversation: key }, 'an answer could not be sent');
          }
        });
      },
      useful: {
        forMs: USEFUL_MS,
        over: async ({ conversation }, error) => {
          log.error({ err: error, conversation }, 'an answer could not be sent');
        },
      },
    });
  }
}
