import { pauseQuestion, type PauseState } from '../calls/pause.ts';
import { personIdOf } from '../calls/callee.ts';
import { inTime, timeNow, type Clock } from '../clock.ts';
import { lookUp } from '../config/lookUp.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { ask } from '../database/ask.ts';
import type { Sql } from '../database/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { Callees } from '../escalations/callees.ts';
import type { Escalation, Severity } from '../escalations/escalation.ts';
import { coversToken } from '../schedules/coverStore.ts';
import { escalationsToken, openByPolicy } from '../escalations/escalationQueries.ts';
import { dryRun } from '../escalations/ladder/dryRun.ts';
import { freshLadder } from '../escalations/ladder/steps.ts';
import { startFromPolicy, type Policy } from '../escalations/policies.ts';
import { REACH_LIMIT_MS } from '../escalations/targets.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { requireAsking } from './asking.ts';
import { KeptAnswers } from './keptAnswers.ts';
import { severities } from '../http/api/escalationSchemas.ts';
import type { Policies, PolicyDetail, PolicyRow } from './model.ts';
import { roundsShown, stepsShown, type Known } from './policiesShown.ts';
import type { Reader } from './reader.ts';
import type { Round, View } from './view.ts';

interface Parts {
  sql: Sql;
  clock: Clock;
  /** ringdown.yaml as it is now. */
  ringdown: () => RingdownYaml;
  /** They must store nothing. */
  callees: Pick<Callees, 'ofStep'>;
  directory: Pick<Directory, 'find' | 'presence'>;
  permissions: Pick<Permissions, 'checkAsker' | 'quietUntil'>;
  pause: { state(): Promise<PauseState> };
  /** Of calls whose step sets none. */
  ringTimeoutSeconds: number;
}

/** More names than this make a row of the list hard to read. */
const MOST_NAMES = 5;
/** Streams ask the directory for a policy at most this often, unless a cover or ringdown.yaml has changed. */
const KEPT = { most: 500, milliseconds: 30_000 };

type FirstCalled = Omit<PolicyRow, 'open'>;
type LookUp = Pick<Known, 'found' | 'presences'> & { escalation: Escalation };

/** Policies, and what they would do now. Reading them calls nobody and stores nothing. */
export class PoliciesView {
  readonly #parts: Parts;
  readonly #first: KeptAnswers<FirstCalled[]>;
  readonly #looks: KeptAnswers<LookUp>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#first = new KeptAnswers(parts.clock, KEPT, parts.ringdown);
    this.#looks = new KeptAnswers(parts.clock, KEPT, parts.ringdown);
  }

  /** For streams. The id of `policy` is a severity and a name, with a colon between them. */
  views(): View[] {
    return [
      {
        name: 'policies',
        watches: () => ({ covers: coversToken, pause: pauseQuestion, escalations: escalationsToken }),
        load: async (reader, _, round) =>
          await this.#list(
            reader,
            async () => await this.#first.get(await this.#covers(round), async () => await this.#rows()),
          ),
      },
      {
        name: 'policy',
        watches: () => ({ covers: coversToken, pause: pauseQuestion }),
        load: async (reader, id, round) => {
          const [, word, name = ''] = /^(\w+):(.*)$/s.exec(id) ?? [];
          const severity = severities.find((one) => one === word);
          const policy = lookUp(this.#parts.ringdown().policies, name);
          if (!severity || !policy) return null;
          const look = async (): Promise<LookUp> => await this.#lookUp(name, policy, severity);
          return await this.#detail(
            reader,
            async () => await this.#looks.get(`${id} ${await this.#covers(round)}`, look),
          );
        },
      },
    ];
  }

  /**
   * All policies, and whom they call first.
   *
   * @throws NotPermitted if the reader may call nobody, and so may look nobody up
   */
  async list(reader: Reader): Promise<Policies> {
    return await this.#list(reader, async () => await this.#rows());
  }

  /**
   * What a policy would do if an alert of this severity arrived now.
   *
   * @returns null if there is no such policy
   * @throws NotPermitted as `list`
   */
  async detail(reader: Reader, name: string, severity: Severity): Promise<PolicyDetail | null> {
    const policy = lookUp(this.#parts.ringdown().policies, name);
    if (!policy) return null;
    return await this.#detail(reader, async () => await this.#lookUp(name, policy, severity));
  }

  async #list(reader: Reader, first: () => Promise<FirstCalled[]>): Promise<Policies> {
    const { sql, permissions } = this.#parts;
    await requireAsking(reader, permissions);
    const [open, rows] = await Promise.all([reader.seesAll ? openByPolicy(sql) : null, first()]);
    return { policies: rows.map((row) => ({ ...row, open: open && (open.get(row.name) ?? 0) })) };
  }

  async #detail(reader: Reader, look: () => Promise<LookUp>): Promise<PolicyDetail> {
    const { permissions, ringTimeoutSeconds } = this.#parts;
    await requireAsking(reader, permissions);
    const { escalation, found, presences } = await look();
    const { severity } = escalation;
    const [holds, afterwards] = await Promise.all([
      this.#holds(reader, severity),
      this.#afterwards(escalation, reader),
    ]);
    const run = dryRun(escalation, {
      people: found,
      ringTimeoutSeconds,
      ringsAt: (placedAt) => permissions.quietUntil(severity, placedAt) ?? placedAt,
    });
    return {
      name: escalation.policy ?? '',
      severity,
      language: escalation.language,
      at: escalation.createdAt,
      steps: stepsShown(escalation, run, { found, presences, ringTimeoutSeconds }, reader.texts),
      ...roundsShown(escalation, run),
      holds,
      afterwards,
    };
  }

  /** Differs when a cover has changed. */
  async #covers(round: Round): Promise<string> {
    const { sql } = this.#parts;
    return await round.once('covers of policies', async () =>
      JSON.stringify(await ask(sql, { covers: coversToken })),
    );
  }

  /** Whom the steps of a policy mean now. */
  async #lookUp(name: string, policy: Policy, severity: Severity): Promise<LookUp> {
    const { callees, directory, clock } = this.#parts;
    const escalation = this.#alert(name, policy, severity);
    const found = await Promise.all(
      escalation.steps.map(async (step) => await callees.ofStep(escalation, step, REACH_LIMIT_MS)),
    );
    const ids = new Set(
      found.flatMap(({ people }) => people.flatMap(({ target }) => personIdOf(target) ?? [])),
    );
    const presences = await inTime(directory.presence([...ids]), REACH_LIMIT_MS, () => null, clock);
    return { escalation, found, presences };
  }

  async #rows(): Promise<FirstCalled[]> {
    const policies = Object.entries(this.#parts.ringdown().policies);
    return await Promise.all(policies.map(async ([name, policy]) => await this.#row(name, policy)));
  }

  /** An escalation that somebody outside would start now. */
  #alert(name: string, policy: Policy, severity: Severity): Escalation {
    const startedBy = { kind: 'api' as const, key: 'dryRun', name: 'dry run' };
    return {
      ...startFromPolicy({ name, policy }, { summary: '', severity, source: 'dryRun', startedBy }),
      id: 'dryRun',
      createdAt: timeNow(this.#parts.clock),
      revision: 1,
      ladder: freshLadder(),
    };
  }

  async #row(name: string, policy: Policy): Promise<FirstCalled> {
    const { callees } = this.#parts;
    const alert = this.#alert(name, policy, 'critical');
    const row = { name, first: [], more: 0, atOnce: false, steps: alert.steps.length };
    for (const step of alert.steps) {
      const { people } = await callees.ofStep(alert, step, REACH_LIMIT_MS);
      if (people.length === 0) continue;
      const names = people.map(({ target }) => target.displayName);
      const first = names.slice(0, MOST_NAMES);
      return { ...row, first, more: names.length - first.length, atOnce: step.mode === 'parallel' };
    }
    return row;
  }

  async #holds({ texts, timeZone, seesAll }: Reader, severity: Severity): Promise<string[]> {
    const { pause, permissions } = this.#parts;
    const { paused, by, since } = await pause.state();
    const words = texts.chat.pause;
    const until = permissions.quietUntil(severity);
    const shown = (at: number | string): string => texts.format.time(new Date(at).toISOString(), timeZone);
    return [
      ...(paused
        ? [seesAll && by && since ? words.isPausedBy({ by, since: shown(since) }) : words.isPaused]
        : []),
      ...(until === null ? [] : [texts.console.policies.quietUntil({ until: shown(until) })]),
    ];
  }

  async #afterwards({ notify, acknowledgeTimeoutMs }: Escalation, { texts }: Reader): Promise<string[]> {
    const { operators } = this.#parts.ringdown();
    const told = notify.length > 0 ? notify : operators;
    const names = await Promise.all(told.map(async (name) => await this.#displayName(name)));
    const words = texts.console.policies;
    return [
      names.length > 0 ? words.toldAtEnd({ names: texts.format.allOf(names) }) : words.nobodyToldAtEnd,
      ...(acknowledgeTimeoutMs === null
        ? []
        : [words.callsAgain({ duration: texts.format.duration(acknowledgeTimeoutMs / 1000) })]),
    ];
  }

  /** As the directory names the person; as the file does if it does not know. */
  async #displayName(name: string): Promise<string> {
    const { directory, clock } = this.#parts;
    const looking = directory.find({ text: name }, null).catch(() => null);
    const found = await inTime(looking, REACH_LIMIT_MS, () => null, clock);
    return found?.kind === 'one' ? found.person.displayName : name;
  }
}
