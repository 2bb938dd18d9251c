import { pauseIn, pauseQuestion } from '../calls/pause.ts';
import type { Alongside } from '../calls/placeCall.ts';
import { ask, keyQuestions } from '../database/ask.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Work } from '../database/transaction.ts';
import type { Escalation } from './escalation.ts';
import type { ChangesParts, EscalationChanges } from './escalationChanges.ts';
import { lockByDedupKeys, runningIn, runningQuestion, type DedupKey } from './escalationStore.ts';
import { nameOf } from './lockedEscalation.ts';

/** What does not change while an escalation runs. A test has no dedup key, so it never joins a real alert. */
export type StartEscalation = Omit<Escalation, 'id' | 'createdAt' | 'revision' | 'ladder' | 'autoResolveMs'>;

export interface Started {
  escalation: Escalation;
  /** It ran already. */
  joined: boolean;
}

/** The same as `Alongside`, for an escalation. */
export interface AlongsideStart extends Pick<Alongside, 'question' | 'admit'> {
  /** Called when the escalation can be read from the database, except for its new calls. */
  stored?: (work: Work, started: Started) => Promise<void>;
}

interface Wanted {
  request: StartEscalation;
  also: AlongsideStart;
}

interface Parts extends Pick<ChangesParts, 'transact' | 'patienceMs' | 'log' | 'apart'> {
  changes: EscalationChanges;
  /** Starts an escalation, or joins one that the transaction has locked. */
  startIn: (work: Work, request: StartEscalation) => Promise<Started>;
}

/** Starts escalations. Requests that arrive while a transaction runs share the next one. */
export class Starting {
  readonly #parts: Parts;
  readonly #queue: GroupCommit<Wanted, { started: Started | null }>;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { transact, patienceMs, log, apart } = parts;
    this.#queue = new GroupCommit({
      commit: async (wanted, waits) =>
        await transact(async (work) => await this.#startIn(work, wanted, waits)),
      waitsFor: ({ request, also }) => nameOf(dedupOf(request)) ?? also.question?.key ?? null,
      asRequests: true,
      what: 'requests to start escalations',
      patienceMs,
      log,
      apart,
    });
  }

  /** See {@link EscalationService.start}. */
  async start(request: StartEscalation, also: AlongsideStart): Promise<Started | null> {
    return (await this.#queue.take({ request, also })).started;
  }

  /** @returns null for those whose escalation is locked, or whose question an earlier one asks too */
  async #startIn(
    work: Work,
    wanted: readonly Wanted[],
    waits: boolean,
  ): Promise<({ started: Started | null } | null)[]> {
    const { changes, startIn } = this.#parts;
    const keys = wanted.map(({ request }) => dedupOf(request)).filter(({ dedupKey }) => dedupKey !== null);
    const locked = keys.length > 0 ? await lockByDedupKeys(work.sql, keys, waits) : [];
    const own = keyQuestions(wanted.flatMap(({ also }) => also.question ?? []));
    const answers = await ask(work.sql, {
      pause: pauseQuestion,
      running: runningQuestion(keys),
      ...own.questions,
    });
    changes.addLocked(work, locked);
    changes.knowIn(work, keys, pauseIn(answers['pause']));
    const held = new Set(locked.map(({ escalation }) => nameOf(escalation)));
    const missed = new Set(
      runningIn(answers['running'])
        .map(nameOf)
        .filter((name) => !held.has(name)),
    );
    const asked = new Set<string>();
    const outcomes: ({ started: Started | null } | null)[] = [];
    for (const { request, also } of wanted) {
      const question = also.question?.key;
      const isMissed = !waits && missed.has(nameOf(dedupOf(request)));
      if (isMissed || (question !== undefined && asked.has(question))) outcomes.push(null);
      else {
        if (question !== undefined) asked.add(question);
        const isAdmitted = (await also.admit?.(work, own.answerTo(also.question, answers))) ?? true;
        outcomes.push({ started: isAdmitted ? await startIn(work, request) : null });
      }
    }
    if (wanted.some(({ also }) => also.stored)) await changes.writeIn(work);
    for (const [nth, { also }] of wanted.entries()) {
      const started = outcomes[nth]?.started;
      // A later one may have joined it.
      const now = started && changes.lockedIn(work, started.escalation.id);
      if (now) await also.stored?.(work, { ...started, escalation: now });
    }
    return outcomes;
  }
}

function dedupOf({ source, policy, dedupKey, test }: StartEscalation): DedupKey {
  return { source, policy, dedupKey: test ? null : dedupKey };
}
