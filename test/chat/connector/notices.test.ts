import assert from 'node:assert/strict';
import type { SendResult } from '../../../src/chat/connector/messenger.ts';
import { registerNotices, tellInWords } from '../../../src/chat/connector/notices.ts';
import type { JobRequest } from '../../../src/database/jobRequests.ts';
import type { JobHandler } from '../../../src/database/jobHandler.ts';
import { TryAgainLater } from '../../../src/database/tryAgain.ts';
import type { Found } from '../../../src/directory/directory.ts';
import { textsFor } from '../../../src/texts/texts.ts';
import { person } from '../../support/escalations/people.ts';
import { recordingLog } from '../../support/log.ts';

const NOW = Date.parse('2026-09-15T12:00:00.000Z');
const refused: SendResult = { kind: 'refused', reason: 'blocked' };
const sent: SendResult = {
  kind: 'sent',
  place: {
    channelId: 'msteams',
    serviceUrl: 'https://smba.example/',
    conversation: { id: 'a:1' },
    bot: { id: '28:bot' },
    user: { id: '29:megan' },
    shared: false,
  },
  conversationKey: 'msteams|a:1',
  activityId: '1',
  installed: false,
};

const found = (id: string): Found => ({
  kind: 'one',
  person: { ...person(id), id },
  callable: { callable: true },
});

/** People, and the outcome of each message to them, in order. */
function setUp(
  outcomes: Record<string, (SendResult | 'later')[]>,
  silentAbout: ReadonlySet<string> = new Set(),
) {
  const wanted: JobRequest[] = [];
  const handlers = new Map<string, JobHandler<never>>();
  const parts: Parameters<typeof tellInWords>[0] = {
    messenger: {
      toPerson: async (objectId) => {
        const next = outcomes[objectId]?.shift();
        if (next === 'later' || !next) throw new TryAgainLater(1_000);
        return await Promise.resolve(next);
      },
    },
    directory: {
      find: async (query) => {
        const name = 'text' in query ? query.text : query.objectId;
        if (silentAbout.has(name)) throw await Promise.resolve(new Error('Graph does not answer'));
        return found(name);
      },
    },
    readers: { textsFor: async () => textsFor('en') },
    transact: async (change) =>
      await change({
        sql: undefined as never,
        runsNow: true,
        isEmbedded: true,
        enqueue: (job) => wanted.push(job),
        drop: () => undefined,
        finish: () => undefined,
        last: () => undefined,
        atEnd: () => undefined,
        afterCommit: () => undefined,
      }),
    log: recordingLog().log,
    clock: { now: () => NOW },
  };
  registerNotices({ handle: (name, handler) => handlers.set(name, handler) }, parts);
  const runWanted = async (): Promise<void> => {
    for (const { name, data } of wanted) await handlers.get(name)?.run(data as never, undefined as never);
  };
  const tell = tellInWords(parts);
  return {
    tell: async (people: string[]) => await tell(people, () => 'red'),
    wanted,
    runWanted,
  };
}

describe('Notices to operators', () => {
  it('reach the others later if the chat service rejects some, and nobody twice', async () => {
    const room = setUp({ megan: [sent], alex: ['later', sent], adele: ['later', 'later', sent] });
    assert.deepEqual(await room.tell(['megan', 'alex', 'adele']), [
      { name: 'megan', told: true },
      { name: 'alex', told: false },
      { name: 'adele', told: false },
    ]);
    assert.deepEqual(
      room.wanted.map(({ data }) => 'person' in data && data.person),
      ['alex', 'adele'],
    );
    await assert.rejects(room.runWanted(), TryAgainLater);
  });

  it('are all retried if they reached nobody', async () => {
    const room = setUp({ megan: ['later'], alex: [refused] });
    await assert.rejects(room.tell(['megan', 'alex']), TryAgainLater);
    assert.deepEqual(room.wanted, []);
  });

  it('reach the others even if the directory does not answer for one', async () => {
    const room = setUp({ megan: [], alex: [sent] }, new Set(['megan']));
    assert.deepEqual(await room.tell(['megan', 'alex']), [
      { name: 'megan', told: false },
      { name: 'alex', told: true },
    ]);
  });

  it('reach the people from the directory’s last answer', async () => {
    const silentAbout = new Set<string>();
    const room = setUp({ megan: [sent, sent], alex: [] }, silentAbout);
    await room.tell(['megan']);
    silentAbout.add('megan');
    assert.deepEqual(await room.tell(['megan']), [{ name: 'megan', told: true }]);
    silentAbout.add('alex');
    await assert.rejects(room.tell(['alex']), /Graph does not answer/);
  });
});
