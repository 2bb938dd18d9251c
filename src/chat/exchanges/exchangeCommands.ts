import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Transact, Work } from '../../database/transaction.ts';
import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Directory, Person } from '../../directory/directory.ts';
import type { ExchangeService, NewExchange } from '../../escalations/exchangeService.ts';
import type { RotationDuty } from '../../escalations/rotationDuty.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { coversIn } from '../../schedules/coverStore.ts';
import { LONGEST_COVER_DAYS, untilFault } from '../../schedules/covering.ts';
import { overlap, type NamedTime, type Span } from '../../schedules/exchangedSpans.ts';
import { MOST_OFFERS } from '../../schedules/exchangeStore.ts';
import { givable, inReturn, nextDuty } from '../../schedules/exchanging.ts';
import { skippedLine } from '../../texts/escalationTimeline.ts';
import { momentWords, spanWords } from '../../texts/spans.ts';
import { MOST_CHOICES } from '../cards/renderers/choiceCard.ts';
import type { PersonLook } from '../cards/renderers/elements.ts';
import {
  alreadyChosen,
  claiming,
  numberOf,
  optionOf,
  type Answer,
  type ChoiceAnswer,
  type Choices,
} from '../choices/choices.ts';
import type { ChoiceOption } from '../choices/choiceStore.ts';
import { noSuchPolicy, policyNamed } from '../escalations/policies.ts';
import type { Command } from '../language/command.ts';
import { parseNamedTime } from '../language/times.ts';
import type { Looks } from '../people/looks.ts';
import { namesOf, spokenName, type People } from '../people/people.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import type { ExchangeCards } from './exchangeCards.ts';

interface Parts {
  exchanges: ExchangeService;
  cards: ExchangeCards;
  duty: Pick<RotationDuty, 'of'>;
  directory: Pick<Directory, 'get'>;
  people: Pick<People, 'find'>;
  looks: Pick<Looks, 'of'>;
  choices: Choices;
  permissions: Pick<CallPermissions, 'checkAsker'>;
  database: Database;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
  ringdown: () => RingdownYaml;
}

const instant = z.number();
const namedTime = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['day', 'range']), from: instant, to: instant }),
  z.object({ kind: z.literal('moment'), at: instant }),
]);

/** What the asker wants. A question keeps it until it is answered. */
const wishSchema = z.object({
  policy: z.string(),
  named: namedTime,
  zone: z.string(),
  /** The object id of the person to ask. */
  asked: z.string().nullable(),
  rotation: z.string().nullable(),
});
type Wish = z.infer<typeof wishSchema>;

interface Question {
  question: string;
  options: ChoiceOption[];
  looks: readonly PersonLook[];
  wish: Wish;
}

/** What follows from a wish: a sentence, a question, or an offer. */
type Prepared = { say: string } | { which: Question } | { offer: NewExchange };

/** `swap payments with Alex on Friday` */
export class ExchangeCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers, choices }: Registers): void {
    handlers.on('swap', async (turn, command) => await this.#swap(turn, command));
    choices.on('swap', { take: async (answer) => await this.#take(answer), taken: alreadyChosen });
  }

  async #swap(turn: ChatTurn, command: Extract<Command, { kind: 'swap' }>): Promise<void> {
    const { permissions, choices, cards, transact } = this.#parts;
    const { asker, texts } = turn;
    if (asker.objectId === undefined) return await turn.sayOnce(texts.chat.escalations.swap.needsTeams);
    await permissions.checkAsker(asker, spokenName(command.person, asker));
    const prepared = await turn.working(async () => await this.#prepare(turn, command));
    if ('say' in prepared) return await turn.sayOnce(prepared.say);
    if ('which' in prepared) {
      if (!(await turn.isFirstDelivery())) return;
      return await choices.ask(turn, ...asChoice(prepared.which));
    }
    const stored = await transact(async (work) => {
      if (!(await turn.isFirstDelivery(work.sql))) return null;
      return await this.#store(work, turn, prepared.offer, null);
    });
    if (stored === null) return;
    if ('say' in stored) return await turn.say(stored.say);
    await cards.send(turn, stored.cardId, stored.id);
  }

  /** Takes the answer to "Who do you mean?" and "Which duty?". */
  async #take(answer: Answer): Promise<ChoiceAnswer> {
    const { transact, cards, choices } = this.#parts;
    const { turn, choice, activityId } = answer;
    const { texts } = turn;
    const found = optionOf(answer);
    if ('say' in found) return found;
    const { option } = found;
    const before = wishSchema.safeParse(parsed(choice.message)).data;
    if (!before || 'escalationId' in option) return { say: texts.chat.cardIsGone };
    const wish: Wish =
      'target' in option ? { ...before, asked: option.target.id } : { ...before, rotation: option.rotation };
    const prepared = await this.#plan(turn, wish);
    if ('say' in prepared) return prepared;
    const over = { say: alreadyChosen(turn, choice, numberOf(answer)) };
    const claim = claiming(answer, numberOf(answer));
    if ('which' in prepared) {
      const next = asChoice(prepared.which);
      const card = await transact(async (work) =>
        (await claim(work)) ? await choices.render(turn, ...next, work.sql) : null,
      );
      return card ? { card } : over;
    }
    const stored = await transact(async (work) =>
      (await claim(work)) ? await this.#store(work, turn, prepared.offer, activityId ?? '') : null,
    );
    if (stored === null) return over;
    if ('say' in stored) return stored;
    const shown = await cards.inTurn(turn, stored.cardId, stored.id);
    return shown ? { card: shown.rendered } : { say: texts.chat.cardIsGone };
  }

  /** Stores the offer and the asker's card. */
  async #store(
    work: Work,
    turn: ChatTurn,
    offer: NewExchange,
    activityId: string | null,
  ): Promise<{ say: string } | { id: string; cardId: string }> {
    const { exchanges, cards } = this.#parts;
    const { swap } = turn.texts.chat.escalations;
    const stored = await exchanges.offerIn(work, offer);
    if (stored === 'asked') return { say: swap.alreadyAsked({ name: offer.asked.displayName }) };
    if (stored === 'tooMany') return { say: swap.tooMany({ count: MOST_OFFERS }) };
    return { id: stored.id, cardId: await cards.addIn(work, turn, stored.id, activityId) };
  }

  /** Reads the words of the command. */
  async #prepare(turn: ChatTurn, command: Extract<Command, { kind: 'swap' }>): Promise<Prepared> {
    const { ringdown, people, clock, looks } = this.#parts;
    const { texts, asker } = turn;
    const { swap, cover } = texts.chat.escalations;
    const found = policyNamed(ringdown(), command.policy);
    if (!found) return { say: noSuchPolicy(command.policy, ringdown(), texts) };
    const now = clock.now();
    const zone = turn.incoming.timeZone ?? ringdown().timeZone;
    const { locale } = texts.format;
    const named = parseNamedTime(command.when, { now, zone, locale });
    if (!named) return { say: swap.notUnderstood({ words: command.when }) };
    const end = named.kind === 'moment' ? named.at : named.to;
    const fault = untilFault(end, now);
    if (fault === 'inThePast') return { say: cover.inThePast({ until: momentWords(end, zone, locale) }) };
    if (fault === 'tooLong') return { say: swap.tooFar({ days: LONGEST_COVER_DAYS }) };
    const wish: Wish = { policy: found.name, named, zone, asked: null, rotation: null };
    const query = spokenName(command.person, asker);
    const whom = await people.find(turn, command.person);
    if (!whom || command.person.by === 'self') return { say: swap.yourself };
    if (whom.kind === 'none') {
      const suggestions = texts.format.anyOf(namesOf(whom.suggestions));
      return { say: texts.chat.people.nobodyFits({ query, suggestions }) };
    }
    if (whom.kind === 'one') return await this.#plan(turn, { ...wish, asked: whom.person.id }, whom.person);
    const shown = whom.people.slice(0, MOST_CHOICES);
    return {
      which: {
        question: texts.chat.people.severalFit({ query }),
        options: shown.map((person) => ({ target: toTarget(person) })),
        looks: await looks.of(turn, shown),
        wish,
      },
    };
  }

  /** Finds out what each of them gives. @throws RingdownError directory_unavailable */
  async #plan(turn: ChatTurn, wish: Wish, known?: Person): Promise<Prepared> {
    const { directory, duty, database, clock } = this.#parts;
    const { asker, texts } = turn;
    const { swap } = texts.chat.escalations;
    const { policy, named, zone } = wish;
    const [me, other, rotations] = await Promise.all([
      asker.objectId === undefined ? null : directory.get(asker.objectId),
      known ?? (wish.asked === null ? null : directory.get(wish.asked)),
      duty.of(policy),
    ]);
    if (!me || !callableOf(me).callable) return { say: swap.needsTeams };
    if (!other) return { say: texts.chat.cardIsGone };
    if (other.id === me.id) return { say: swap.yourself };
    if (other.kind === 'resourceAccount') return { say: swap.onlyPeople({ name: other.displayName }) };
    const callable = callableOf(other);
    if (!callable.callable)
      return { say: texts.errors.notCallable[callable.reason]({ callee: other.displayName }) };
    if (!rotations) return { say: swap.noRotation({ policy }) };
    const now = clock.now();
    const { from, to } = rotations.range;
    const plans = rotations.plans(await coversIn(database.sql, from, to, policy));
    const words = (span: Span): string => spanWords(span, zone, texts.format.locale);
    const all = givable(plans, me.id, { named, now, zone });
    const mine = all.filter(({ rotation }) => wish.rotation === null || rotation === wish.rotation);
    const [only, ...more] = mine;
    if (!only) {
      const coverer = covererOf([...plans.values()].flat(), me.id, named);
      if (coverer !== null) return { say: swap.coveredBy({ name: coverer, policy }) };
      const unread = rotations.unread.map((name) => ({ name, reason: 'calendarUnavailable' as const }));
      if (unread.length > 0) return { say: unread.map((one) => skippedLine(one, texts)).join('\n') };
      const next = nextDuty(plans, me.id, now);
      return { say: swap.notOnDuty({ policy, next: next && `${words(next)} (${zone})` }) };
    }
    if (more.length > 0) {
      const shown = mine.slice(0, MOST_CHOICES);
      return {
        which: {
          question: swap.which({ policy }),
          options: shown.map(({ rotation }) => ({ rotation, name: rotation })),
          looks: shown.map(({ rotation, gives }) => ({ name: rotation, about: words(gives), photo: null })),
          wish: { ...wish, asked: other.id },
        },
      };
    }
    const back = inReturn(plans, { asker: me.id, asked: other.id }, { ...only, now, zone });
    if (back === 'busy') return { say: swap.busy({ name: other.displayName, policy }) };
    const { rotation, gives } = only;
    const [person, partner] = [toTarget(me), toTarget(other)];
    return {
      offer: { policy, rotation, asker: person, asked: partner, timeZone: zone, gives, takes: back.takes },
    };
  }
}

interface CoveredSpan extends Span {
  targets: readonly { id: string; displayName: string }[];
  covered?: { instead: { targets: readonly { id: string }[] } };
}

/** Who covers the asker's duty at that time; null if nobody does. */
function covererOf(spans: readonly CoveredSpan[], asker: string, named: NamedTime): string | null {
  const range = named.kind === 'moment' ? { from: named.at, to: named.at + 1 } : named;
  const found = spans.find(
    (span) => overlap(span, range) && span.covered?.instead.targets.some(({ id }) => id === asker),
  );
  const [person] = found?.targets ?? [];
  return person && person.id !== asker ? person.displayName : null;
}

function asChoice({ question, options, looks, wish }: Question) {
  const choice = { what: 'swap' as const, options, message: JSON.stringify(wish) };
  return [question, choice, looks] as const;
}

/** Undefined if it is no JSON. */
function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
