import type { Requester, Target } from '../calls/call.ts';
import type { Gate, Judge, Wished } from '../calls/callListener.ts';
import { targetKey } from '../calls/callStore.ts';
import { inTime, type Clock } from '../clock.ts';
import { ask, type Answers, type Questions } from '../database/ask.ts';
import type { Database } from '../database/open.ts';
import type { Sql } from '../database/schema.ts';
import type { RingdownError } from '../errors.ts';
import { personIdOf } from '../calls/callee.ts';
import { toTarget } from '../directory/callable.ts';
import type { Directory, Person } from '../directory/directory.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { textsFor } from '../texts/texts.ts';
import type { Audit } from './audit.ts';
import { isOneself, LimitJudge, limitQuestions, limitsOf } from './callLimits.ts';
import { lookUpKnown, nullIfUnavailable } from './known.ts';
import { operatorRight } from './operators.ts';
import type { OptOuts } from './optOuts.ts';
import { quietUntil } from './quietHours.ts';
import { NotPermitted, type Refusal, type RefusalWords } from './refusal.ts';
import { refusalText } from './refusalText.ts';
import {
  granted,
  isGuestName,
  refusalOf,
  refusalOfAsker,
  refusalOfGuest,
  refusalOfNumber,
  refusalOfPhones,
  type AskerKind,
  type Known,
} from './rules.ts';

type File = Pick<RingdownYaml, 'permissions' | 'limits' | 'quietHours' | 'timeZone' | 'operators'>;
type Severity = NonNullable<RingdownYaml['quietHours']>['except'][number];

/** App roles of the console's registration in Entra. */
const READ_ROLE = 'Console.Read';
const OPERATE_ROLE = 'Console.Operate';

/** If the directory takes longer, the chat's roster is asked instead: a turn must end within 15 s. */
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
 * Who may call whom, how often, and when. Methods that refuse throw `NotPermitted` with the reason, and record it.
 *
 * All rules and limits apply to chats, and to a person for whom an application asks. Otherwise only `permissions.callees`
 * and `perCallee` apply to the API: the operator trusts a key, and a program that calls at night usually has to. Only
 * quiet hours apply to escalations.
 */
export class Permissions implements Gate {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Checks everything except what the database knows: `judge` decides that in the transaction that places the call.
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
   * Checks whether this person may call anybody at all, and so may look people up.
   *
   * @param callee in the asker's words; null if the question is about nobody in particular
   * @throws NotPermitted
   */
  async checkAsker(asker: Requester, callee: string | null): Promise<void> {
    const refusal = await this.#refusalOfAsker(asker);
    if (!refusal) return;
    throw await this.#recorded(this.#notPermitted({ reason: refusal, until: null }, asker, callee ?? ''));
  }

  /** What `checkAsker` checks for a question about nobody in particular. Records nothing. */
  async mayAsk(asker: Requester): Promise<boolean> {
    return (await this.#refusalOfAsker(asker)) === null;
  }

  /**
   * Checks that somebody is a member of the organisation, or a guest whom `permissions.guests` names. It refuses everybody
   * else who may be a guest.
   *
   * @param otherwise asked if the directory does not know; null means that it does not know either
   * @throws NotPermitted
   */
  async checkMember(asker: Requester, otherwise: () => Promise<boolean | null>): Promise<void> {
    const { objectId, name } = asker;
    if (objectId === undefined) return;
    const isMember = (await this.#isMember(objectId)) ?? (await otherwise());
    const reason = await this.#refusalOfGuest({ objectId, name }, isMember);
    if (reason) throw await this.#recorded(this.#notPermitted({ reason, until: null }, asker, ''));
  }

  async #refusalOfGuest(
    { objectId, name }: Pick<Requester, 'name'> & { objectId: string },
    isMember: boolean | null,
  ): Promise<ReturnType<typeof refusalOfGuest>> {
    if (isMember) return null;
    const { directory, ringdown } = this.#parts;
    const { permissions } = ringdown();
    const known = await lookUpKnown(directory, { id: objectId, displayName: name }, permissions.guests);
    return refusalOfGuest(permissions, isMember, known);
  }

  /**
   * What a person may see of duties while they do not ask themselves: `own`, because they may not ask who is on call;
   * `nothing`, because they may not use Ringdown; `unknown`, because the directory does not answer. Records nothing.
   *
   * @param person as the directory has them
   */
  async sightOf(
    asker: Requester & { objectId: string },
    { userType, userPrincipalName }: Pick<Person, 'userType' | 'userPrincipalName'>,
  ): Promise<'all' | 'own' | 'nothing' | 'unknown'> {
    // Without User.Read.All the directory does not show the type. They were known as a member when they got the link.
    const isMember = userType === null ? !isGuestName(userPrincipalName) : userType === 'Member';
    const asGuest = await this.#refusalOfGuest(asker, isMember);
    if (asGuest !== null) return asGuest === 'unchecked' ? 'unknown' : 'nothing';
    const asAsker = await this.#refusalOfAsker(asker);
    if (asAsker === null) return 'all';
    return asAsker === 'unchecked' ? 'unknown' : 'own';
  }

  /** Whether every member may call. Then only guests can be refused before anybody is looked up. */
  isOpenToMembers(): boolean {
    return this.#parts.ringdown().permissions.callers === undefined;
  }

  /** Whether `permissions.guests` names an object id. The directory does not know people of other tenants. */
  namesGuest(objectId: string): boolean {
    const { guests } = this.#parts.ringdown().permissions;
    return guests.some((who) => 'user' in who && who.user.toLowerCase() === objectId.toLowerCase());
  }

  /** Asks the directory; null if it does not answer in time. */
  async #isMember(objectId: string): Promise<boolean | null> {
    const { directory, clock } = this.#parts;
    const asked = directory.get(objectId).catch(nullIfUnavailable);
    const person = await inTime(asked, DIRECTORY_WAIT_MS, () => null, clock);
    if (person === null) return null;
    if (person.userType !== null) return person.userType === 'Member';
    // Without User.Read.All the directory shows the name, but not the type.
    return isGuestName(person.userPrincipalName) ? false : null;
  }

  /** Why this call would be refused now; null if it would not. Records nothing. */
  async whyNot(asker: Requester, target: Target): Promise<RefusalWords | null> {
    const refusal = await this.#refusal(asker, target);
    return refusal && this.#words(refusal, asker, target.displayName);
  }

  /** Why a placed call may no longer be dialled; null if it may. Records a refusal. Limits counted the call already. */
  async refusalNow(asker: Requester, target: Target): Promise<Refusal['reason'] | null> {
    const refusal = await this.#lastingRefusal(asker, target);
    if (refusal) await this.#recorded(this.#notPermitted(refusal, asker, target));
    return refusal?.reason ?? null;
  }

  async #refusal(asker: Requester, target: Target): Promise<Refusal | null> {
    const refusal = await this.#refusalOfRules(asker, target);
    if (refusal) return refusal;
    const { sql } = this.#parts.database;
    const wished = { requestedBy: asker, target };
    return this.#refusals(await ask(sql, await this.questions(sql, [wished]))).of(wished);
  }

  /** Without the limits, which counted the call when it was placed. */
  async #lastingRefusal(asker: Requester, target: Target): Promise<Refusal | null> {
    const refusal = await this.#refusalOfRules(asker, target);
    const person = personIdOf(target);
    if (refusal || isOneself(asker, target) || kindOf(asker) === 'api' || person === null) return refusal;
    return (await this.#parts.optOuts.among([person])).size > 0 ? { reason: 'optedOut', until: null } : null;
  }

  async #refusalOfRules(asker: Requester, target: Target): Promise<Refusal | null> {
    if (isOneself(asker, target)) return null;
    const reason = await this.#ruleRefusal(asker, target);
    if (reason) return { reason, until: null };
    const until = kindOf(asker) === 'api' ? null : this.quietUntil(null);
    return until === null ? null : { reason: 'quietHours', until };
  }

  /** The people whose names the asker may see. Anonymous askers see only those whom they may call. */
  async visibleTo(asker: Requester, people: readonly Person[]): Promise<Person[]> {
    if (kindOf(asker) !== 'anonymous') return [...people];
    const refusals = await Promise.all(
      people.map(async (person) => await this.#ruleRefusal(asker, toTarget(person))),
    );
    return people.filter((_, index) => refusals[index] === null);
  }

  /** Whether `permissions.acknowledge` names this person. */
  async mayAcknowledge({ objectId, name }: Requester): Promise<boolean> {
    const { directory, ringdown } = this.#parts;
    const { acknowledge } = ringdown().permissions;
    if (objectId === undefined || acknowledge.length === 0) return false;
    const known = await lookUpKnown(directory, { id: objectId, displayName: name }, acknowledge);
    return granted(acknowledge, known) === 'yes';
  }

  /**
   * What somebody may do in the console: see the calls and escalations of everybody, and operate Ringdown. By
   * `permissions.console` and `operators` of ringdown.yaml, or by the app roles of their token. What cannot be checked
   * grants nothing.
   */
  async inConsole(
    { objectId, name }: Requester,
    roles: readonly string[],
  ): Promise<{ seesAll: boolean; operates: boolean }> {
    if (objectId === undefined) return { seesAll: false, operates: false };
    const { directory, ringdown } = this.#parts;
    const { operators: names, permissions } = ringdown();
    const { readers, operators } = permissions.console;
    const [known, isOperator] = await Promise.all([
      lookUpKnown(directory, { id: objectId, displayName: name }, [...readers, ...operators]),
      operatorRight({ objectId }, names, directory),
    ]);
    const operates =
      isOperator === 'yes' || roles.includes(OPERATE_ROLE) || granted(operators, known) === 'yes';
    return {
      operates,
      seesAll: operates || roles.includes(READ_ROLE) || granted(readers, known) === 'yes',
    };
  }

  /** `stop calling me`. @returns false if calls were stopped already */
  async stopCalls(asker: Requester & { objectId: string }): Promise<boolean> {
    const isNew = await this.#parts.optOuts.stop(asker);
    if (isNew) await this.#parts.audit.record('stoppedCalls', asker);
    return isNew;
  }

  /** `allow calls`. @returns false if calls were allowed already */
  async allowCalls(asker: Requester & { objectId: string }): Promise<boolean> {
    const isNew = await this.#parts.optOuts.allow(asker);
    if (isNew) await this.#parts.audit.record('allowedCalls', asker);
    return isNew;
  }

  /**
   * The end of the quiet hours (epoch milliseconds); null if people may be called then.
   *
   * @param severity that of the escalation; null for a call that somebody asks for in a chat
   * @param at epoch milliseconds
   */
  quietUntil(severity: Severity | null, at = this.#parts.clock.now()): number | null {
    const { quietHours, timeZone } = this.#parts.ringdown();
    if (!quietHours || (severity !== null && quietHours.except.includes(severity))) return null;
    return quietUntil(quietHours, timeZone, at);
  }

  locksOf(wished: Wished): readonly string[] {
    return isGuarded(wished) ? limitsOf(wished) : [];
  }

  /** Has the callee stopped calls, and is a limit reached? Calls by escalations and operators have no gate. */
  async questions(sql: Sql, wished: readonly Wished[]): Promise<Questions> {
    const { optOuts, clock } = this.#parts;
    const guarded = wished.filter(isGuarded);
    const callees = guarded.filter(mayBeStopped).flatMap(({ target }) => personIdOf(target) ?? []);
    return {
      optedOut: await optOuts.question(sql, callees),
      ...limitQuestions(this.#parts.ringdown().limits, guarded, clock.now()),
    };
  }

  judge(answers: Answers): Judge {
    const refusals = this.#refusals(answers);
    return {
      check: (wished) => {
        const refusal = refusals.of(wished);
        if (refusal) throw this.#notPermitted(refusal, wished.requestedBy, wished.target);
      },
      granted: (wished) => refusals.granted(wished),
    };
  }

  /** @param answers to `questions` */
  #refusals(answers: Answers): { of: (wished: Wished) => Refusal | null; granted: (wished: Wished) => void } {
    const { optOuts, clock, ringdown } = this.#parts;
    const limits = new LimitJudge(ringdown().limits, answers, clock.now());
    const hasStopped = optOuts.stoppedIn(answers['optedOut']);
    return {
      of: (wished) => {
        if (!isGuarded(wished)) return null;
        if (mayBeStopped(wished) && hasStopped(personIdOf(wished.target) ?? ''))
          return { reason: 'optedOut', until: null };
        return limits.refusalOf(wished);
      },
      granted: (wished) => limits.granted(wished),
    };
  }

  async refused(error: RingdownError): Promise<void> {
    if (error instanceof NotPermitted) await this.#recorded(error);
  }

  async #refusalOfAsker(asker: Requester): Promise<ReturnType<typeof refusalOfAsker>> {
    const { permissions } = this.#parts.ringdown();
    return refusalOfAsker(permissions, kindOf(asker), await this.#knownAsker(asker));
  }

  async #ruleRefusal(asker: Requester, target: Target): Promise<ReturnType<typeof refusalOf>> {
    const { directory, ringdown } = this.#parts;
    const { permissions } = ringdown();
    const kind = kindOf(asker);
    const { allow = [], deny } = permissions.callees;
    const grants = [...allow, ...(kind === 'anonymous' ? permissions.anonymous.mayCall : [])];
    // Somebody's own phone is theirs: who may not call them in Teams may not call it either.
    const whom = { id: target.personId ?? target.id, displayName: target.displayName };
    const [own, callee, phones] = await Promise.all([
      this.#knownAsker(asker),
      lookUpKnown(directory, whom, grants, deny),
      target.kind === 'phone' ? this.#phoneRefusal(asker, target.id) : null,
    ]);
    return refusalOf(permissions, kind, own, callee) ?? phones;
  }

  async #phoneRefusal(asker: Requester, number: string): Promise<ReturnType<typeof refusalOf>> {
    const { permissions } = this.#parts.ringdown();
    return (await this.#refusalOfPhones(asker)) ?? refusalOfNumber(permissions, number);
  }

  async #refusalOfPhones(asker: Requester): Promise<ReturnType<typeof refusalOf>> {
    const { directory, ringdown } = this.#parts;
    const { permissions } = ringdown();
    const { objectId, name } = asker;
    const known =
      objectId === undefined
        ? null
        : await lookUpKnown(directory, { id: objectId, displayName: name }, permissions.phones.callers);
    return refusalOfPhones(permissions, kindOf(asker), known);
  }

  /**
   * Checks whether somebody may have phone numbers called, before it is known which.
   *
   * @param callee in the asker's words
   * @throws NotPermitted
   */
  async checkPhones(asker: Requester, callee: string): Promise<void> {
    const reason = await this.#refusalOfPhones(asker);
    if (reason) throw await this.#recorded(this.#notPermitted({ reason, until: null }, asker, callee));
  }

  async #knownAsker(asker: Requester): Promise<Known | null> {
    const { directory, ringdown } = this.#parts;
    const { callers } = ringdown().permissions;
    if (kindOf(asker) !== 'known' || asker.objectId === undefined || !callers) return null;
    return await lookUpKnown(directory, { id: asker.objectId, displayName: asker.name }, callers);
  }

  #notPermitted(refusal: Refusal, asker: Requester, callee: Target | string): NotPermitted {
    const [name, key] = typeof callee === 'string' ? [callee, null] : [callee.displayName, targetKey(callee)];
    const words = this.#words(refusal, asker, name);
    return new NotPermitted(words, asker, key, refusalText(words, textsFor('en')));
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

function isGuarded({ requestedBy: { kind } }: Wished): boolean {
  return kind === 'chat' || kind === 'api';
}

/** Whether the callee's wish not to be called counts. */
function mayBeStopped({ requestedBy, target }: Wished): boolean {
  return kindOf(requestedBy) !== 'api' && personIdOf(target) !== null && !isOneself(requestedBy, target);
}
