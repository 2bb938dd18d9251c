import { z } from 'zod';
import { escalationLine } from '../src/texts/escalationTimeline.ts';
import { callLine } from '../src/texts/callTimeline.ts';
import { textsFor, type Texts } from '../src/texts/texts.ts';
import type { Bot } from './bot.ts';

const listAnswer = z.object({
  items: z.array(z.looseObject({ id: z.string(), status: z.string(), createdAt: z.string() })),
});

const entrySchema = z.object({
  at: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});
type Entry = z.infer<typeof entrySchema>;

const callAnswer = z.object({
  id: z.string(),
  status: z.string(),
  disposition: z.string().nullable(),
  reason: z.string().nullable(),
  escalationId: z.string().nullable(),
  target: z.object({ displayName: z.string() }),
  timeline: z.array(entrySchema),
});
export type CallAnswer = z.infer<typeof callAnswer>;

const escalationAnswer = z.object({
  id: z.string(),
  status: z.string(),
  policy: z.string().nullable(),
  acknowledgedBy: z.object({ name: z.string() }).nullable(),
  calls: z.array(z.object({ status: z.string() })),
  timeline: z.array(entrySchema),
});
export type EscalationAnswer = z.infer<typeof escalationAnswer>;

/** More do not begin between two looks at the bot. */
const NEWEST = 5;
/** What has come to its end is looked at a while longer: its last calls are still to end. */
const AFTERWARDS_MS = 15_000;

/** One of the API's lists, and what was read of its items. */
interface Seen<Answer> {
  readonly kind: string;
  readonly answer: z.ZodType<Answer>;
  readonly items: Map<string, { summary: string; changedAt: number; whole: Answer | undefined }>;
}

/** What the bot's API says of its calls and escalations, each line once. */
export class Timelines {
  readonly #bot: Pick<Bot, 'get'>;
  readonly #since: number;
  readonly #line: (who: string, words: string, at: number) => void;
  /** Of each the lines that were told. */
  readonly #told = new Map<string, Set<string>>();
  readonly #escalations: Seen<EscalationAnswer> = seen('escalations', escalationAnswer);
  readonly #calls: Seen<CallAnswer> = seen('calls', callAnswer);

  readonly #texts: Texts;

  /**
   * @param since epoch milliseconds: of what began before nothing is told
   * @param line takes each new line of a timeline; `at` in epoch milliseconds
   */
  constructor(
    bot: Pick<Bot, 'get'>,
    since: number,
    line: (who: string, words: string, at: number) => void,
    language = 'en',
  ) {
    this.#bot = bot;
    this.#texts = textsFor(language);
    this.#since = since;
    this.#line = line;
  }

  /** Tells what is new. @returns the escalations, and the calls that are none of theirs, newest first, as they stand */
  async tell(): Promise<{ escalations: EscalationAnswer[]; calls: CallAnswer[] }> {
    const texts = this.#texts;
    const escalations = await this.#newest(this.#escalations);
    for (const { id, policy, timeline } of escalations.toReversed()) {
      this.#tell(id, timeline, policy ?? 'ladder', (entry) => escalationLine(entry, texts));
    }
    const calls = (await this.#newest(this.#calls)).filter(({ escalationId }) => escalationId === null);
    for (const { id, timeline } of calls.toReversed())
      this.#tell(id, timeline, 'call', (entry) => callLine(entry, texts));
    return { escalations, calls };
  }

  #tell(id: string, timeline: Entry[], who: string, words: (entry: Entry) => string): void {
    const told = this.#told.get(id) ?? new Set();
    this.#told.set(id, told);
    const alike = new Map<string, number>();
    // A line may come between those that were told: what was reported late stands where it happened.
    for (const entry of timeline) {
      const line = JSON.stringify(entry);
      const count = (alike.get(line) ?? 0) + 1;
      alike.set(line, count);
      const key = `${line} ${count}`;
      if (told.has(key)) continue;
      told.add(key);
      this.#line(who, words(entry), Date.parse(entry.at));
    }
  }

  async #newest<Answer>({ kind, answer, items }: Seen<Answer>): Promise<Answer[]> {
    const list = listAnswer.safeParse(await this.#bot.get(`/api/v1/${kind}?limit=${NEWEST}`)).data;
    const found: Answer[] = [];
    for (const item of list?.items ?? []) {
      if (Date.parse(item.createdAt) < this.#since) continue;
      const summary = JSON.stringify(item);
      const known = items.get(item.id);
      const changedAt = known?.summary === summary ? known.changedAt : Date.now();
      let whole = known?.whole;
      if (!whole || !over.has(item.status) || Date.now() - changedAt < AFTERWARDS_MS) {
        whole = answer.safeParse(await this.#bot.get(`/api/v1/${kind}/${item.id}`)).data ?? whole;
      }
      items.set(item.id, { summary, changedAt, whole });
      if (whole) found.push(whole);
    }
    return found;
  }
}

const over = new Set(['ended', 'acknowledged', 'resolved', 'exhausted', 'cancelled']);

function seen<Answer>(kind: string, answer: z.ZodType<Answer>): Seen<Answer> {
  return { kind, answer, items: new Map() };
}
