import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addressOf,
  dispositions,
  faultsOf,
  filtersIn,
  isFiltered,
  noFilters,
  queryOf,
  statuses,
  type Filters,
} from '../../../src/console/browser/historyFilters.ts';
import { dispositions as ofApi } from '../../../src/http/api/callSchemas.ts';
import { statuses as statusesOfApi } from '../../../src/http/api/escalationSchemas.ts';

describe('the filters of History', () => {
  it('are the results and states of the API', () => {
    assert.deepEqual([dispositions, statuses], [ofApi, statusesOfApi]);
  });

  it('come back from the address unchanged', () => {
    const text = fc.string().map((any) => any.trim().toWellFormed());
    const day = fc.constantFrom('', '2026-11-30');
    const filters = fc.record<Filters>({
      shows: fc.constantFrom('calls', 'escalations'),
      person: text,
      policy: text,
      dispositions: fc.subarray([...dispositions]),
      code: fc.constantFrom('', '480', '480/10037'),
      statuses: fc.subarray([...statuses]),
      from: day,
      until: day,
    });
    fc.assert(
      fc.property(filters, (given) => {
        const own = given.shows === 'calls' ? { statuses: [] } : { dispositions: [], code: '' };
        assert.deepEqual(filtersIn(addressOf(given)), { ...given, ...own });
      }),
    );
  });

  it('leave out of an address what is not valid', () => {
    assert.deepEqual(filtersIn('code=x&from=yesterday&disposition=failed,nonsense&show=all'), {
      ...noFilters,
      dispositions: ['failed'],
    });
  });

  it('send only those of the list that is shown', () => {
    const all: Filters = { ...noFilters, code: '480', statuses: ['open'], person: 'Adele & Alex' };
    assert.equal(queryOf(all), 'person=Adele+%26+Alex&code=480');
    assert.equal(queryOf({ ...all, shows: 'escalations' }), 'person=Adele+%26+Alex&status=open');
  });

  it('know whether there are any', () => {
    assert.equal(isFiltered({ ...noFilters, shows: 'escalations' }), false);
    assert.equal(isFiltered({ ...noFilters, until: '2026-11-30' }), true);
  });

  it('must have a code of digits, and days in order', () => {
    assert.deepEqual(faultsOf({ ...noFilters, code: '48O' }), { code: true, dates: false });
    assert.deepEqual(faultsOf({ ...noFilters, shows: 'escalations', code: '48O' }), {
      code: false,
      dates: false,
    });
    assert.deepEqual(faultsOf({ ...noFilters, from: '2026-11-30', until: '2026-11-29' }), {
      code: false,
      dates: true,
    });
    assert.deepEqual(faultsOf({ ...noFilters, from: '2026-11-30', until: '2026-11-30' }), {
      code: false,
      dates: false,
    });
  });
});
