import type { Requester, Target } from '../calls/call.ts';
import type { Gate } from '../calls/callListener.ts';
import { targetKey } from '../calls/callStore.ts';
import { inTime, type Clock } from '../clock.ts';
import { ask, type Answers, type Questions } from '../database/ask.ts';
import type { Database } from '../database/open.ts';
import type { Work } from '../database/work.ts';
import { toTarget } from '../directory/callable.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { textsFor } from '../texts/texts.ts';
import type { Audit } from './audit.ts';
import { isOneself, limitLocks, limitQuestions, limitReached, type LimitAnswers } from './callLimits.ts';
import type { OptOuts } from './optOuts.ts';
import { quietUntil } from './quietHours.ts';
import { NotPermitted, type Refusal, type RefusalWords } from './refusal.ts';
import {
  addressesOf,
  granted,
  isCommunicationUser,
  isSameName,
  nameOf,
  needsOf,
  refusalOf,
  refusalOfAsker,
  refusalOfGuest,
  isGuestName,
  type AskerKind,
  type Known,
  type Who,
} from './rules.ts';

type File = Pick<RingdownYaml, 'permissions' | 'limits' | 'quietHours' | 'timeZone' | 'operators'>;
type Severity = NonNullable<RingdownYaml['quietHours']>['except'][number];

/** When the directory takes longer, the roster of the chat is asked instead: a turn must end within 15 s. */
const DIRECTORY_WAIT_MS = 3_000;

interface Parts {
  database: Pick<Database, 'sql'>;
  directory: Pick<Directory, 'get' | 'find' | 'isMemberOf'>;
  optOuts: OptOuts;
  audit: Audit;
  clock: Pick<Clock, 'now' | 'setTimeout' | 'clearTimeout'>;
  /** ringdown.yaml as it is now. */
  ringdown: () => File;
}

/**
 * Who may call whom, how often, and when. What is refused is thrown as `NotPermitted` with its reason, and recorded.
 *
 * Chats are bound by everything, and so is a person for whom an application asks. The API is else bound by `permissions.callees` and `perCallee`: a key stands for the
 * operator's own trust, and what a program calls for at night it mostly calls for because it must. Escalations are
 * bound by nothing here but quiet hours.
 */
export class Permissions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * By everything but what the database knows, which `gate` asks in the transaction that places the call.
   *
   * @throws NotPermitted not_allowed
   */
  async mayWish(asker: Requester, target: Target): Promise<void> {
    const refusal = await this.#refusalOfRules(asker, target);
    if (refusal) throw await this.#recorded(this.#notPermitted(refusal, asker, target));
  }

  /** @throws NotPermitted (`not_allowed`, `rate_limited`) */
  async mayCall(asker: Requester, target: Target): Promise<void> {
    const refusal = await this.#refusal(asker, target);
    if (refusal) throw await this.#recorded(this.#notPermitted(refusal, asker, target));
  }

  /**
   * Whether this person may call anybody at all, and so may look people up.
   *
   * @param callee as the asker named them; null if it is about nobody in particular
   * @throws NotPermitted
   */
  async checkAsker(asker: Requester, callee: string | null): Promise<void> {
    const refusal = await this.#refusalOfAsker(asker);
    if (!refusal) return;
    throw await this.#recorded(this.#notPermitted({ reason: refusal, until: null }, asker, callee ?? ''));
  }

  /**
   * Whether somebody is a member of the organisation, or `permissions.guests` names them. Refuses everybody who may be
   * a guest.
   *
   * @param otherwise tells where the directory does not; null if that does not know either
   * @throws NotPermitted
   */
  async checkMember(asker: Requester, otherwise: () => Promise<boolean | null>): Promise<void> {
    const { objectId, name } = asker;
    if (objectId === undefined) return;
    const isMember = (await this.#isMember(objectId)) ?? (await otherwise());
    if (isMember) return;
    const { permissions } = this.#parts.ringdown();
    const known = await this.#known({ id: objectId, displayName: name }, permissions.guests);
    const reason = refusalOfGuest(permissions, isMember, known);
    if (reason) throw await this.#recorded(this.#notPermitted({ reason, until: null }, asker, ''));
  }

  /** Whether every member may call: of those who are known, only guests are refused before anybody is looked up. */
  isOpenToMembers(): boolean {
    return this.#parts.ringdown().permissions.callers === undefined;
  }

  /** Whether `permissions.guests` names somebody by object id. The directory does not know people of other tenants. */
  namesGuest(objectId: string): boolean {
    const { guests } = this.#parts.ringdown().permissions;
    return guests.some((who) => 'user' in who && who.user.toLowerCase() === objectId.toLowerCase());
  }

  /** By the directory; null if it does not tell in time. */
  async #isMember(objectId: string): Promise<boolean | null> {
    const { directory, clock } = this.#parts;
    const asked = directory.get(objectId).catch(nullIfUnavailable);
    const person = await inTime(asked, DIRECTORY_WAIT_MS, () => null, clock);
    if (person === null) return null;
    if (person.userType !== null) return person.userType === 'Member';
    // Without User.Read.All the directory shows no type, but the name.
    return isGuestName(person.userPrincipalName) ? false : null;
  }

  /** Why this call would be refused now; null if it would not. Nothing is recorded. */
  async whyNot(asker: Requester, target: Target): Promise<RefusalWords | null> {
    const refusal = await this.#refusal(asker, target);
    return refusal && this.#words(refusal, asker, target.displayName);
  }

  /** Why a call that was placed may not be begun any more: limits have counted it. Recorded. */
  async refusalNow(asker: Requester, target: Target): Promise<Refusal['reason'] | null> {
    const refusal = await this.#lastingRefusal(asker, target);
    if (refusal) await this.#recorded(this.#notPermitted(refusal, asker, target));
    return refusal?.reason ?? null;
  }

  async #refusal(asker: Requester, target: Target): Promise<Refusal | null> {
    const refusal = await this.#refusalOfRules(asker, target);
    if (refusal) return refusal;
    const { database, ringdown } = this.#parts;
    const questions = await this.#questions(database.sql, asker, target);
    return refusalBy(ringdown().limits, await ask(database.sql, questions));
  }

  /** Limits are not asked: they have counted it. */
  async #lastingRefusal(asker: Requester, target: Target): Promise<Refusal | null> {
    const refusal = await this.#refusalOfRules(asker, target);
    if (refusal || isOneself(asker, target) || kindOf(asker) === 'api' || target.kind !== 'teamsUser')
      return refusal;
    return (await this.#parts.optOuts.among([target.id])).size > 0
      ? { reason: 'optedOut', until: null }
      : null;
  }

  async #refusalOfRules(asker: Requester, target: Target): Promise<Refusal | null> {
    if (isOneself(asker, target)) return null;
    const reason = await this.#ruleRefusal(asker, target);
    if (reason) return { reason, until: null };
    const until = kindOf(asker) === 'api' ? null : this.quietUntil(null);
    return until === null ? null : { reason: 'quietHours', until };
  }

  /** Those of these people whom the asker may know of: who has no identity learns of nobody else. */
  async visibleTo(asker: Requester, people: readonly Person[]): Promise<Person[]> {
    if (kindOf(asker) !== 'anonymous') return [...people];
    const refusals = await Promise.all(
      people.map(async (person) => await this.#ruleRefusal(asker, toTarget(person))),
    );
    return people.filter((_, index) => refusals[index] === null);
  }

  /** Whether `permissions.acknowledge` names this person. */
  async mayAcknowledge({ objectId, name }: Requester): Promise<boolean> {
    const { acknowledge } = this.#parts.ringdown().permissions;
    if (objectId === undefined || acknowledge.length === 0) return false;
    return (
      granted(acknowledge, await this.#known({ id: objectId, displayName: name }, acknowledge)) === 'yes'
    );
  }

  /** `stop calling me`. @returns false if it was so already */
  async stopCalls(asker: Requester & { objectId: string }): Promise<boolean> {
    const isNew = await this.#parts.optOuts.stop(asker);
    if (isNew) await this.#parts.audit.record('stoppedCalls', asker);
    return isNew;
  }

  /** `allow calls`. @returns false if it was so already */
  async allowCalls(asker: Requester & { objectId: string }): Promise<boolean> {
    const isNew = await this.#parts.optOuts.allow(asker);
    if (isNew) await this.#parts.audit.record('allowedCalls', asker);
    return isNew;
  }

  /**
   * Until when nobody is to be called, in epoch milliseconds; null if people may be called now.
   *
   * @param severity of the escalation; null for a call that somebody asks for in a chat
   */
  quietUntil(severity: Severity | null): number | null {
    const { quietHours, timeZone } = this.#parts.ringdown();
    if (!quietHours || (severity !== null && quietHours.except.includes(severity))) return null;
    return quietUntil(quietHours, timeZone, this.#parts.clock.now());
  }

  /**
   * What is asked in the transaction that places a call: whether the callee has stopped calls, and whether it is one too
   * many. Null where nothing is.
   */
  async gate({ sql }: Work, asker: Requester, target: Target): Promise<Gate | null> {
    if (asker.kind !== 'chat' && asker.kind !== 'api') return null;
    const wished = { requestedBy: asker, target };
    const { limits } = this.#parts.ringdown();
    return {
      locks: limitLocks(wished),
      questions: await this.#questions(sql, asker, target),
      judge: (answers) => {
        const refusal = refusalBy(limits, answers);
        if (refusal) throw this.#notPermitted(refusal, asker, target);
      },
    };
  }

  async #questions(sql: Work['sql'] | Database['sql'], asker: Requester, target: Target): Promise<Questions> {
    const { optOuts, clock } = this.#parts;
    const mayHaveStopped =
      kindOf(asker) !== 'api' && target.kind === 'teamsUser' && !isOneself(asker, target);
    const { limits } = this.#parts.ringdown();
    return {
      ...(mayHaveStopped && { optedOut: await optOuts.question(sql, target.id) }),
      ...limitQuestions(limits, { requestedBy: asker, target }, clock.now()),
    };
  }

  async #refusalOfAsker(asker: Requester): Promise<ReturnType<typeof refusalOfAsker>> {
    const { permissions } = this.#parts.ringdown();
    return refusalOfAsker(permissions, kindOf(asker), await this.#knownAsker(asker));
  }

  async #ruleRefusal(asker: Requester, target: Target): Promise<ReturnType<typeof refusalOf>> {
    const { permissions } = this.#parts.ringdown();
    const kind = kindOf(asker);
    const { allow = [], deny } = permissions.callees;
    const grants = [...allow, ...(kind === 'anonymous' ? permissions.anonymous.mayCall : [])];
    const [own, callee] = await Promise.all([this.#knownAsker(asker), this.#known(target, grants, deny)]);
    return refusalOf(permissions, kind, own, callee);
  }

  async #knownAsker(asker: Requester): Promise<Known | null> {
    const { callers } = this.#parts.ringdown().permissions;
    if (kindOf(asker) !== 'known' || asker.objectId === undefined || !callers) return null;
    return await this.#known({ id: asker.objectId, displayName: asker.name }, callers);
  }

  /** Asks the directory for no more than what the rules need. */
  async #known(
    { id, displayName }: Pick<Target, 'id' | 'displayName'>,
    grants: readonly Who[],
    deny: readonly Who[] = [],
  ): Promise<Known> {
    const { directory } = this.#parts;
    const nobody = { addresses: [], domains: [] };
    if (isCommunicationUser(id)) {
      return { id, displayName, ...nobody, groups: new Set(), complete: true, ownNames: new Set() };
    }
    const needs = needsOf([...grants, ...deny]);
    let complete = true;
    const orIncomplete = async <T>(question: Promise<T>): Promise<T | null> => {
      try {
        return await question;
      } catch (error) {
        if (!(error instanceof RingdownError) || error.code !== 'directory_unavailable') throw error;
        complete = false;
        return null;
      }
    };
    const names = grants.map(nameOf).filter((name) => name !== null && isSameName(name, displayName));
    const [person, groups, meant] = await Promise.all([
      needs.person ? orIncomplete(directory.get(id)) : null,
      // Its failure concerns rules of groups only.
      needs.groups.length === 0
        ? new Set<string>()
        : directory.isMemberOf(id, needs.groups).catch(nullIfUnavailable),
      Promise.all(
        names.map(
          async (name) => [name, await orIncomplete(directory.find({ text: name ?? '' }, null))] as const,
        ),
      ),
    ]);
    const ownNames = meant.flatMap(([name, found]) =>
      name !== null && found?.kind === 'one' && found.person.id === id.toLowerCase() ? [name] : [],
    );
    return {
      id,
      displayName,
      ...(person ? addressesOf(person) : nobody),
      groups,
      complete,
      ownNames: new Set(ownNames),
    };
  }

  #notPermitted(refusal: Refusal, asker: Requester, callee: Target | string): NotPermitted {
    const [name, key] = typeof callee === 'string' ? [callee, null] : [callee.displayName, targetKey(callee)];
    const words = this.#words(refusal, asker, name);
    return new NotPermitted(words, asker, key, textsFor('en').chat.refused(words));
  }

  #words(refusal: Refusal, asker: Requester, callee: string): RefusalWords {
    const { operators, timeZone } = this.#parts.ringdown();
    const { until } = refusal;
    return {
      ...refusal,
      callee,
      ask: kindOf(asker) === 'anonymous' || refusal.reason === 'guest' ? [] : operators,
      seconds: until === null ? null : Math.max(1, Math.ceil((until - this.#parts.clock.now()) / 1000)),
      timeZone,
    };
  }

  async #recorded(error: NotPermitted): Promise<NotPermitted> {
    await this.#parts.audit.refused(error);
    return error;
  }
}

function kindOf({ kind, objectId }: Requester): AskerKind {
  if (objectId !== undefined) return 'known';
  return kind === 'chat' ? 'anonymous' : 'api';
}

function nullIfUnavailable(error: unknown): null {
  if (error instanceof RingdownError && error.code === 'directory_unavailable') return null;
  throw error;
}

/** What the answers to `questions` say. */
function refusalBy(limits: File['limits'], answers: Answers): Refusal | null {
  if (answers['optedOut'] === true) return { reason: 'optedOut', until: null };
  const dated = (name: string): Date | null => (answers[name] instanceof Date ? answers[name] : null);
  const counted: LimitAnswers = { perCaller: dated('perCaller'), perCallee: dated('perCallee') };
  return limitReached(limits, counted);
}
