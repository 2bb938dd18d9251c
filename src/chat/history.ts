import { DateTime } from 'luxon';
import type { Call } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { shownState } from './cards/callState.ts';
import { inShort } from './cards/escalationState.ts';
import { listCard } from './cards/listCard.ts';
import type { EscalationsHere } from './escalationsHere.ts';
import type { Handlers } from './handlers.ts';
import type { ChatTurn } from './turn.ts';

interface Parts {
  calls: Pick<CallService, 'list'>;
  escalations: Pick<EscalationService, 'callsOf'>;
  here: EscalationsHere;
  timeZone: () => string;
}

const MOST_LISTED = 10;

/** `history`: the last calls and alerts; a shared conversation shows only its own. */
export class History {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register(handlers: Handlers): void {
    handlers.on('history', async (turn) => await this.#history(turn));
  }

  async #history(turn: ChatTurn): Promise<void> {
    if (!(await turn.isFirstDelivery())) return;
    const words = turn.texts.escalationChat;
    const [calls, escalations] = await Promise.all([
      this.#calls(turn),
      this.#parts.here.visible(turn, { running: false, limit: MOST_LISTED }),
    ]);
    const rows = [
      ...calls.map((call) => ({ at: call.createdAt, line: this.#callLine(turn, call) })),
      ...(await Promise.all(
        escalations.map(async (one) => ({ at: one.createdAt, line: await this.#escalationLine(turn, one) })),
      )),
    ];
    if (rows.length === 0) return await turn.say(words.historyEmpty());
    const lines = rows
      .toSorted((a, b) => b.at.localeCompare(a.at))
      .slice(0, MOST_LISTED)
      .map(({ line }) => line);
    await turn.show(listCard(words.history(lines.length), lines));
  }

  /** Those that were asked for; an escalation's own belong to it. */
  async #calls(turn: ChatTurn): Promise<Call[]> {
    const { calls } = this.#parts;
    const { asker, conversationKey, shared } = turn;
    return await calls.list({
      limit: MOST_LISTED,
      ...(shared ? { conversationKey } : { requesterKey: asker.key }),
    });
  }

  #callLine(turn: ChatTurn, call: Call): string {
    const { status, escalationChat } = turn.texts;
    const { running, view } = shownState(call);
    const words = running ? status.running[running] : status.ended[view.disposition ?? 'failed'];
    return escalationChat.historyCall({
      callee: call.target.displayName,
      result: words.text,
      at: this.#shown(turn, call.createdAt),
    });
  }

  async #escalationLine(turn: ChatTurn, escalation: Escalation): Promise<string> {
    const calls = await this.#parts.escalations.callsOf(escalation.id);
    return turn.texts.escalationChat.historyEscalation({
      summary: escalation.summary,
      state: inShort(escalation, calls, turn.texts),
      at: this.#shown(turn, escalation.createdAt),
      test: escalation.test,
    });
  }

  #shown(turn: ChatTurn, at: string): string {
    const zone = turn.incoming.timeZone ?? this.#parts.timeZone();
    const time = DateTime.fromISO(at, { zone }).setLocale(turn.texts.format.locale);
    return time.toLocaleString({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  }
}
