import type { Target } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { targetKey } from '../../calls/callStore.ts';
import type { Cloud } from '../../config/clouds.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import { asksFirst, type Disturbance } from '../../directory/presence.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { chatAddress, disturbAnswers, disturbCard, leftAloneCard } from '../cards/renderers/disturbCard.ts';
import {
  alreadyChosen,
  claiming,
  numberOf,
  type Answer,
  type Choices,
  type ChoiceAnswer,
} from '../choices/choices.ts';
import type { Choice } from '../choices/choiceStore.ts';
import { Verbatim } from '../../texts/message.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import { isSame, type Placing } from './placing.ts';

interface Parts {
  calls: Pick<CallService, 'list'>;
  directory: Pick<Directory, 'presence'>;
  placing: Placing;
  choices: Choices;
  transact: Transact;
  cloud: Pick<Cloud, 'teamsUrl'>;
}

const MOST_RUNNING = 50;

/** Asks before calling somebody who is presenting, in a call or out of office: "Call anyway, or leave a message?" */
export class Disturbances {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ choices }: Registers): void {
    choices.on('disturb', { take: async (answer) => await this.#take(answer), taken });
  }

  /** The reason to ask before calling this person; null if there is none, or their presence is unknown. */
  async why(turn: ChatTurn, target: Target): Promise<Disturbance | null> {
    const { directory, calls } = this.#parts;
    if (target.kind !== 'teamsUser' || isSame(target, turn.asker.objectId)) return null;
    const presences = await directory.presence([target.id]);
    const because = asksFirst(presences?.get(target.id.toLowerCase()));
    if (!because) return null;
    // If the asker is already calling this person, show that call instead of asking.
    const running = await calls.list({ limit: MOST_RUNNING, open: true, requesterKey: turn.asker.key });
    return running.some((call) => targetKey(call.target) === targetKey(target)) ? null : because;
  }

  /** Stores the question, in a transaction if one is given, and renders it. */
  async ask(
    turn: ChatTurn,
    wanted: { target: Target; message: string | null; because: Disturbance },
    sql?: Database['sql'],
  ): Promise<Rendered> {
    const { choices, cloud } = this.#parts;
    const { target, message } = wanted;
    const choiceId = await choices.open(turn, { what: 'disturb', options: [{ target }], message }, sql);
    return disturbCard({ choiceId, ...wanted, teamsUrl: cloud.teamsUrl }, turn.texts);
  }

  async #take(answer: Answer): Promise<ChoiceAnswer> {
    const { placing, transact, cloud } = this.#parts;
    const { turn, choice, activityId } = answer;
    const { texts } = turn;
    const target = targetOf(choice);
    if (!target) return { say: texts.chat.cardIsGone };
    const number = numberOf(answer);
    const claim = claiming(answer, number);
    const { displayName } = target;
    switch (number) {
      case disturbAnswers.callAnyway: {
        const wish = { target, message: choice.message, requestKey: choice.id, activityId };
        await placing.check(turn, wish);
        const granted = await placing.place(turn, wish, claim);
        return granted ?? { say: texts.chat.choices.alreadyChosen({ callee: displayName }) };
      }
      case disturbAnswers.leaveMessage: {
        // On cards, this button opens the chat by itself. It does not close the question.
        const address = chatAddress({ target, message: choice.message, teamsUrl: cloud.teamsUrl });
        if (address === null) return { say: texts.chat.people.disturb.leftAlone({ callee: displayName }) };
        return {
          say: texts.chat.people.disturb.writeHere({
            callee: displayName,
            address: new Verbatim(address),
          }),
        };
      }
      case disturbAnswers.cancel:
        return (await transact(claim))
          ? { card: leftAloneCard(displayName, turn.texts) }
          : { say: texts.chat.choices.alreadyChosen({ callee: displayName }) };
      default:
        return { say: texts.chat.choices.outOfRange({ count: Object.keys(disturbAnswers).length }) };
    }
  }
}

/** The only option is the person; the numbers are the answers. */
function targetOf({ options: [option] }: Choice): Target | null {
  return option && 'target' in option ? option.target : null;
}

function taken(turn: ChatTurn, choice: Choice, chosen: number): string {
  if (chosen !== disturbAnswers.cancel) return alreadyChosen(turn, choice, 1);
  const { people, somebody } = turn.texts.chat;
  return people.disturb.leftAlone({ callee: targetOf(choice)?.displayName ?? somebody });
}
