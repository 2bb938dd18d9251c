import type { Call, Target } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import type { Clock } from '../../clock.ts';
import type { Transact } from '../../database/transaction.ts';
import { shownState } from '../../texts/callState.ts';
import type { PersonLook } from '../cards/renderers/elements.ts';
import { listCard } from '../cards/renderers/listCard.ts';
import {
  alreadyChosen,
  claiming,
  numberOf,
  optionOf,
  type Answer,
  type Choices,
  type ChoiceAnswer,
} from '../choices/choices.ts';
import { pausedLine, type PauseSwitch } from '../commands/pauseCommands.ts';
import type { EscalationsInChat } from '../escalations/escalationsInChat.ts';
import type { Registers } from '../turn/registers.ts';
import { toldApart } from '../people/people.ts';
import type { ChatTurn } from '../turn/turn.ts';
import { MOST_CHOICES } from '../cards/renderers/choiceCard.ts';

interface Parts {
  calls: CallService;
  choices: Choices;
  transact: Transact;
  clock: Clock;
  escalations: Pick<EscalationsInChat, 'running' | 'started' | 'stop' | 'choose'>;
  pause: Pick<PauseSwitch, 'state'>;
  timeZone: () => string;
}

/** More running calls than this are not listed. */
const MOST_LISTED = 20;

/** `hang up` and `status`. */
export class RunningCalls {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers, choices }: Registers): void {
    choices.on('hangUp', { take: async (answer) => await this.#take(answer), taken: alreadyChosen });
    handlers.on('hangUp', async (turn) => await this.#hangUp(turn));
    handlers.on('status', async (turn) => await this.#status(turn));
  }

  /** Ends what the asker started: in this conversation if there is something, otherwise anywhere. */
  async #hangUp(turn: ChatTurn): Promise<void> {
    const { texts } = turn;
    if (!(await turn.isFirstDelivery())) return;
    const { calls, escalations, choices } = this.#parts;
    const own = await this.#own(turn);
    const started = await escalations.started(turn);
    if (own.length + started.length === 0) return await turn.say(texts.chat.calls.nothingToHangUp);
    if (own.length + started.length === 1) {
      const [call] = own;
      const [escalation] = started;
      if (escalation) return await turn.say(await escalations.stop(turn, escalation));
      if (!call) return;
      await calls.hangUp(call.id, 'requester', turn.asker.name);
      return await turn.say(texts.chat.calls.hangingUp({ callee: call.target.displayName }));
    }
    const looks = toldApart(
      own.map(({ target }) => lookOfTarget(target)),
      own.map(({ target, id }) => [target.userPrincipalName ?? null, id]),
    );
    const running = [
      ...own.map(({ id, target }, index) => ({
        option: { target, callId: id },
        look: looks[index] ?? lookOfTarget(target),
      })),
      ...started.map(({ id, summary, policy }) => ({
        option: { escalationId: id, name: summary },
        look: { name: summary, about: policy, photo: null },
      })),
    ].slice(0, MOST_CHOICES);
    await choices.ask(
      turn,
      started.length > 0 ? texts.chat.escalations.which.stop : texts.chat.calls.whichToHangUp,
      { what: 'hangUp', options: running.map(({ option }) => option), message: null },
      running.map(({ look }) => look),
    );
  }

  /** Ends the chosen one. */
  async #take(answer: Answer): Promise<ChoiceAnswer> {
    const { calls, transact, escalations } = this.#parts;
    const { turn } = answer;
    const { texts } = turn;
    const found = optionOf(answer);
    if ('say' in found) return found;
    if ('escalationId' in found.option) return await escalations.choose(answer, found.option, 'stop');
    if (!('target' in found.option)) return { say: texts.chat.cardIsGone };
    const { target, callId } = found.option;
    if (!(await transact(claiming(answer, numberOf(answer))))) {
      return { say: texts.chat.choices.alreadyChosen({ callee: target.displayName }) };
    }
    const call = callId === undefined ? null : await calls.get(callId);
    if (!call || view(call).status === 'ended')
      return { say: texts.chat.calls.over({ callee: target.displayName }) };
    await calls.hangUp(call.id, 'requester', turn.asker.name);
    return { say: texts.chat.calls.hangingUp({ callee: target.displayName }) };
  }

  async #own(turn: ChatTurn): Promise<Call[]> {
    const { calls } = this.#parts;
    const query = { limit: MOST_LISTED, open: true, requesterKey: turn.asker.key };
    const here = await calls.list({ ...query, conversationKey: turn.conversationKey });
    const own = here.length > 0 ? here : await calls.list(query);
    const chat = own.filter(({ requestedBy }) => requestedBy.kind === 'chat');
    const notYetEnding = chat.filter(({ facts }) => !facts.hangUp);
    return notYetEnding.length > 0 ? notYetEnding : chat;
  }

  /** A shared conversation shows only its own calls, because others there need not know about the asker's calls. */
  async #status(turn: ChatTurn): Promise<void> {
    if (!(await turn.isFirstDelivery())) return;
    const { calls, clock } = this.#parts;
    const { texts, asker, conversationKey } = turn;
    const query = { limit: MOST_LISTED, open: true };
    const here = await calls.list({ ...query, conversationKey });
    const own = turn.shared ? [] : await calls.list({ ...query, requesterKey: asker.key });
    const running = [...new Map([...here, ...own].map((call) => [call.id, call])).values()];
    const alerts = await this.#parts.escalations.running(turn);
    const paused = await this.#pausedLine(turn);
    if (running.length + alerts.length === 0) return await turn.say(paused ?? texts.chat.calls.nothingRuns);
    running.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    const lines = running.flatMap((call) => {
      const { running: state } = shownState(call);
      if (!state) return [];
      const seconds = (clock.now() - Date.parse(call.createdAt)) / 1000;
      const requester = call.requestedBy.key === asker.key ? null : call.requestedBy.name;
      return [
        texts.chat.calls.statusLine({
          callee: call.target.displayName,
          state: texts.cards.status.running[state],
          requester,
          duration: texts.format.duration(seconds),
        }),
      ];
    });
    const count = alerts.length + lines.length;
    const heading =
      alerts.length > 0 ? texts.chat.escalations.runs({ count }) : texts.chat.calls.running({ count });
    await turn.show(listCard(heading, [...(paused === null ? [] : [paused]), ...alerts, ...lines]));
  }

  /** A line that says that calls are paused, if they are. */
  async #pausedLine(turn: ChatTurn): Promise<string | null> {
    const state = await this.#parts.pause.state();
    return state.paused ? pausedLine(turn, state, this.#parts.timeZone()) : null;
  }
}

/** How a target looks in a list. */
function lookOfTarget(target: Target): PersonLook {
  return { name: target.displayName, about: target.jobTitle ?? null, photo: null };
}
