import { z } from 'zod';
import type { Call } from '../calls/call.ts';
import type { Directory } from '../directory/directory.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { severities, statuses } from '../http/api/escalationSchemas.ts';
import { time } from '../http/api/timeline.ts';
import { escalationActs } from '../escalations/possibleActs.ts';
import { inShort } from '../texts/escalationState.ts';
import type { Texts } from '../texts/texts.ts';
import type { EscalationFacts } from './escalationFacts.ts';
import type { EscalationRow, PastEscalation, RungRow, StepRow } from './model.ts';
import { stepRows } from './steps.ts';
import { targetWords } from './targetWords.ts';
import type { Round } from './view.ts';

const rungRowSchema: z.ZodType<RungRow> = z.object({
  name: z.string(),
  state: z.enum(['next', 'calling', 'dialing', 'talking', 'done', 'skipped']),
  text: z.string(),
  callId: z.string().nullable(),
});
const stepRowSchema: z.ZodType<StepRow> = z.object({
  number: z.int(),
  state: z.enum(['done', 'now', 'later']),
  targets: z.array(z.string()),
  people: z.array(rungRowSchema),
});
export const pastEscalationShape = {
  id: z.string(),
  status: z.enum(statuses),
  text: z.string().describe("The state in words, in the reader's language."),
  policy: z.string().nullable(),
  summary: z.string(),
  severity: z.enum(severities),
  test: z.boolean(),
  startedBy: z.string(),
  createdAt: time(),
  endedAt: time().nullable(),
  acknowledgedBy: z.object({ name: z.string(), at: time() }).nullable(),
};
export const escalationRowShape = {
  ...pastEscalationShape,
  steps: z.array(stepRowSchema),
  round: z.int(),
  rounds: z.int(),
  nextAt: time().nullable(),
  revision: z.int(),
  may: z.array(z.enum(escalationActs)).describe('What this reader may do.'),
};
export const escalationRowSchema: z.ZodType<EscalationRow> = z
  .object(escalationRowShape)
  .meta({ id: 'ConsoleEscalation' });

/** An escalation without its ladder. @param calls its own; those of one that is over do not matter */
export function pastEscalation(escalation: Escalation, calls: readonly Call[], texts: Texts): PastEscalation {
  const { id, policy, summary, severity, test, startedBy, createdAt, ladder } = escalation;
  const { status, endedAt, acknowledgedBy: by } = ladder;
  return {
    id,
    status,
    text: inShort(escalation, calls, texts),
    policy,
    summary,
    severity,
    test,
    startedBy: startedBy.name,
    createdAt,
    endedAt,
    acknowledgedBy: by && { name: by.name, at: by.at },
  };
}

/** A row without what its reader may do: readers of one language share it. */
export async function escalationRow(
  facts: EscalationFacts,
  { directory, round, texts }: { directory: Pick<Directory, 'find'>; round: Round; texts: Texts },
): Promise<Omit<EscalationRow, 'may'>> {
  const { escalation, calls } = facts;
  const { ladder, steps, repeat } = escalation;
  return await round.once(`row ${texts.format.locale} ${escalation.id}`, async () => {
    const targets = await Promise.all(
      steps.map(
        async (step) =>
          await Promise.all(
            step.targets.map(async (target) => await targetWords(target, directory, round, texts)),
          ),
      ),
    );
    return {
      ...pastEscalation(escalation, calls, texts),
      steps: stepRows(facts, targets, texts),
      round: ladder.round + 1,
      rounds: repeat + 1,
      nextAt: nextAt(ladder.wakeAt, calls),
      revision: escalation.revision,
    };
  });
}

/** When something is due by itself: the ladder's deadline, or the ring timeout of a call. */
function nextAt(wakeAt: string | null, calls: readonly Call[]): string | null {
  const ends = calls
    .filter(({ facts }) => facts.dialSentAt && !facts.connectedAt && !facts.ended && !facts.hangUp)
    .map(({ facts, ringTimeoutSeconds }) =>
      new Date(Date.parse(facts.dialSentAt ?? '') + ringTimeoutSeconds * 1000).toISOString(),
    );
  const [first] = [...(wakeAt === null ? [] : [wakeAt]), ...ends].toSorted();
  return first ?? null;
}
