import type { Requester } from '../../calls/call.ts';
import type { Clock } from '../../clock.ts';
import type { Transact } from '../../database/transaction.ts';
import { toTarget } from '../../directory/callable.ts';
import type { ActRequest, EscalationActs } from '../../escalations/escalationActs.ts';
import type { Callees } from '../../escalations/callees.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import { startFromPolicy, type EscalationRequest, type Policy } from '../../escalations/policies.ts';
import type { RefusalReason } from '../../permissions/refusal.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { actWords } from '../../texts/actWords.ts';
import { skippedLine } from '../../texts/escalationTimeline.ts';
import { described, together } from '../../texts/sentences.ts';
import {
  alreadyChosen,
  claiming,
  numberOf,
  optionOf,
  type Answer,
  type Choices,
} from '../choices/choices.ts';
import type { ChoiceOption } from '../choices/choiceStore.ts';
import { MOST_CHOICES } from '../cards/renderers/choiceCard.ts';
import type { Command, PersonQuery } from '../language/command.ts';
import type { EscalationCards } from './escalationCards.ts';
import type { EscalationsHere } from './escalationsHere.ts';
import type { Registers } from '../turn/registers.ts';
import { looksOf, namesOf, spokenName, type People } from '../people/people.ts';
import type { CallPermissions } from '../people/permissions.ts';
import { phoneRefused, phoneTyped } from '../people/phones.ts';
import { noSuchPolicy, policyNamed } from './policies.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  callees: Callees;
  cards: EscalationCards;
  acts: EscalationActs;
  here: EscalationsHere;
  people: People;
  choices: Choices;
  permissions: Pick<CallPermissions, 'checkAsker' | 'mayCall' | 'whyNot'>;
  ringdown: () => Pick<RingdownYaml, 'policies'>;
  phones: { isOn: boolean };
  transact: Transact;
  clock: Clock;
}

type Ladder = Parameters<typeof startFromPolicy>[0];

/** Only this many people of a command are looked up. */
const MOST_PEOPLE = 20;

/**
 * Limits of callers and callees do not apply to escalations. The ladder itself handles opt-outs, quiet hours and the
 * limit for phone numbers.
 */
const notForEscalations: ReadonlySet<RefusalReason> = new Set([
  'perCaller',
  'perCallee',
  'quietHours',
  'optedOut',
  'phoneCallsPerHour',
]);

/** `escalate`, `test`, `ack` and `resolve`. */
export class EscalationCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers, choices }: Registers): void {
    handlers.on('escalate', async (turn, command) => await this.#escalate(turn, command));
    handlers.on('test', async (turn, { policy }) => await this.#test(turn, policy));
    handlers.on('acknowledge', async (turn) => await this.#act(turn, 'acknowledge'));
    handlers.on('resolve', async (turn) => await this.#act(turn, 'resolve'));
    for (const verb of ['acknowledge', 'resolve'] as const) {
      choices.on(verb, {
        take: async (answer) => {
          const found = optionOf(answer);
          if ('say' in found) return found;
          if (!('escalationId' in found.option)) return { say: answer.turn.texts.chat.cardIsGone };
          return await this.choose(answer, found.option, verb);
        },
        taken: alreadyChosen,
      });
    }
  }

  /** Takes the answer to "Which alert?" and acts on that escalation, at the revision that the question showed. */
  async choose(
    answer: Answer,
    { escalationId, name, revision }: Extract<ChoiceOption, { escalationId: string }>,
    verb: 'acknowledge' | 'resolve' | 'stop',
  ): Promise<{ say: string }> {
    const { escalations, acts, transact } = this.#parts;
    const { turn } = answer;
    if (!(await transact(claiming(answer, numberOf(answer)))))
      return { say: turn.texts.chat.choices.alreadyChosen({ callee: name }) };
    const escalation = await escalations.get(escalationId);
    if (!escalation) return { say: turn.texts.chat.cardIsGone };
    const outcome = await acts.act(chatting(turn, revision), verb, escalation);
    return { say: actWords(outcome, turn.texts) };
  }

  async #escalate(turn: ChatTurn, command: Extract<Command, { kind: 'escalate' }>): Promise<void> {
    const { asker } = turn;
    const names = command.targets.map((target) => spokenName(target, asker));
    await this.#parts.permissions.checkAsker(asker, names.join(', '));
    const ladder = await this.#ladderOf(turn, command.targets);
    if (ladder) await this.#start(turn, ladder, { summary: command.message });
  }

  async #test(turn: ChatTurn, words: string): Promise<void> {
    await this.#parts.permissions.checkAsker(turn.asker, words);
    const found = policyNamed(this.#parts.ringdown(), words);
    if (!found) return await turn.sayOnce(noSuchPolicy(words, this.#parts.ringdown(), turn.texts));
    await this.#start(turn, found, {
      summary: turn.texts.chat.escalations.testSummary({ policy: found.name }),
      test: true,
    });
  }

  /** The policy or the steps that are named. @returns null if that is unclear; the asker has been told */
  async #ladderOf(turn: ChatTurn, named: readonly PersonQuery[]): Promise<Ladder | null> {
    const words = turn.texts.chat.escalations;
    const policies = named.flatMap((query) => {
      const found = query.by === 'text' ? policyNamed(this.#parts.ringdown(), query.text) : null;
      return found ? [found] : [];
    });
    const [policy] = policies;
    if (policy && named.length === 1) return policy;
    if (policy) {
      await turn.sayOnce(words.policyAmongPeople({ policy: policy.name }));
      return null;
    }
    const steps = await turn.working(async () => await this.#stepOf(turn, named.slice(0, MOST_PEOPLE)));
    return steps && { steps };
  }

  /** A step that calls these people one after another. Names are resolved to object ids now. */
  async #stepOf(turn: ChatTurn, named: readonly PersonQuery[]): Promise<Policy['steps'] | null> {
    const found = await Promise.all(
      named.map(async (query) => ({ query, found: await this.#parts.people.find(turn, query) })),
    );
    const targets: Policy['steps'][number]['targets'] = [];
    const problems: string[] = [];
    for (const { query, found: person } of found) {
      const name = spokenName(query, turn.asker);
      if (query.by === 'phone') {
        const phone = phoneTyped(query.text, this.#parts.phones);
        if ('refused' in phone) problems.push(phoneRefused(phone.refused, query.text, turn.texts));
        else {
          await this.#checkCallee(turn.asker, phone.target);
          targets.push({ phone: phone.target.id });
        }
        continue;
      }
      if (person?.kind === 'one') {
        await this.#checkCallee(turn.asker, toTarget(person.person));
        targets.push(
          person.person.kind === 'resourceAccount'
            ? { voiceApp: person.person.id }
            : { user: person.person.id },
        );
      } else if (person?.kind === 'several') {
        const shown = looksOf(person.people.slice(0, MOST_CHOICES), turn.texts, { alwaysAddress: true });
        const people = shown.map(({ name: called, about }) => described(called, about, turn.texts));
        problems.push(
          turn.texts.chat.escalations.severalFit({
            query: name,
            people: turn.texts.format.anyOf(people),
          }),
        );
      } else {
        problems.push(this.#nobodyFits(turn, name, namesOf(person?.suggestions ?? []), named));
      }
    }
    if (problems.length === 0) return [{ targets, mode: 'sequence', tries: 1, pauseSeconds: 0 }];
    await turn.sayOnce(problems.join('\n'));
    return null;
  }

  /** Says that nobody has this name. A single unknown name may have been meant as a policy. */
  #nobodyFits(
    turn: ChatTurn,
    name: string,
    suggestions: readonly string[],
    named: readonly PersonQuery[],
  ): string {
    const nobody = turn.texts.chat.people.nobodyFits({
      query: name,
      suggestions: turn.texts.format.anyOf(suggestions),
    });
    const isAlone = named.length === 1 && suggestions.length === 0;
    return isAlone
      ? together([nobody, noSuchPolicy(name, this.#parts.ringdown(), turn.texts)], turn.texts)
      : nobody;
  }

  /** @throws NotPermitted if the asker may not call this person */
  async #checkCallee(asker: Requester, target: ReturnType<typeof toTarget>): Promise<void> {
    const refusal = await this.#parts.permissions.whyNot(asker, target);
    if (!refusal || notForEscalations.has(refusal.reason)) return;
    // Gives the same refusal, records it, and throws.
    await this.#parts.permissions.mayCall(asker, target);
  }

  async #start(
    turn: ChatTurn,
    ladder: Ladder,
    alert: Pick<EscalationRequest, 'summary' | 'test'>,
  ): Promise<void> {
    const { escalations, cards, callees, transact } = this.#parts;
    // People without an identity may call single people if that is allowed, but not a policy.
    if ('policy' in ladder && turn.asker.objectId === undefined) {
      return await turn.sayOnce(turn.texts.chat.escalations.anonymousMayNot);
    }
    const { asker: startedBy, texts } = turn;
    const { locale: language } = texts.format;
    const request = startFromPolicy(ladder, { ...alert, source: 'chat', startedBy, language });
    const started = await transact(async (work) => {
      if (!(await turn.isFirstDelivery(work.sql))) return null;
      let cardId = '';
      const { escalation } = await escalations.startIn(work, request, async (inside, { id }) => {
        cardId = await cards.add(inside, turn, id);
      });
      return { escalation, cardId };
    });
    if (!started) return;
    const { escalation, cardId } = started;
    await cards.send(turn, cardId, escalation.id);
    // Checked after the start, so that it delays no call.
    const { reached, skipped } = await callees.reachable(escalation);
    if (reached !== 'nobody') return;
    const reasons = skipped.slice(0, MOST_CHOICES).map((one) => skippedLine(one, turn.texts));
    await turn.say(together([turn.texts.chat.escalations.nobodyCanBeCalled, ...reasons], turn.texts));
  }

  /** Acts on the escalation that concerns the asker. If there are several, asks which. */
  async #act(turn: ChatTurn, verb: 'acknowledge' | 'resolve'): Promise<void> {
    const { here, acts, choices } = this.#parts;
    const words = turn.texts.chat.escalations;
    if (turn.asker.objectId === undefined) return await turn.sayOnce(words.anonymousMayNot);
    const [only, ...more] = await here.concerning(turn, verb);
    if (!(await turn.isFirstDelivery())) return;
    if (!only) {
      const late = verb === 'acknowledge' ? await here.justTaken(turn) : null;
      if (late) return await turn.say(actWords(await acts.act(chatting(turn), verb, late), turn.texts));
      return await turn.say(words.nothing[verb]);
    }
    const isKnown = await here.isKnown(turn, only);
    if (more.length === 0 && isKnown)
      return await turn.say(actWords(await acts.act(chatting(turn), verb, only), turn.texts));
    const options = [only, ...more].slice(0, MOST_CHOICES);
    await choices.ask(
      turn,
      more.length === 0 ? words.unseen[verb] : words.which[verb],
      {
        what: verb,
        options: options.map(({ id, summary, revision }) => ({ escalationId: id, name: summary, revision })),
        message: null,
      },
      options.map(({ summary, policy }) => ({ name: summary, about: policy, photo: null })),
    );
  }
}

/** An act in words. @param shown the revision that the question showed, if there was one */
function chatting({ asker, conversationKey }: ChatTurn, shown?: number): ActRequest {
  return { asker, conversationKey, way: 'chat', shown };
}
