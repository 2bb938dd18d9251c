import { LRUCache } from 'lru-cache';
import type { Call, CallEvent, Requester, Target } from '../calls/call.ts';
import { callNamed, lockRunning } from '../calls/callQueries.ts';
import type { CallService } from '../calls/callService.ts';
import { capturesOn } from '../calls/captures.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { TALK_LINK_MS } from '../calls/purposes/talk.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Sql } from '../database/schema.ts';
import { asRequest } from '../database/lanes.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import type { Report, ReportAnswer } from './pageModel.ts';
import type { TalkIdentities, VoipToken } from '../telephony/talkIdentities.ts';
import {
  deleteLinksOf,
  findLink,
  findSession,
  hashOf,
  insertLink,
  lockLink,
  lockLinkOf,
  newLink,
  useLink,
  type TalkLink,
} from './linkStore.ts';

interface Parts {
  sql: Sql;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
  calls: Pick<CallService, 'get' | 'apply' | 'applyIn' | 'dialling' | 'decideIn'>;
  identities: Pick<TalkIdentities, 'token'>;
  /** Whether people may talk from a browser: `talk` in ringdown.yaml. */
  isOn: () => boolean;
  /** Why this call would be refused now, without rate limits, because the call was already counted. */
  refusalOf: (asker: Requester, target: Target) => Promise<string | null>;
  /** Called when a link was created: its page will be requested soon. */
  linked?: () => void;
  /** The public origin; known once the server listens. */
  publicUrl: () => string;
}

/** Why a link does not work. */
export type GoneLink = 'unknown' | 'used' | 'expired' | 'over';

/** What opening a link finds. Opening does not use the link. */
export type Looked = { kind: 'gone'; because: GoneLink } | { kind: 'open'; call: Call };

/** What the page needs for the call. The token is meant for this call, but allows more: see docs/security.md. */
export interface Joined {
  target: Target;
  /** What the callee's phone shows. */
  displayName: string;
  token: string;
}

/** The page reports every 1.5 s, but "last heard" is stored at most this often. */
const HEARD_MS = 5_000;
/** How many links this process remembers for cards. The database has only their hashes. */
const LINKS_KEPT = 1_000;
/** 256 bits in base64url. */
const secret = /^[\w-]{43}$/;

/**
 * "Talk from your browser": a link for one person's call that works once, and the reports of the page that it opens. The
 * page places the call itself; the call's lifecycle decides whether it may begin and what its reports mean.
 */
export class Talk {
  readonly #parts: Parts;
  readonly #links: LRUCache<string, string>;
  /** Hashes of known sessions. */
  readonly #sessions = new LRUCache<string, true>({ max: LINKS_KEPT });

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#links = new LRUCache({ max: LINKS_KEPT, ttl: TALK_LINK_MS });
  }

  /** Whether people may talk from a browser. If switched off, links do not work, but running calls continue. */
  get isOn(): boolean {
    return this.#parts.isOn();
  }

  /** Makes a link for a call, in the transaction that places it. Older links to the call stop working. */
  linkIn(work: Work, callId: string): void {
    const now = this.#parts.clock.now();
    const link = newLink();
    insertLink(work, { link, callId, createdAt: now, expiresAt: now + TALK_LINK_MS });
    this.#links.set(callId, link);
    this.#parts.linked?.();
  }

  /** The URL of the call's link; null if another process made it, or it has expired. */
  addressOf(callId: string): string | null {
    const link = this.#links.get(callId);
    return link === undefined ? null : `${this.#parts.publicUrl()}/talk/${link}`;
  }

  /** Replaces a call's link, for example because no process knows it any more. Does nothing once the link was used. */
  async renew(callId: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      const at = timeNow(this.#parts.clock);
      const call = await this.#parts.calls.applyIn(work, callId, { type: 'talkLinked', at });
      if (call && view(call).status === 'queued') this.linkIn(work, callId);
    });
  }

  /** Finds the call of a link. Link previews request this too, so it changes nothing. */
  async look(link: string): Promise<Looked> {
    return await this.#standing(await this.#find(link));
  }

  /**
   * Uses the link: reserves the callee's phone and gives the page a token to call with. The session is a secret of the
   * page. If it asks again because the answer was lost, it gets the same answer until its first report.
   *
   * @throws RingdownError not_found; wrong_state with `extra.because`; unavailable if no token is available
   */
  async join(link: string, session: string): Promise<Joined> {
    if (!secret.test(session))
      throw new RingdownError('bad_request', { detail: 'session: 256 bits in base64url' });
    const found = await this.#find(link);
    if (found?.sessionHash === hashOf(session)) return await this.#joinedAgain(found);
    const looked = await this.#standing(found);
    if (looked.kind === 'gone') throw gone(looked.because);
    const { call } = looked;
    if (await this.#parts.refusalOf(call.requestedBy, call.target)) throw notNow('notAllowed');
    // Get the token first: if that fails, the link can still be used.
    const token = await this.#token(call, link);
    await this.#parts.transact(async (work) => {
      // Lock the call before its link, like everywhere else.
      await this.#parts.calls.decideIn(work, call.id, () => null);
      const locked = await lockLink(work.sql, link);
      if (!locked) throw gone('unknown');
      // The page asked again while its first request was still running.
      if (locked.sessionHash === hashOf(session)) return;
      if (locked.used) throw gone('used');
      if (this.#parts.clock.now() >= locked.expiresAt) throw gone('expired');
      const begun = await this.#parts.calls.dialling.beginTalkIn(work, locked.callId);
      if (begun === null) throw gone('over');
      if (typeof begun === 'string') throw notNow(begun);
      await useLink(work.sql, locked.hash, session, this.#parts.clock.now());
    });
    this.#links.delete(call.id);
    return joinedOf(call, token);
  }

  /**
   * The call of a page's session. Known sessions bypass the request queue; unknown ones do not, because anybody can make
   * them up.
   *
   * @throws RingdownError unauthorized
   */
  async callOf(session: string): Promise<string> {
    if (!secret.test(session)) throw new RingdownError('unauthorized');
    const key = hashOf(session);
    const find = async (): Promise<TalkLink | null> => await findSession(this.#parts.sql, session);
    const found = await (this.#sessions.has(key) ? find() : asRequest(find));
    if (!found) throw new RingdownError('unauthorized');
    this.#sessions.set(key, true);
    return found.callId;
  }

  /** Applies a report of the page to its call. @throws RingdownError unauthorized */
  async report(callId: string, report: Report): Promise<ReportAnswer> {
    const { calls } = this.#parts;
    let call = await calls.get(callId);
    if (!call) throw new RingdownError('unauthorized');
    const names = await this.#namesOf(call, report);
    for (const event of eventsOf(call, report, names, this.#parts.clock.now())) {
      call = (await calls.apply(callId, event)) ?? call;
    }
    const { status, disposition } = view(call);
    const captured = capturesOn(call);
    return {
      hangUp: call.facts.hangUp !== undefined,
      over: status === 'ended',
      disposition,
      recording: captured.includes('recording'),
      transcription: captured.includes('transcription'),
    };
  }

  /** Revokes a person's links and sessions. Open pages notice with their next report. */
  async revokeIn(work: Work, person: string): Promise<void> {
    await deleteLinksOf(work.sql, person);
  }

  /** The new ids in a report. None if another call has one of them, because a page may claim anything. */
  async #namesOf(call: Call, report: Report): Promise<Names> {
    const serverCallId = call.serverCallId === null ? nameIn(report.serverCallId) : null;
    const correlationId = call.correlationId === null ? nameIn(report.callId) : null;
    const taken = await callNamed(this.#parts.sql, { serverCallId, correlationId });
    return taken !== null
      ? {}
      : { ...(serverCallId && { serverCallId }), ...(correlationId && { correlationId }) };
  }

  async #standing(found: TalkLink | null): Promise<Looked> {
    const call = found && (await this.#parts.calls.get(found.callId));
    if (!found || !call) return { kind: 'gone', because: 'unknown' };
    if (found.used) return { kind: 'gone', because: 'used' };
    if (this.#parts.clock.now() >= found.expiresAt) return { kind: 'gone', because: 'expired' };
    return view(call).status === 'queued' ? { kind: 'open', call } : { kind: 'gone', because: 'over' };
  }

  async #find(link: string): Promise<TalkLink | null> {
    return this.isOn && secret.test(link) ? await findLink(this.#parts.sql, link) : null;
  }

  async #joinedAgain({ callId }: TalkLink): Promise<Joined> {
    const call = await this.#parts.calls.get(callId);
    if (!call || view(call).status === 'ended') throw gone('over');
    // The page already has its token, and gets no other one.
    if (call.facts.talk?.heardAt) throw gone('used');
    return joinedOf(call, await this.#token(call, null));
  }

  /** Gets a token. A new identity is stored only while the call is open, so a forgotten person gets none. */
  async #token({ id }: Call, link: string | null): Promise<VoipToken> {
    return await this.#parts.identities.token(
      id,
      async ({ sql }) => (await lockRunning(sql, id)) && (await lockLinkOf(sql, id, link)),
    );
  }
}

function joinedOf({ target, requestedBy }: Call, { token }: VoipToken): Joined {
  return { target, displayName: requestedBy.name, token };
}

/** Accepts only printable ASCII, like the service's ids (a serverCallId is base64): a page may send anything. */
function nameIn(told: string | null): string | null {
  return told !== null && /^[\x21-\x7e]+$/.test(told) ? told : null;
}

interface Names {
  serverCallId?: string;
  correlationId?: string;
}

/** The events for what is new in a report. */
function eventsOf(call: Call, report: Report, names: Names, now: number): CallEvent[] {
  const { facts } = call;
  const at = new Date(now).toISOString();
  const { state, code, subCode } = report;
  const isOver = state === 'ended' || state === 'failed' || state === 'left';
  const rings = state === 'ringing' && !facts.talk?.ringsAt;
  const events: CallEvent[] = [];
  const heardAt = facts.talk?.heardAt ?? facts.dialSentAt;
  const isNamed = Object.keys(names).length > 0;
  if (isNamed || (!isOver && (rings || !heardAt || now - Date.parse(heardAt) >= HEARD_MS))) {
    events.push({ type: 'talkHeard', at, rings, ...names });
  }
  if (state === 'connected' && !facts.connectedAt) {
    events.push({ type: 'connected', at, ...NO_NAMES });
  }
  const captured = capturesOn(call);
  for (const what of ['recording', 'transcription'] as const) {
    const on = report[what] && !isOver;
    // Report only what no other source has reported, and end only what this page reported itself.
    const own = facts.captures?.findLast((one) => one.what === what && one.id === PAGE)?.on ?? false;
    if (on ? !captured.includes(what) : own && !isOver) {
      events.push({ type: 'capture', at, what, id: PAGE, on, ...NO_NAMES });
    }
  }
  if (state === 'hangingUp' && !facts.hangUp) {
    events.push({ type: 'hangUpRequested', at, by: 'requester' });
  }
  if (isOver && !facts.ended) {
    if (state === 'left') events.push({ type: 'talkLeft', at });
    else {
      const by = state === 'ended' ? 'disconnected' : 'connectFailed';
      const result = { code, subCode, message: '' };
      events.push({ type: 'ended', at, by, result, callConnectionId: null });
    }
  }
  return events;
}

/** Call Automation does not know this call, so there are no ids. */
const NO_NAMES = { callConnectionId: null, serverCallId: null, correlationId: null };

/** The source id for recordings and transcriptions that the page reports. */
const PAGE = 'page';

function gone(because: GoneLink): RingdownError {
  return because === 'unknown' ? new RingdownError('not_found', { extra: { because } }) : notNow(because);
}

function notNow(because: string): RingdownError {
  return new RingdownError('wrong_state', { extra: { because } });
}
