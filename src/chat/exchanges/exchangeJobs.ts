import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import type { Transact, Work } from '../../database/transaction.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { ExchangeService } from '../../escalations/exchangeService.ts';
import type { NotDelivered } from '../../escalations/timeline.ts';
import { exchangeSubject, isSettled, type Exchange } from '../../schedules/exchange.ts';
import { RETURN_WEEKS } from '../../schedules/exchangedSpans.ts';
import { insertCard } from '../cards/cardStore.ts';
import { exchangeNews } from '../cards/renderers/exchangeCard.ts';
import type { Messenger } from '../connector/messenger.ts';
import { asCard } from '../connector/notices.ts';
import type { Readers } from '../people/readers.ts';
import { ASKED, questionCardId, type ExchangeCards } from './exchangeCards.ts';

interface Parts {
  exchanges: ExchangeService;
  cards: ExchangeCards;
  messenger: Pick<Messenger, 'toPerson'>;
  readers: Pick<Readers, 'languageOf' | 'textsFor'>;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
  log: Logger;
}

/** How long to try to reach the person who is asked. Then the asker reads that they were not. */
const PATIENCE_MS = 10 * 60_000;
/** The asker still has their card before their eyes, and needs no message beside it. */
const FRESH_MS = 2 * 60_000;
const TELL_MS = 60 * 60_000;

/** What follows from each change of an offer, in its transaction: cards are updated, and the asker is told. */
export function followUp(work: Work, { id, state, createdAt }: Exchange, now: number): void {
  work.enqueue({ name: 'card.show', data: { subject: exchangeSubject(id) } });
  if (isSettled(state) && !isOwn.has(state.kind) && now - createdAt > FRESH_MS)
    work.enqueue({ name: 'exchange.tell', data: { id } });
}

/** What the asker did themselves, or was never waiting for. */
const isOwn: ReadonlySet<Exchange['state']['kind']> = new Set(['withdrawn', 'notAsked']);

/** Asks, tells and ends offers. */
export function registerExchangeJobs(jobs: Pick<Jobs, 'handle'>, parts: Parts): void {
  const { exchanges, messenger, readers, transact, clock, log } = parts;

  const fail = async (id: string, why: NotDelivered): Promise<void> => {
    log.warn({ exchangeId: id, reason: why }, 'a question to exchange duty was not delivered');
    await exchanges.happens(id, { kind: 'undeliverable', why });
  };

  jobs.handle('exchange.ask', {
    run: async ({ id }) => {
      const exchange = await exchanges.get(id);
      if (exchange?.state.kind !== 'asked' || exchange.state.deliveredAt !== null) return;
      const { asked, expiresAt, state } = exchange;
      const locale = await readers.languageOf({ key: asked.id, objectId: asked.id }, undefined);
      const shown = parts.cards.question(exchange, locale);
      const until = Math.min(state.since + PATIENCE_MS, expiresAt);
      const sent = await messenger.toPerson(asked.id, shown.rendered, until);
      if (sent.kind === 'refused') return await fail(id, sent.reason);
      const { place, conversationKey, activityId } = sent;
      const { revision, state: shownState } = shown;
      const subject = exchangeSubject(id);
      const outcome = await exchanges.happens(id, { kind: 'delivered' }, async (work) => {
        await insertCard(work.sql, {
          id: questionCardId(id),
          subject,
          place,
          conversationKey,
          locale,
          activityId,
          audience: ASKED,
          createdAt: new Date(clock.now()),
          shown: { activityId, revision, state: shownState },
        });
      });
      // It was withdrawn while it was on its way.
      if (!outcome?.isNews) await transact((work) => work.enqueue({ name: 'card.show', data: { subject } }));
    },
    useful: {
      forMs: PATIENCE_MS,
      over: async ({ id }, error) => {
        log.error({ err: error, exchangeId: id }, 'a question to exchange duty could not be delivered');
        await fail(id, 'failed');
      },
    },
  });

  jobs.handle('exchange.expire', {
    run: async ({ id }) => {
      const exchange = await exchanges.get(id);
      if (!exchange) return;
      const left = exchange.expiresAt - clock.now();
      if (left > 0) throw new TryAgainLater(left);
      await exchanges.happens(id, { kind: 'expire' });
    },
  });

  jobs.handle('exchange.tell', {
    run: async ({ id }) => {
      const exchange = await exchanges.get(id);
      if (!exchange) return;
      const texts = await readers.textsFor(exchange.asker.id);
      const news = exchangeNews({ exchange, viewer: 'asker', weeks: RETURN_WEEKS }, texts);
      const sent = await messenger.toPerson(exchange.asker.id, asCard(news), clock.now() + TELL_MS);
      if (sent.kind === 'refused') log.warn({ exchangeId: id, reason: sent.reason }, 'an asker was not told');
    },
    useful: {
      forMs: TELL_MS,
      over: async ({ id }, error) => {
        log.error({ err: error, exchangeId: id }, 'an asker was not told');
      },
    },
  });
}
