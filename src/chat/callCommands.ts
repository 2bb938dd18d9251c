import type { Target } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { targetKey } from '../calls/callStore.ts';
import { view } from '../calls/lifecycle.ts';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../config/clouds.ts';
import type { Database } from '../database/open.ts';
import type { Transact, Work } from '../database/work.ts';
import { callableOf, toTarget } from '../directory/callable.ts';
import type { Directory, Found, Person } from '../directory/directory.ts';
import { classify, isNamed } from '../directory/matching.ts';
import { asksFirst, type Disturbance } from '../directory/presence.ts';
import { choiceCard, MOST_CHOICES } from './cards/choiceCard.ts';
import { offerCard } from './cards/offerCard.ts';
import { chatAddress, disturbAnswers, disturbCard, leftAloneCard } from './cards/disturbCard.ts';
import type { PersonLook, Rendered } from './cards/elements.ts';
import {
  insertChoice,
  latestChoice,
  loadChoice,
  lockChoice,
  markChosen,
  markOtherChosen,
} from './cardStore.ts';
import type { Choice, ChoiceOption } from './cardStore.ts';
import { namesIn, type Command, type PersonQuery } from './commands.ts';
import type { Handlers } from './handlers.ts';
import type { Looks } from './looks.ts';
import { spokenName, type People } from './people.ts';
import { isSame, type Granted, type Placing } from './placing.ts';
import type { ChatTurn } from './turn.ts';

interface Parts {
  calls: CallService;
  directory: Pick<Directory, 'find' | 'presence'>;
  people: People;
  looks: Looks;
  placing: Placing;
  database: Database;
  transact: Transact;
  clock: Clock;
  cloud: Pick<Cloud, 'identifierPrefixes' | 'teamsUrl'>;
  /** The answer to "shall I forget you?". @returns what to say */
  decideForgetting?: ((turn: ChatTurn, choice: Choice, number: number) => Promise<string>) | undefined;
  /** Does to an escalation what was asked for, now that it is known which one is meant. @returns what to say */
  chooseEscalation?: (
    turn: ChatTurn,
    verb: 'acknowledge' | 'resolve' | 'stop',
    escalationId: string,
    shown: number | undefined,
  ) => Promise<string>;
}

/** The number that was said or pressed, the object id of somebody who was picked instead, or what is to be spoken. */
export type Chosen = number | { picked: string | null } | { message: string };

/** What to say, the card that takes the place of the question, or the call, whose card does. */
type Taken = { say: string } | { card: Rendered } | Granted;

/** How long an open question waits for its answer. */
const CHOICE_LASTS_MS = 10 * 60_000;
const MOST_RUNNING = 50;
/** A longer message is not repeated in an example of what to say. */
const EXAMPLE_LENGTH = 60;

/** `call …`, and the answers to "whom do you mean?" and "call anyway?". */
export class CallCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register(handlers: Handlers): void {
    handlers.on('call', async (turn, command) => await this.#call(turn, command));
    handlers.on('callSeveral', async (turn, { people, message = null }) => {
      await this.#callSeveral(turn, people, message);
    });
    handlers.on('choice', async (turn, { number }) => await this.#chooseByNumber(turn, number));
  }

  /** Asks whom, or which call, is meant; by button or number. */
  async ask(
    turn: ChatTurn,
    question: string,
    choice: Pick<Choice, 'what' | 'options' | 'message'>,
    looks: readonly PersonLook[],
  ): Promise<void> {
    const choiceId = await insertChoice(this.#parts.database.sql, { ...choice, ...this.#asked(turn) });
    const picker = choice.what === 'call' && turn.incoming.channelId === 'msteams';
    await turn.show(choiceCard({ choiceId, question, people: looks, picker }, turn.texts));
  }

  /** The button of a choice. */
  async choose(turn: ChatTurn, choiceId: string, chosen: Chosen): Promise<Taken> {
    const { chat } = turn.texts;
    const choice = await loadChoice(this.#parts.database.sql, choiceId);
    if (!choice) return { say: chat.cardIsGone() };
    if (choice.askerKey !== turn.asker.key) return { say: chat.notYours() };
    return await this.#take(turn, choice, chosen, turn.incoming.replyToId);
  }

  async #call(turn: ChatTurn, command: Extract<Command, { kind: 'call' }>): Promise<void> {
    const { texts, asker } = turn;
    const { placing, database } = this.#parts;
    const message = command.message ?? null;
    const named = spokenName(command.person, asker);
    // What is refused anyway is refused before anybody is looked up: strangers learn nothing of the directory.
    const isSelf = command.person.by === 'self';
    if (isSelf && asker.objectId === undefined) return await this.#answer(turn, texts.chat.testNeedsTeams());
    // Who names themselves is known only once they have been looked up; nobody else has to be allowed it.
    await placing.checkAsker(turn, named, message, isSelf);

    const target = await this.#find(turn, command.person, message);
    if (!target) return;
    if (placing.mustSpeak(turn, message)) {
      await placing.checkAll(turn, { target, message: '' });
      if (await turn.isFirstDelivery()) await turn.show(await this.#offer(database, turn, target));
      return;
    }
    const [because] = await turn.working(
      async () =>
        await Promise.all([this.#disturbance(turn, target), placing.check(turn, { target, message })]),
    );
    if (because) {
      await placing.checkAll(turn, { target, message });
      if (!(await turn.isFirstDelivery())) return;
      const card = await this.#askAnyway(database, turn, { target, message, because });
      await turn.show(card);
      return;
    }
    const granted = await placing.place(turn, { target, message, requestKey: turn.requestKey });
    await this.#tellIfRunning(turn, granted);
  }

  /** Several at once cannot be called: which of them, or one after another? */
  async #callSeveral(turn: ChatTurn, queries: readonly PersonQuery[], message: string | null): Promise<void> {
    const named = queries.map((query) => spokenName(query, turn.asker));
    await this.#parts.placing.checkAsker(turn, named.join(', '), message, false);
    const found = await this.#lookUpEach(turn, queries);
    const missing = found.findIndex((people) => people.length === 0);
    if (missing >= 0)
      return await this.#calledNobody(turn, turn.texts.chat.nobodyFits(named[missing] ?? '', []));
    await this.#askWhich(turn, named, found.flat(), message);
  }

  async #lookUpEach(turn: ChatTurn, queries: readonly PersonQuery[]): Promise<(readonly Person[])[]> {
    const { people } = this.#parts;
    return await turn.working(
      async () =>
        await Promise.all(
          queries.slice(0, MOST_CHOICES).map(async (query) => {
            const found = await people.find(turn, query);
            if (found?.kind === 'one') return [found.person];
            return found?.kind === 'several' ? found.people : [];
          }),
        ),
    );
  }

  async #askWhich(
    turn: ChatTurn,
    named: readonly string[],
    people: readonly Person[],
    message: string | null,
  ): Promise<void> {
    const each = [...new Map(people.map((person) => [person.id, person])).values()];
    const example = message !== null && message.length <= EXAMPLE_LENGTH ? message : '…';
    await this.#askWhom(
      turn,
      turn.texts.chat.oneAtATime(named.join(', '), example),
      { people: each },
      message,
    );
  }

  /** Null: nobody was found, or several, and the asker has been told. */
  async #find(turn: ChatTurn, query: PersonQuery, message: string | null): Promise<Target | null> {
    const { texts, asker } = turn;
    const { people } = this.#parts;
    const looked = await turn.working(async () => await people.find(turn, query));
    const named = spokenName(query, asker);
    const found = query.by === 'text' && query.doubtful ? ofThisName(named, looked) : looked;
    if (!found && looked && message === null) {
      await this.#calledNobody(turn, texts.chat.unknown());
      return null;
    }
    switch (found?.kind) {
      case 'one': {
        const { person, callable } = found;
        if (callable.callable) return toTarget(person);
        const { reason } = callable;
        await this.#calledNobody(turn, texts.chat.notCallable({ callee: person.displayName, reason }));
        return null;
      }
      case 'several':
        await this.#askWhom(turn, texts.chat.severalFit(named), found, message);
        return null;
      default: {
        if (found?.because === 'communicationUser') {
          const target = this.#communicationUser(named);
          if (target) return target;
        }
        const suggestions = found?.suggestions ?? [];
        if (suggestions.length > 0) {
          await this.#askWhom(
            turn,
            texts.chat.didYouMean(named, suggestions.length),
            { people: suggestions },
            message,
          );
          return null;
        }
        // "Vance, Adele" is one person, and was looked up as such; "Adele, Alex" are two.
        const names = query.by === 'text' ? namesIn(named) : [];
        if (names.length > 1) {
          const each = await this.#lookUpEach(
            turn,
            names.map((text) => ({ by: 'text', text })),
          );
          if (each.every((some) => some.length > 0)) {
            await this.#askWhich(turn, names, each.flat(), message);
            return null;
          }
          // "Alex, build red" lacks the colon.
          const [first = ''] = names;
          const rest = named.slice(named.indexOf(first) + first.length).replace(/^[\s,，;、；]+/u, '');
          if (message === null && each[0]?.length && /\s/u.test(rest)) {
            await this.#calledNobody(turn, texts.chat.colonMissing(`call ${first}: ${rest}`));
            return null;
          }
        }
        await this.#calledNobody(
          turn,
          found?.because === undefined
            ? texts.chat.nobodyFits(named, [])
            : texts.chat.notCallable({ callee: named, reason: 'otherCloud' }),
        );
        return null;
      }
    }
  }

  /** Whom to call, of these? Who cannot be called is among them, and it is said of them. */
  async #askWhom(
    turn: ChatTurn,
    question: string,
    { people, more = people.length > MOST_CHOICES }: { people: readonly Person[]; more?: boolean },
    message: string | null,
  ): Promise<void> {
    const shown = people.slice(0, MOST_CHOICES);
    // Who is told to say the mail address sees what these are like.
    const looks = await this.#parts.looks.of(turn, shown, { alwaysAddress: more });
    if (!(await turn.isFirstDelivery())) return;
    const options = shown.map((person): ChoiceOption => {
      const callable = callableOf(person);
      return { target: toTarget(person), ...(callable.callable ? {} : { notCallable: callable.reason }) };
    });
    const marked = looks.map((look, index) => {
      const option = options[index];
      if (!option || !('notCallable' in option)) return look;
      return {
        ...look,
        about: [look.about, turn.texts.chat.cannotBeCalled()].filter((part) => part !== null).join(' · '),
      };
    });
    const asked = more ? `${question} ${turn.texts.chat.moreFit()}` : question;
    await this.ask(turn, asked, { what: 'call', options, message }, marked);
  }

  /** Null if it is one of another cloud. */
  #communicationUser(text: string): Target | null {
    const query = classify(text);
    if (query.kind !== 'communicationUser') return null;
    const { rawId } = query;
    const isOurs = rawId.toLowerCase().startsWith(this.#parts.cloud.identifierPrefixes.communicationUser);
    return isOurs ? { kind: 'communicationUser', id: rawId, displayName: rawId } : null;
  }

  /** Why to ask before this person is called; null if there is no reason, or it cannot be told. */
  async #disturbance(turn: ChatTurn, target: Target): Promise<Disturbance | null> {
    const { directory, calls } = this.#parts;
    if (target.kind !== 'teamsUser' || isSame(target, turn.asker.objectId)) return null;
    const presences = await directory.presence([target.id]);
    const because = asksFirst(presences?.get(target.id.toLowerCase()));
    if (!because) return null;
    // Whom the asker has on the phone already is not called again, but shown the call that runs.
    const running = await calls.list({ limit: MOST_RUNNING, open: true, requesterKey: turn.asker.key });
    return running.some((call) => targetKey(call.target) === targetKey(target)) ? null : because;
  }

  /** "Call anyway, or leave a message?" */
  async #askAnyway(
    { sql }: Pick<Work, 'sql'> | Pick<Database, 'sql'>,
    turn: ChatTurn,
    wanted: { target: Target; message: string | null; because: Disturbance },
  ): Promise<Rendered> {
    const { target, message } = wanted;
    const choice = { what: 'disturb', options: [{ target }], message } as const;
    const choiceId = await insertChoice(sql, { ...choice, options: [{ target }], ...this.#asked(turn) });
    return disturbCard({ choiceId, ...wanted, teamsUrl: this.#parts.cloud.teamsUrl }, turn.texts);
  }

  /** For who cannot be connected: nobody is called, "shall I speak a message?" */
  async #offer(
    { sql }: Pick<Work, 'sql'> | Pick<Database, 'sql'>,
    turn: ChatTurn,
    target: Target,
  ): Promise<Rendered> {
    const asked = { what: 'call', options: [{ target }], message: null, ...this.#asked(turn) } as const;
    const choiceId = await insertChoice(sql, { ...asked, options: [{ target }] });
    return offerCard(
      { choiceId, why: this.#parts.placing.whyNotConnected(turn, target.displayName) },
      turn.texts,
    );
  }

  /** The message that is to be spoken, typed into the offer. */
  async #takeOffer(
    turn: ChatTurn,
    choice: Choice,
    message: string,
    activityId: string | null,
  ): Promise<Taken> {
    const [option, ...more] = choice.options;
    if (choice.what !== 'call' || !option || !('target' in option) || more.length > 0) {
      return { say: turn.texts.chat.cardIsGone() };
    }
    const claim = this.#claim(turn, choice, async (work) => await markChosen(work.sql, choice.id, 1));
    return await this.#callChosen(turn, { ...choice, message }, option.target, activityId, claim);
  }

  #asked(turn: ChatTurn): Pick<Choice, 'askerKey' | 'conversationKey' | 'createdAt'> {
    return {
      askerKey: turn.asker.key,
      conversationKey: turn.conversationKey,
      createdAt: new Date(this.#parts.clock.now()),
    };
  }

  async #chooseByNumber(turn: ChatTurn, number: number): Promise<void> {
    const { chat } = turn.texts;
    const choice = await latestChoice(this.#parts.database.sql, turn.asker.key, turn.conversationKey);
    if (!choice) return await this.#answer(turn, chat.nothingToChoose());
    const taken = await this.#take(turn, choice, number, null);
    if ('say' in taken) return await this.#answer(turn, taken.say);
    // Who has it has taken the choice: a redelivery gets a sentence.
    if ('card' in taken) await turn.show(taken.card);
    else await this.#tellIfRunning(turn, taken);
  }

  /** Takes one of a choice, once. */
  async #take(turn: ChatTurn, choice: Choice, chosen: Chosen, activityId: string | null): Promise<Taken> {
    const { chat } = turn.texts;
    const done = alreadyTaken(choice, turn);
    if (done !== null) return { say: done };
    if (this.#parts.clock.now() - choice.createdAt.getTime() > CHOICE_LASTS_MS) {
      return { say: chat.choiceExpired() };
    }
    if (choice.what === 'forget') {
      const number = typeof chosen === 'number' ? chosen : 0;
      return { say: (await this.#parts.decideForgetting?.(turn, choice, number)) ?? chat.cardIsGone() };
    }
    if (choice.what === 'disturb') return await this.#decide(turn, choice, chosen, activityId);
    if (typeof chosen !== 'number') {
      return 'picked' in chosen
        ? await this.#takePicked(turn, choice, chosen.picked, activityId)
        : await this.#takeOffer(turn, choice, chosen.message, activityId);
    }
    const option = choice.options[chosen - 1];
    if (!option) return { say: chat.choiceOutOfRange(choice.options.length) };
    const claim = this.#claim(turn, choice, async (work) => await markChosen(work.sql, choice.id, chosen));
    if ('escalationId' in option) return await this.#takeEscalation(turn, choice, option, claim);
    const { target, callId, notCallable } = option;
    if (notCallable) return { say: chat.notCallable({ callee: target.displayName, reason: notCallable }) };
    if (choice.what === 'hangUp') return await this.#hangUp(turn, target, callId, claim);
    return await this.#callChosen(turn, choice, target, activityId, claim);
  }

  async #takeEscalation(
    turn: ChatTurn,
    { what }: Choice,
    { escalationId, name, revision }: Extract<ChoiceOption, { escalationId: string }>,
    claim: (work: Work) => Promise<boolean>,
  ): Promise<{ say: string }> {
    const { transact, chooseEscalation } = this.#parts;
    if (!chooseEscalation) return { say: turn.texts.chat.cardIsGone() };
    if (!(await transact(claim))) return { say: turn.texts.chat.alreadyChosen(name) };
    const verb = what === 'acknowledge' || what === 'resolve' ? what : 'stop';
    return { say: await chooseEscalation(turn, verb, escalationId, revision) };
  }

  /** Calls whom was chosen, unless they should not be disturbed without asking. */
  async #callChosen(
    turn: ChatTurn,
    choice: Choice,
    target: Target,
    activityId: string | null,
    claim: (work: Work) => Promise<boolean>,
  ): Promise<Taken> {
    const { placing, transact } = this.#parts;
    const { chat } = turn.texts;
    const { message } = choice;
    const wish = { target, message, requestKey: choice.id, activityId };
    if (placing.mustSpeak(turn, message)) {
      await placing.checkAll(turn, { target, message: '' });
      const card = await transact(async (work) =>
        (await claim(work)) ? await this.#offer(work, turn, target) : null,
      );
      return card ? { card } : { say: chat.alreadyChosen(target.displayName) };
    }
    await placing.check(turn, wish);
    const because = await this.#disturbance(turn, target);
    if (because) {
      await placing.checkAll(turn, wish);
      const card = await transact(async (work) =>
        (await claim(work)) ? await this.#askAnyway(work, turn, { target, message, because }) : null,
      );
      return card ? { card } : { say: chat.alreadyChosen(target.displayName) };
    }
    const granted = await placing.place(turn, wish, claim);
    return granted ?? { say: chat.alreadyChosen(target.displayName) };
  }

  /** "Somebody else": who was picked is looked up anew, because a client may send what it likes. */
  async #takePicked(
    turn: ChatTurn,
    choice: Choice,
    picked: string | null,
    activityId: string | null,
  ): Promise<Taken> {
    const { chat } = turn.texts;
    const id = classify(picked ?? '');
    if (choice.what !== 'call' || id.kind !== 'objectId') return { say: chat.picker.nobodyPicked };
    const found = await this.#parts.people.find(turn, { by: 'text', text: id.id });
    if (found?.kind !== 'one') return { say: chat.nobodyFits(id.id, []) };
    const { person, callable } = found;
    if (!callable.callable) {
      return { say: chat.notCallable({ callee: person.displayName, reason: callable.reason }) };
    }
    const target = toTarget(person);
    const claim = this.#claim(turn, choice, async (work) => await markOtherChosen(work.sql, choice, target));
    return await this.#callChosen(turn, choice, target, activityId, claim);
  }

  /** The answer to "call anyway, or leave a message?" */
  async #decide(turn: ChatTurn, choice: Choice, chosen: Chosen, activityId: string | null): Promise<Taken> {
    const { placing, transact } = this.#parts;
    const { chat } = turn.texts;
    const [option] = choice.options;
    const target = option && 'target' in option ? option.target : null;
    if (!target) return { say: chat.cardIsGone() };
    const number = typeof chosen === 'number' ? chosen : 0;
    const claim = this.#claim(turn, choice, async (work) => await markChosen(work.sql, choice.id, number));
    const { displayName } = target;
    switch (number) {
      case disturbAnswers.callAnyway: {
        const wish = { target, message: choice.message, requestKey: choice.id, activityId };
        await placing.check(turn, wish);
        const granted = await placing.place(turn, wish, claim);
        return granted ?? { say: chat.alreadyChosen(displayName) };
      }
      case disturbAnswers.leaveMessage: {
        // Where there are buttons this one opens the chat by itself. It does not close the question.
        const address = chatAddress({
          target,
          message: choice.message,
          teamsUrl: this.#parts.cloud.teamsUrl,
        });
        if (address === null) return { say: chat.disturb.leftAlone(displayName) };
        return { say: chat.disturb.writeHere({ callee: displayName, address }) };
      }
      case disturbAnswers.cancel:
        return (await transact(claim))
          ? { card: leftAloneCard(displayName, turn.texts) }
          : { say: chat.alreadyChosen(displayName) };
      default:
        return { say: chat.choiceOutOfRange(Object.keys(disturbAnswers).length) };
    }
  }

  async #hangUp(
    turn: ChatTurn,
    target: Target,
    callId: string | undefined,
    claim: (work: Work) => Promise<boolean>,
  ): Promise<{ say: string }> {
    const { calls, transact } = this.#parts;
    const { chat } = turn.texts;
    if (!(await transact(claim))) return { say: chat.alreadyChosen(target.displayName) };
    const call = callId === undefined ? null : await calls.get(callId);
    if (!call || view(call).status === 'ended') return { say: chat.callIsOver(target.displayName) };
    await calls.hangUp(call.id, 'requester', turn.asker.name);
    return { say: chat.hangingUp(target.displayName) };
  }

  /** Of several who answer at once only one does. */
  #claim(
    turn: ChatTurn,
    { id }: Choice,
    mark: (work: Work) => Promise<void>,
  ): (work: Work) => Promise<boolean> {
    return async (work) => {
      const locked = await lockChoice(work.sql, id);
      if (!locked || locked.chosen !== null || !(await turn.isFirstDelivery(work.sql))) return false;
      await mark(work);
      return true;
    };
  }

  async #tellIfRunning(turn: ChatTurn, granted: Granted | null): Promise<void> {
    if (granted?.outcome !== 'running' || granted.cardId !== null) return;
    await this.#answer(turn, turn.texts.chat.alreadyCalling(granted.call.target.displayName));
  }

  /** Says why nobody is called, and no question is open. */
  async #calledNobody(turn: ChatTurn, text: string): Promise<void> {
    turn.nothingComesOfIt();
    await this.#answer(turn, text);
  }

  /** Says something that needs no transaction of its own; not again for a redelivery. */
  async #answer(turn: ChatTurn, text: string): Promise<void> {
    if (await turn.isFirstDelivery()) await turn.say(text);
  }
}

/** Those who have this very name; null if there is nobody. */
function ofThisName(name: string, found: Found | null): Found | null {
  if (found?.kind === 'one') return isNamed(name, found.person) ? found : null;
  if (found?.kind !== 'several') return null;
  const people = found.people.filter((person) => isNamed(name, person));
  return people.length > 0 ? { ...found, people } : null;
}

/** What to say of a choice that was answered before; null for an open one. */
function alreadyTaken({ what, chosen, options }: Choice, { texts }: ChatTurn): string | null {
  if (chosen === null) return null;
  if (what === 'forget') return texts.chat.privacy.kept;
  const option = what === 'disturb' ? options[0] : options[chosen - 1];
  const callee = option && ('target' in option ? option.target.displayName : option.name);
  if (what === 'disturb' && chosen === disturbAnswers.cancel) {
    return texts.chat.disturb.leftAlone(callee ?? texts.chat.somebody);
  }
  return texts.chat.alreadyChosen(callee ?? texts.chat.somebody);
}

/** How a target looks in a list. */
export function lookOfTarget(target: Target): PersonLook {
  return { name: target.displayName, about: target.jobTitle ?? null, photo: null };
}
