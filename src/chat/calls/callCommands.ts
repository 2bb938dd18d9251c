import type { Target } from '../../calls/call.ts';
import type { Cloud } from '../../config/clouds.ts';
import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Found, Person } from '../../directory/directory.ts';
import { isNamed } from '../../directory/nameFit.ts';
import { classify } from '../../directory/textQuery.ts';
import { together } from '../../texts/sentences.ts';
import { MOST_CHOICES } from '../cards/renderers/choiceCard.ts';
import { tellIfRunning, type Choices } from '../choices/choices.ts';
import type { ChoiceOption } from '../choices/choiceStore.ts';
import type { Command, PersonQuery } from '../language/command.ts';
import { phoneRefused, phoneTyped } from '../people/phones.ts';
import { languageFor, suggestionOf } from '../language/languages.ts';
import { namesIn } from '../language/lists.ts';
import type { Looks } from '../people/looks.ts';
import { spokenName, type People } from '../people/people.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import type { CalleeChoices } from './calleeChoices.ts';
import type { Disturbances } from './disturbances.ts';
import type { Placing } from './placing.ts';

interface Parts {
  people: People;
  looks: Looks;
  placing: Placing;
  choices: Choices;
  calleeChoices: CalleeChoices;
  disturbances: Disturbances;
  cloud: Pick<Cloud, 'identifierPrefixes'>;
  phones: { isOn: boolean };
}

/** Longer messages are not repeated in the example of what to say. */
const EXAMPLE_LENGTH = 60;

/** `call …` */
export class CallCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers }: Registers): void {
    handlers.on('call', async (turn, command) => await this.#call(turn, command));
    handlers.on('callSeveral', async (turn, { people, message = null }) => {
      await this.#callSeveral(turn, people, message);
    });
  }

  async #call(turn: ChatTurn, command: Extract<Command, { kind: 'call' }>): Promise<void> {
    const { texts, asker } = turn;
    const { placing, disturbances, calleeChoices } = this.#parts;
    // Before anything is looked up or counted.
    const number = command.person.by === 'phone' ? await this.#phone(turn, command.person.text) : undefined;
    if (number === null) return;
    const message = command.message ?? null;
    const named = spokenName(command.person, asker);
    // Refuse before the lookup, so that strangers learn nothing about the directory.
    const isSelf = command.person.by === 'self';
    if (isSelf && asker.objectId === undefined) return await turn.sayOnce(texts.errors.testNeedsTeams);
    // Calling oneself needs no permission.
    await placing.checkAsker(turn, named, message, isSelf);

    const target = number ?? (await this.#find(turn, command.person, message));
    if (!target) return;
    if (placing.mustSpeak(turn, message)) {
      await placing.checkAll(turn, { target, message: '' });
      if (await turn.isFirstDelivery()) await turn.show(await calleeChoices.offer(turn, target));
      return;
    }
    const [because] = await turn.working(
      async () =>
        await Promise.all([disturbances.why(turn, target), placing.check(turn, { target, message })]),
    );
    if (because) {
      await placing.checkAll(turn, { target, message });
      if (!(await turn.isFirstDelivery())) return;
      await turn.show(await disturbances.ask(turn, { target, message, because }));
      return;
    }
    const granted = await placing.place(turn, { target, message, requestKey: turn.requestKey });
    await tellIfRunning(turn, granted);
  }

  /** Several people cannot be called at once: asks which of them, or whether to escalate. */
  async #callSeveral(turn: ChatTurn, queries: readonly PersonQuery[], message: string | null): Promise<void> {
    const named = queries.map((query) => spokenName(query, turn.asker));
    await this.#parts.placing.checkAsker(turn, named.join(', '), message, false);
    const found = await this.#lookUpEach(turn, queries);
    const missing = found.findIndex((people) => people.length === 0);
    if (missing >= 0)
      return await this.#callNobody(
        turn,
        turn.texts.chat.people.nobodyFits({ query: named[missing] ?? '', suggestions: null }),
      );
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
      turn.texts.chat.calls.oneAtATime({ names: turn.texts.format.listOf(named), message: example }),
      { people: each },
      message,
    );
  }

  /** The phone with a number, as typed. @returns null if it is not called; the asker has been told */
  async #phone(turn: ChatTurn, text: string): Promise<Target | null> {
    const found = phoneTyped(text, this.#parts.phones);
    if ('target' in found) return found.target;
    await this.#callNobody(turn, phoneRefused(found.refused, text, turn.texts));
    return null;
  }

  /** Finds the callee. @returns null if there is not exactly one; the asker has been told */
  async #find(turn: ChatTurn, query: PersonQuery, message: string | null): Promise<Target | null> {
    const { texts, asker } = turn;
    const { people } = this.#parts;
    const looked = await turn.working(async () => await people.find(turn, query));
    const named = spokenName(query, asker);
    const found = query.by === 'text' && query.doubtful ? ofThisName(named, looked) : looked;
    if (!found && looked && message === null) {
      await this.#callNobody(turn, texts.chat.unknown);
      return null;
    }
    switch (found?.kind) {
      case 'one': {
        const { person, callable } = found;
        if (callable.callable) return toTarget(person);
        const { reason } = callable;
        await this.#callNobody(turn, texts.errors.notCallable[reason]({ callee: person.displayName }));
        return null;
      }
      case 'several':
        await this.#askWhom(turn, texts.chat.people.severalFit({ query: named }), found, message);
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
            texts.chat.people.didYouMean({ query: named, count: suggestions.length }),
            { people: suggestions },
            message,
          );
          return null;
        }
        // "Vance, Adele" is one person and was looked up above; "Adele, Alex" are two.
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
            const command = suggestionOf(languageFor(texts.format.locale), first, rest);
            await this.#callNobody(turn, texts.chat.colonMissing({ command }));
            return null;
          }
        }
        await this.#callNobody(
          turn,
          found?.because === undefined
            ? texts.chat.people.nobodyFits({ query: named, suggestions: null })
            : texts.errors.notCallable.otherCloud({ callee: named }),
        );
        return null;
      }
    }
  }

  /** Asks which of these people to call. Those who cannot be called are included and marked. */
  async #askWhom(
    turn: ChatTurn,
    question: string,
    { people, more = people.length > MOST_CHOICES }: { people: readonly Person[]; more?: boolean },
    message: string | null,
  ): Promise<void> {
    const shown = people.slice(0, MOST_CHOICES);
    // If the asker is told to use a mail address, show what the addresses look like.
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
        about: [look.about, turn.texts.chat.people.cannotBeCalled]
          .filter((part) => part !== null)
          .join(' · '),
      };
    });
    const asked = more ? together([question, turn.texts.chat.people.moreFit], turn.texts) : question;
    await this.#parts.choices.ask(turn, asked, { what: 'call', options, message }, marked);
  }

  /** Null if the identifier belongs to another cloud. */
  #communicationUser(text: string): Target | null {
    const query = classify(text);
    if (query.kind !== 'communicationUser') return null;
    const { rawId } = query;
    const isOurs = rawId.toLowerCase().startsWith(this.#parts.cloud.identifierPrefixes.communicationUser);
    return isOurs ? { kind: 'communicationUser', id: rawId, displayName: rawId } : null;
  }

  /** Says why nobody is called. */
  async #callNobody(turn: ChatTurn, text: string): Promise<void> {
    turn.markNoEffect();
    await turn.sayOnce(text);
  }
}

/** Keeps only people with exactly this name; null if there are none. */
function ofThisName(name: string, found: Found | null): Found | null {
  if (found?.kind === 'one') return isNamed(name, found.person) ? found : null;
  if (found?.kind !== 'several') return null;
  const people = found.people.filter((person) => isNamed(name, person));
  return people.length > 0 ? { ...found, people } : null;
}
