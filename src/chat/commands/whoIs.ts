import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Person } from '../../directory/directory.ts';
import { refusalText } from '../../permissions/refusalText.ts';
import { MOST_CHOICES } from '../cards/renderers/choiceCard.ts';
import { whoIsCard, type Verdict } from '../cards/renderers/whoIsCard.ts';
import type { PersonQuery } from '../language/command.ts';
import type { Registers } from '../turn/registers.ts';
import type { Looks } from '../people/looks.ts';
import { namesOf, spokenName, type People } from '../people/people.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  people: People;
  looks: Looks;
  permissions: CallPermissions;
}

/** `who is …`: shows whom a name means, and whether they can be called now. */
export class WhoIs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers }: Registers): void {
    handlers.on('whoIs', async (turn, { person }) => await this.#whoIs(turn, person));
  }

  async #whoIs(turn: ChatTurn, query: PersonQuery): Promise<void> {
    const { people, looks, permissions } = this.#parts;
    const { texts, asker } = turn;
    const named = spokenName(query, asker);
    await permissions.checkAsker(asker, named);
    const found = await turn.working(async () => await people.find(turn, query));
    if (!(await turn.isFirstDelivery())) return;
    if (!found || found.kind === 'none') {
      return await turn.say(
        texts.chat.people.nobodyFits({
          query: named,
          suggestions: texts.format.anyOf(namesOf(found?.suggestions ?? [])),
        }),
      );
    }
    const shown = found.kind === 'one' ? [found.person] : found.people.slice(0, MOST_CHOICES);
    const look = await looks.of(turn, shown);
    const described = shown.flatMap((person, index) => {
      const own = look[index];
      const address = (person.mail ?? person.userPrincipalName) || null;
      // People with the same name already show it.
      return own ? [{ ...own, address: address && own.about?.includes(address) ? null : address }] : [];
    });
    const verdict = found.kind === 'one' ? await this.#verdict(turn, found.person) : null;
    await turn.show(whoIsCard(described, verdict, texts));
  }

  async #verdict({ texts, asker }: ChatTurn, person: Person): Promise<Verdict> {
    const callable = callableOf(person);
    if (!callable.callable) {
      const { reason } = callable;
      return { can: false, text: texts.errors.notCallable[reason]({ callee: person.displayName }) };
    }
    const refused = await this.#parts.permissions.whyNot(asker, toTarget(person));
    return refused
      ? { can: false, text: refusalText(refused, texts) }
      : { can: true, text: texts.chat.people.canBeCalled };
  }
}
