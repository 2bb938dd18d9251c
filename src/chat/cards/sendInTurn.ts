import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import { judge, pauseOf } from '../connector/connectorAnswers.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';
import type { ChatTurn } from '../turn/turn.ts';
import { leaveToJob, rememberSent } from './cardStore.ts';
import type { Shown } from './cardUpdates.ts';

interface Parts {
  database: Pick<Database, 'sql'>;
  clock: Pick<Clock, 'now'>;
  log: Pick<Logger, 'warn'>;
}

/** Sends a stored card as the answer of a turn. If the chat service does not take it, the job `card.show` sends it later. */
export async function sendInTurn(
  { database, clock, log }: Parts,
  turn: ChatTurn,
  { id, subject }: { id: string; subject: string },
  { rendered, revision, state, covers }: Shown,
): Promise<void> {
  try {
    const activityId = (await turn.showCard(rendered)) ?? '';
    const isFirst = await rememberSent(database.sql, id, { activityId, revision, state, covers });
    // The turn took so long that the job has sent another card.
    if (!isFirst && activityId) await turn.remove(activityId);
  } catch (error) {
    if (!(error instanceof ConnectorFault)) throw error;
    log.warn({ err: error, card: id, subject }, 'the card was not sent in the turn');
    if (judge(error, 'card').kind === 'again') {
      await leaveToJob(database.sql, id, new Date(clock.now() + pauseOf(error, 0)));
    } else {
      await rememberSent(database.sql, id, { activityId: '', revision, state });
    }
  }
}
