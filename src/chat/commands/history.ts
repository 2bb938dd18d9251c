import { DateTime } from 'luxon';
import type { Call } from '../../calls/call.ts';
import { callAgain } from '../../calls/callAgain.ts';
import type { CallService } from '../../calls/callService.ts';
import { FORGOTTEN } from '../../privacy/anonymise.ts';
import type { Database } from '../../database/open.ts';
import type { Escalation } from '../../escalations/escalation.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import { subjectOf } from '../calls/callCards.ts';
import { cardsOf } from '../cards/cardStore.ts';
import { callStateWords, shownState } from '../../texts/callState.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { inShort, stateOf, stateWords } from '../../texts/escalationState.ts';
import { historyCard, type HistoryRow } from '../cards/renderers/historyCard.ts';
import type { EscalationsHere } from '../escalations/escalationsHere.ts';
import type { Placing } from '../calls/placing.ts';
import type { Press, PressAnswer } from '../turn/press.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  calls: Pick<CallService, 'list' | 'get'>;
  placing: Placing;
  database: Database;
  escalations: Pick<EscalationService, 'callsOf' | 'get'>;
  here: Pick<EscalationsHere, 'ever'>;
  timeZone: () => string;
}

/** What fits on a phone's screen. */
export const PAGE = 6;
/** Without buttons there is only one page. */
const PAGE_WITHOUT_BUTTONS = 12;

/** In place of an entry's id: the first page. */
const FIRST_PAGE = 'first';

type Place = { createdAt: string; id: string };
type Entry = Place & ({ call: Call } | { escalation: Escalation });

/**
 * `history`: the last calls and alerts, page by page. A shared conversation shows only its own. The buttons carry only
 * the id of an entry; what they show is looked up for the person who presses.
 */
export class History {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers, presses }: Registers): void {
    presses.on(/^history(?:Page|Call)$/, async (turn, press) => await this.#press(turn, press));
    handlers.on('history', async (turn) => {
      if (!(await turn.isFirstDelivery())) return;
      const page = await this.#page(turn, null);
      if (page) await turn.show(page);
      else await turn.say(turn.texts.chat.history.empty);
    });
  }

  async #press(turn: ChatTurn, { verb, id }: Press): Promise<PressAnswer> {
    const { texts } = turn;
    if (verb === 'historyCall') {
      const refused = await this.#callAgain(turn, id);
      if (refused) return refused;
      // The first page, because the new call is at the top.
      return { card: await this.#page(turn, null) };
    }
    const after = id === FIRST_PAGE ? null : await this.#place(id);
    if (id !== FIRST_PAGE && !after) return { say: texts.chat.cardIsGone };
    const page = await this.#page(turn, after);
    return page ? { card: page } : { say: texts.chat.history.noOlder };
  }

  /** @returns what to say if no call was placed */
  async #callAgain(turn: ChatTurn, callId: string): Promise<PressAnswer | null> {
    const { texts } = turn;
    const { calls, placing } = this.#parts;
    const call = await calls.get(callId);
    if (!call || !(await this.#isSeenBy(turn, call))) return { say: texts.chat.cardIsGone };
    const { target, purpose } = call;
    // A forgotten person cannot be called again, and a message that was not kept cannot be spoken.
    const isGone = target.id === FORGOTTEN || (purpose.kind === 'speak' && purpose.message === '');
    if (isGone) return { say: texts.chat.cardIsGone };
    const wish = { target, message: purpose.kind === 'speak' ? purpose.message : null };
    await placing.check(turn, wish);
    const granted = await placing.place(turn, { ...wish, requestKey: turn.requestKey });
    const runs = granted?.how === 'running' && granted.cardId === null;
    return runs ? { say: texts.chat.calls.alreadyCalling({ callee: target.displayName }) } : null;
  }

  /** The position of an entry; null if it no longer exists. */
  async #place(id: string): Promise<Place | null> {
    const { calls, escalations } = this.#parts;
    const entry = (await calls.get(id)) ?? (await escalations.get(id));
    return entry ? { createdAt: entry.createdAt, id } : null;
  }

  async #isSeenBy(turn: ChatTurn, call: Call): Promise<boolean> {
    if (call.purpose.kind === 'escalate') return false;
    if (call.requestedBy.key === turn.asker.key) return true;
    const cards = await cardsOf(this.#parts.database.sql, subjectOf(call.id));
    return turn.shared && cards.some(({ conversationKey }) => conversationKey === turn.conversationKey);
  }

  /** @returns null if the page is empty */
  async #page(turn: ChatTurn, before: Place | null): Promise<Rendered | null> {
    const size = turn.showsCards ? PAGE : PAGE_WITHOUT_BUTTONS;
    const entries = await this.#entries(turn, before, size + 1);
    const shown = entries.slice(0, size);
    const last = shown.at(-1);
    if (!last) return null;
    const older = entries.length > size ? last.id : null;
    const newest = before === null ? null : FIRST_PAGE;
    const rows = await Promise.all(shown.map(async (entry) => await this.#row(turn, entry)));
    return historyCard({ rows, older, newest }, turn.texts);
  }

  async #entries(turn: ChatTurn, before: Place | null, limit: number): Promise<Entry[]> {
    const { calls, here } = this.#parts;
    const [ofCalls, ofEscalations] = await Promise.all([
      // Without the calls of escalations, which nobody asked for one by one.
      calls.list({
        limit,
        ...(before ? { before } : {}),
        ...(turn.shared ? { conversationKey: turn.conversationKey } : { requesterKey: turn.asker.key }),
      }),
      here.ever(turn, { before, limit }),
    ]);
    const entries: Entry[] = [
      ...ofCalls.map((call) => ({ createdAt: call.createdAt, id: call.id, call })),
      ...ofEscalations.map((escalation) => ({
        createdAt: escalation.createdAt,
        id: escalation.id,
        escalation,
      })),
    ];
    return entries.toSorted((a, b) => (isLater(a, b) ? -1 : 1)).slice(0, limit);
  }

  async #row(turn: ChatTurn, entry: Entry): Promise<HistoryRow> {
    const at = { at: entry.createdAt, atInWords: this.#inWords(turn, entry.createdAt) };
    return 'call' in entry
      ? { ...at, ...callRow(turn, entry.call) }
      : { ...at, ...(await this.#escalationRow(turn, entry.escalation)) };
  }

  async #escalationRow(turn: ChatTurn, escalation: Escalation): Promise<Row> {
    const calls = await this.#parts.escalations.callsOf(escalation.id);
    const { color } = stateWords(stateOf(escalation, calls).state, turn.texts);
    return {
      title: escalation.summary,
      by: null,
      state: { text: inShort(escalation, calls, turn.texts), color },
      message: null,
      alert: escalation.test ? 'test' : 'alert',
      again: null,
    };
  }

  #inWords(turn: ChatTurn, at: string): string {
    const zone = turn.incoming.timeZone ?? this.#parts.timeZone();
    const time = DateTime.fromISO(at, { zone }).setLocale(turn.texts.format.locale);
    return time.toLocaleString({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  }
}

type Row = Omit<HistoryRow, 'at' | 'atInWords'>;

function callRow(turn: ChatTurn, call: Call): Row {
  const shown = shownState(call);
  const { purpose, requestedBy, target } = call;
  return {
    title: target.displayName,
    by: requestedBy.key === turn.asker.key ? null : requestedBy.name,
    state: callStateWords(shown, turn.texts),
    message: purpose.kind === 'speak' ? purpose.message : null,
    alert: null,
    again: shown.view.cause && callAgain(shown.view.cause) !== 'never' ? call.id : null,
  };
}

/** The order of the stores. */
function isLater(a: Entry, b: Entry): boolean {
  return a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt;
}
