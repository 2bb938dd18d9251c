import type { Logger } from 'pino';
import type { Call } from '../../calls/call.ts';
import type { CallListener } from '../../calls/callListener.ts';
import { personIdOf } from '../../calls/callee.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { timeNow, type Clock } from '../../clock.ts';
import type { JobHandler } from '../../database/jobHandler.ts';
import type { OwnJob } from '../../database/jobStore.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { Database } from '../../database/open.ts';
import { LastRows, type Transact, type Work } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Escalation } from '../../escalations/escalation.ts';
import type { TellPeople } from '../../escalations/escalationEffects.ts';
import type { EscalationListener, EscalationService } from '../../escalations/escalationService.ts';
import type { WholeEscalation } from '../../escalations/escalationStore.ts';
import { rungsOf } from '../../escalations/ladder/rungs.ts';
import type { EscalationEntry } from '../../escalations/timeline.ts';
import type { NotDelivered } from '../../escalations/timeline.ts';
import { cardsOf, continuingElsewhere, newCardId, newCards } from '../cards/cardStore.ts';
import {
  deliveryIn,
  deliveryQuestion,
  settlingDelivery,
  wantingDeliveries,
  type Delivery,
  type WantedDelivery,
} from './deliveryStore.ts';
import {
  calleeAudience,
  CHANNEL,
  escalationSubject,
  personOf,
  toldAudience,
  wantEscalationCards,
  type EscalationCards,
} from './escalationCards.ts';
import type { Messenger } from '../connector/messenger.ts';
import type { Readers } from '../people/readers.ts';

interface Parts {
  escalations: EscalationService;
  cards: EscalationCards;
  messenger: Messenger;
  readers: Pick<Readers, 'languageOf'>;
  directory: Pick<Directory, 'find'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
}

const wantedDeliveries = new LastRows<WantedDelivery>('deliveries', wantingDeliveries);

/** How long to retry a card after it was requested. Then the timeline says that it was not delivered. */
const PATIENCE_MS = 60_000;
/** An older card is far up in the chat, so nobody notices that it changes. */
const FAR_UP_MS = 3_600_000;

/**
 * The cards that people get unasked: callees, the policy's channel, and the people who are told that nobody
 * acknowledged. A card is requested in the transaction that makes it necessary, and delivered once. It is sent as a new
 * message when the ladder starts again, or when somebody is called again an hour later.
 */
export class CardDeliveries {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Requests the cards that a change of an escalation makes necessary. */
  readonly listener: EscalationListener = {
    changed: (work, escalation, timeline) => {
      // A new escalation has at most the card that its turn is sending, and changes again in a moment.
      if (timeline.some(({ type }) => type !== 'opened')) wantEscalationCards(work, escalation.id);
      for (const audience of new Set(timeline.flatMap((entry) => audiencesOf(entry, escalation)))) {
        this.#want(work, escalation, audience);
      }
    },
  };

  /** Requests a new card when a call is placed after a long wait (quiet hours, a pause), far below the old one. */
  readonly calls: CallListener = {
    moved: (work, before, { purpose, target, createdAt, facts: { dialSentAt } }) => {
      if (purpose.kind !== 'escalate' || personIdOf(target) === null) return;
      if (!dialSentAt || before.facts.dialSentAt) return;
      if (Date.parse(dialSentAt) - Date.parse(createdAt) < FAR_UP_MS) return;
      const data = { id: purpose.escalationId, audience: calleeAudience(target) };
      work.enqueue({ name: 'escalation.cardAgain', data });
    },
  };

  /** The job `escalation.cardAgain`: sends a new message to somebody whose card is far up by now. */
  readonly again: JobHandler<'escalation.cardAgain'> = {
    run: async ({ id, audience }) => {
      const escalation = await this.#parts.escalations.get(id);
      if (!escalation) return;
      await this.#parts.transact((work) => this.#want(work, escalation, audience));
    },
  };

  /** The job `escalation.cardFor`. */
  readonly job: JobHandler<'escalation.cardFor'> = {
    run: async ({ id, audience }, job) => void (await this.#deliver(id, audience, job)),
    useful: {
      forMs: PATIENCE_MS,
      over: async (data, error) => {
        const { log, escalations } = this.#parts;
        log.error({ err: error, ...data }, 'a card of an escalation could not be delivered');
        const escalation = await escalations.get(data.id);
        if (escalation) await this.#fail(escalation, data.audience, 'failed');
      },
    },
  };

  /** Tells the people named by the policy that nobody acknowledged. (Operators are told in any case.) */
  readonly tellPeople: TellPeople = async (escalation, people, run) => {
    const told: { name: string; told: boolean }[] = [];
    const later: TryAgainLater[] = [];
    for (const name of people) {
      try {
        told.push({ name, told: await this.#tell(escalation, name, run) });
      } catch (error) {
        if (!(error instanceof TryAgainLater)) throw error;
        // The others need not wait for the retry.
        later.push(error);
      }
    }
    const [first] = later;
    if (first) throw first;
    return told;
  };

  async #tell(escalation: Escalation, name: string, run: number): Promise<boolean> {
    const { directory, transact } = this.#parts;
    const found = await directory.find({ text: name }, null);
    if (found.kind !== 'one' || found.person.kind !== 'user') return false;
    const audience = toldAudience(run, found.person.id);
    await transact((work) => this.#remember(work, escalation, audience));
    return await this.#deliver(escalation.id, audience);
  }

  #want(work: Work, escalation: Escalation, audience: string): void {
    this.#remember(work, escalation, audience);
    work.enqueue({ name: 'escalation.cardFor', data: { id: escalation.id, audience } });
  }

  #remember(work: Work, { id, ladder }: Escalation, audience: string): void {
    const now = this.#parts.clock.now();
    // Only callees get a new message after a long time. A channel does not, and `told:` is sent once per run.
    const isCallee = audience !== CHANNEL && !audience.startsWith('told:');
    const old = isCallee ? new Date(now - FAR_UP_MS) : null;
    const fresh = { cardId: newCardId(), createdAt: new Date(now), run: ladder.runs, old };
    wantedDeliveries.add(work, [{ subject: escalationSubject(id), audience, ...fresh }]);
  }

  /** @param job what led to this. @returns whether the card was delivered. @throws TryAgainLater */
  async #deliver(id: string, audience: string, job?: OwnJob): Promise<boolean> {
    const question = deliveryQuestion({ subject: escalationSubject(id), audience });
    const whole = await this.#parts.escalations.whole(id, question);
    const delivery = whole && deliveryIn(whole.also);
    if (!delivery) return false;
    if (delivery.sentAt) return true;
    if (await this.#isNotNeeded(whole.escalation, audience, delivery)) return false;
    const outcome = await this.#send(whole, audience, delivery, job);
    if ('sent' in outcome) return true;
    await this.#fail(whole.escalation, audience, outcome.failed);
    return false;
  }

  async #isNotNeeded(escalation: Escalation, audience: string, { run }: Delivery): Promise<boolean> {
    const { status } = escalation.ladder;
    if (audience.startsWith('told:')) return status !== 'exhausted';
    if (audience !== CHANNEL) return status !== 'open';
    if (run > 0) return status !== 'open';
    // If it was started in the channel, the channel already has a card.
    const shown = await cardsOf(this.#parts.database.sql, escalationSubject(escalation.id));
    return shown.some(({ conversationKey }) => conversationKey === `msteams|${escalation.channel}`);
  }

  async #send(
    whole: WholeEscalation,
    audience: string,
    { cardId, createdAt }: Delivery,
    job: OwnJob | undefined,
  ): Promise<{ sent: true } | { failed: NotDelivered }> {
    const { cards, messenger, readers, clock, transact } = this.#parts;
    const { escalation, calls } = whole;
    const objectId = personOf(audience);
    // A channel reads the policy's language.
    const { language } = escalation;
    const locale =
      objectId === null
        ? language
        : await readers.languageOf({ key: objectId, objectId }, undefined, language);
    const shown = cards.render(whole, { cardId, audience, locale, channelId: 'msteams' });
    const until = patience(escalation, calls, { audience, wantedAt: createdAt });
    const outcome =
      objectId === null
        ? await messenger.toChannel(escalation.channel ?? '', shown.rendered, until)
        : await messenger.toPerson(objectId, shown.rendered, until);
    if (outcome.kind === 'refused') return { failed: outcome.reason };
    const { place, conversationKey, activityId, installed } = outcome;
    const { revision, state, covers } = shown;
    const sentAt = new Date(clock.now());
    const subject = escalationSubject(escalation.id);
    const name = installed ? nameIn(calls, audience) : '';
    await transact(async (work) => {
      newCards.add(work, [
        {
          id: cardId,
          subject,
          place,
          conversationKey,
          locale,
          activityId,
          audience,
          createdAt: sentAt,
          shown: { activityId, revision, state, covers },
        },
      ]);
      work.last('settled', settlingDelivery({ subject, audience }, { sentAt }));
      work.last('continued', continuingElsewhere({ id: cardId, subject, audience, conversationKey }, sentAt));
      // What has changed meanwhile.
      wantEscalationCards(work, escalation.id);
      if (job) work.finish(job);
      if (!installed) return;
      await this.#parts.escalations.takeIn(work, escalation.id, {
        type: 'noted',
        at: sentAt.toISOString(),
        entry: { type: 'appInstalled', data: { name } },
      });
    });
    return { sent: true };
  }

  /** Records in the timeline why somebody got no card, once for each reason. */
  async #fail(escalation: Escalation, audience: string, reason: NotDelivered): Promise<void> {
    const { escalations, transact, clock, log } = this.#parts;
    const key = { subject: escalationSubject(escalation.id), audience };
    const whole = await escalations.whole(escalation.id, deliveryQuestion(key));
    const known = whole && deliveryIn(whole.also);
    log.warn({ escalationId: escalation.id, audience, reason }, 'a card was not delivered');
    const name = nameIn(whole?.calls ?? [], audience);
    await transact(async (work) => {
      work.last('settled', settlingDelivery(key, { failed: reason }));
      // The caller of `tellPeople` records those who could not be told that nobody acknowledged.
      if (known?.failed === reason || audience.startsWith('told:')) return;
      await escalations.takeIn(work, escalation.id, {
        type: 'noted',
        at: timeNow(clock),
        entry: { type: 'cardNotDelivered', data: { ...(name === '' ? {} : { name }), reason } },
      });
    });
  }
}

/** Empty for a channel. */
function nameIn(calls: readonly Call[], audience: string): string {
  if (audience === CHANNEL) return '';
  const own = calls.findLast(({ target }) => calleeAudience(target) === audience);
  return own?.target.displayName ?? personOf(audience) ?? '';
}

/** When to stop retrying, in epoch milliseconds. For a callee, the time counts from their newest call. */
function patience(
  { ladder }: Escalation,
  calls: readonly Call[],
  { audience, wantedAt }: { audience: string; wantedAt: Date },
): number {
  if (audience.startsWith('told:')) return Date.parse(ladder.endedAt ?? wantedAt.toISOString()) + PATIENCE_MS;
  if (audience === CHANNEL) return wantedAt.getTime() + PATIENCE_MS;
  const own = calls.findLast(({ target }) => calleeAudience(target) === audience);
  return own ? Date.parse(view(own).endedAt ?? own.createdAt) + PATIENCE_MS : 0;
}

/** Who gets a card because of this entry. */
function audiencesOf({ type }: EscalationEntry, { channel, ladder }: Escalation): string[] {
  switch (type) {
    case 'opened':
    case 'startedAgain':
      return channel === null ? [] : [CHANNEL];
    case 'calling':
      return rungsOf(ladder).flatMap(({ state, target }) =>
        state === 'calling' && personIdOf(target) !== null ? [calleeAudience(target)] : [],
      );
    default:
      return [];
  }
}
