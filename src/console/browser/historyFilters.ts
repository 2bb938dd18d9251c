import type { Disposition } from '../../calls/call.ts';
import type { EscalationStatus } from '../../escalations/escalation.ts';

/** The filters of the page History, which stand in its address so that a search can be shared. Pure. */

export const dispositions = [
  'answered',
  'acknowledged',
  'connected_to_caller',
  'declined',
  'no_answer',
  'busy',
  'unreachable',
  'not_allowed',
  'cancelled',
  'failed',
] as const satisfies readonly Disposition[];

export const statuses = [
  'open',
  'acknowledged',
  'resolved',
  'exhausted',
  'cancelled',
] as const satisfies readonly EscalationStatus[];

export type Shows = 'calls' | 'escalations';

/** Empty texts and lists filter nothing. */
export interface Filters {
  shows: Shows;
  person: string;
  policy: string;
  /** Of calls. */
  dispositions: Disposition[];
  code: string;
  /** Of escalations. */
  statuses: EscalationStatus[];
  /** Days: `2026-11-30`. */
  from: string;
  until: string;
}

export const noFilters: Filters = {
  shows: 'calls',
  person: '',
  policy: '',
  dispositions: [],
  code: '',
  statuses: [],
  from: '',
  until: '',
};

/** Reads the query of an address. What is not valid there is left out. */
export function filtersIn(query: string): Filters {
  const given = new URLSearchParams(query);
  const text = (name: string, form = /^/): string => {
    const value = given.get(name)?.trim() ?? '';
    return form.test(value) ? value : '';
  };
  const some = <Word extends string>(name: string, words: readonly Word[]): Word[] => {
    const values = (given.get(name) ?? '').split(',');
    return words.filter((word) => values.includes(word));
  };
  return {
    shows: given.get('show') === 'escalations' ? 'escalations' : 'calls',
    person: text('person'),
    policy: text('policy'),
    dispositions: some('disposition', dispositions),
    code: text('code', CODE),
    statuses: some('status', statuses),
    from: text('from', DAY),
    until: text('until', DAY),
  };
}

const CODE = /^\d{1,9}(\/\d{1,9})?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What a reader has to correct before a search. */
export function faultsOf({ shows, code, from, until }: Filters): { code: boolean; dates: boolean } {
  return {
    code: shows === 'calls' && code !== '' && !CODE.test(code),
    dates: from !== '' && until !== '' && from > until,
  };
}

export function isFiltered({ shows, ...filters }: Filters): boolean {
  return queryOf({ shows, ...filters }) !== '';
}

/** The query of the endpoint, in a fixed order. Filters of the other list are left out. */
export function queryOf(filters: Filters): string {
  const { shows, person, policy, from, until } = filters;
  const own =
    shows === 'calls'
      ? { disposition: filters.dispositions.join(','), code: filters.code }
      : { status: filters.statuses.join(',') };
  const all = Object.entries({ person, policy, ...own, from, until });
  return new URLSearchParams(all.filter(([, value]) => value !== '')).toString();
}

/** The query of the page's address. */
export function addressOf(filters: Filters): string {
  const query = queryOf(filters);
  if (filters.shows === 'calls') return query;
  return query === '' ? 'show=escalations' : `show=escalations&${query}`;
}
