import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Session } from '../../src/console/reader.ts';
import { Live } from '../../src/console/stream.ts';
import type { View } from '../../src/console/view.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { testClock } from '../support/clock.ts';
import { silent } from '../support/log.ts';
import { until } from '../support/until.ts';

const key = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const session: Session = {
  reader: {
    requester: { kind: 'chat', key, name: 'Adele Vance', objectId: key },
    seesAll: false,
    operates: false,
    texts: textsFor('en'),
    timeZone: 'UTC',
  },
  expiresAt: null,
  renew: async () => await Promise.resolve(session),
};

describe('the views of open pages', () => {
  it('are never older than a view that was loaded before, however long the first load takes', async () => {
    const loads: PromiseWithResolvers<object>[] = [];
    const view: View = {
      name: 'now',
      watches: () => ({ changes: raw`'a change'` }),
      load: async () => {
        const load = Promise.withResolvers<object>();
        loads.push(load);
        return await load.promise;
      },
    };
    const clock = testClock();
    const live = new Live({
      clock,
      log: silent,
      ask: async () => await Promise.resolve({ changes: 'a change' }),
      pollMs: 1000,
      onCommit: (listener) => clock.setTimeout(listener, 0),
    });
    const opening = live.open(view, '', session);
    await clock.tick(1000);
    await until(() => loads.length === 2, 'it loads again after the commit');
    loads[1]?.resolve({ escalations: ['new'] });
    await clock.tick(0);
    loads[0]?.resolve({ escalations: [] });
    const over = new AbortController();
    const lines = (await opening)(over.signal)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, '{"view":{"escalations":["new"]}}\n');
    over.abort();
    assert.equal((await lines.next()).done, true);
    assert.equal(live.size, 0);
  });
});
