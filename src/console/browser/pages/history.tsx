import {
  Badge,
  Button,
  Link,
  makeStyles,
  Spinner,
  Tab,
  TabList,
  Text,
  tokens,
} from '@fluentui/react-components';
import { CallRegular, SearchRegular } from '@fluentui/react-icons';
import { useEffect, useMemo, useRef } from 'react';
import { Link as RouteLink, useLocation, useSearch as useQuery } from 'wouter';
import type { CallRow, PastEscalation } from '../../model.ts';
import { addressOf, filtersIn, isFiltered, queryOf, type Filters, type Shows } from '../historyFilters.ts';
import { DataTable, type Column } from '../parts/dataTable.tsx';
import { FilterForm } from '../parts/historyFilters.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { useSearch, type Search } from '../parts/searchResults.ts';
import { EmptyState, ErrorState, faultWords, Loading } from '../parts/states.tsx';
import { StatusBadge, type Tone } from '../parts/statusBadge.tsx';
import { When } from '../parts/when.tsx';
import { pages, pathTo } from '../routes.ts';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';
import { clockTime } from '../times.ts';

const useStyles = makeStyles({
  switch: {
    marginBottom: tokens.spacingVerticalM,
    marginInlineStart: `calc(-1 * ${tokens.spacingHorizontalM})`,
  },
  foot: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    marginTop: tokens.spacingVerticalL,
    minHeight: '32px',
  },
  calm: { color: tokens.colorNeutralForeground2 },
  fault: { color: tokens.colorStatusDangerForeground1 },
  complete: { color: tokens.colorNeutralForeground2, outlineStyle: 'none' },
  title: { display: 'inline-flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
});

/** Searches calls and escalations. The search stands in the address, so that it can be shared. */
export default function HistoryPage({ me }: PageProps) {
  const styles = useStyles();
  const { shell, history } = useWords();
  const [, navigate] = useLocation();
  const query = useQuery();
  const filters = useMemo(() => filtersIn(query), [query]);
  const go = (next: Filters): void => {
    const address = addressOf(next);
    navigate(address === '' ? pages.history : `${pages.history}?${address}`);
  };
  return (
    <>
      <PageHeader title={shell.pages.history} {...(me.seesAll ? {} : { about: history.own })} />
      <TabList
        className={styles.switch}
        aria-label={history.show}
        selectedValue={filters.shows}
        onTabSelect={(_event, { value }) => go({ ...filters, shows: value as Shows })}
      >
        <Tab value="calls">{history.calls}</Tab>
        <Tab value="escalations">{history.escalations}</Tab>
      </TabList>
      <FilterForm filters={filters} search={go} />
      {filters.shows === 'calls' ? <Calls filters={filters} /> : <Escalations filters={filters} />}
    </>
  );
}

const endTones: Readonly<Record<NonNullable<CallRow['disposition']>, Tone>> = {
  answered: 'good',
  acknowledged: 'good',
  connected_to_caller: 'good',
  declined: 'warning',
  no_answer: 'warning',
  busy: 'warning',
  unreachable: 'warning',
  not_allowed: 'bad',
  cancelled: 'calm',
  failed: 'bad',
};

function Calls({ filters }: { filters: Filters }) {
  const { history } = useWords();
  const search = useSearch<CallRow>(`/calls?${queryOf(filters)}`);
  const columns: Column<CallRow>[] = [
    {
      key: 'callee',
      title: history.callee,
      cell: ({ id, callee }) => (
        <RouteLink href={pathTo('call', id)} asChild>
          <Link>{callee}</Link>
        </RouteLink>
      ),
    },
    {
      key: 'result',
      title: history.result,
      cell: ({ disposition, text }) => (
        <StatusBadge tone={disposition === null ? 'active' : endTones[disposition]}>{text}</StatusBadge>
      ),
    },
    {
      key: 'code',
      title: history.code,
      cell: ({ code, subCode }) => (code === null ? '–' : subCode === null ? code : `${code}/${subCode}`),
    },
    { key: 'caller', title: history.caller, cell: ({ caller }) => caller },
    {
      key: 'policy',
      title: history.policy,
      cell: ({ escalationId, policy }) =>
        escalationId === null ? (
          '–'
        ) : (
          <RouteLink href={pathTo('escalation', escalationId)} asChild>
            <Link>{policy ?? history.summary}</Link>
          </RouteLink>
        ),
    },
    { key: 'placed', title: history.placed, cell: ({ createdAt }) => <When at={createdAt} as="clock" /> },
  ];
  return <Results filters={filters} search={search} columns={columns} label={history.calls} />;
}

const statusTones: Readonly<Record<PastEscalation['status'], Tone>> = {
  open: 'active',
  acknowledged: 'good',
  resolved: 'good',
  exhausted: 'bad',
  cancelled: 'calm',
};

function Escalations({ filters }: { filters: Filters }) {
  const styles = useStyles();
  const { history } = useWords();
  const search = useSearch<PastEscalation>(`/escalations?${queryOf(filters)}`);
  const columns: Column<PastEscalation>[] = [
    {
      key: 'summary',
      title: history.summary,
      cell: ({ id, summary, test }) => (
        <span className={styles.title}>
          <RouteLink href={pathTo('escalation', id)} asChild>
            <Link>{summary}</Link>
          </RouteLink>
          {test && (
            <Badge appearance="outline" color="informative">
              {history.test}
            </Badge>
          )}
        </span>
      ),
    },
    {
      key: 'status',
      title: history.status,
      cell: ({ status, text }) => <StatusBadge tone={statusTones[status]}>{text}</StatusBadge>,
    },
    { key: 'policy', title: history.policy, cell: ({ policy }) => policy ?? '–' },
    { key: 'startedBy', title: history.startedBy, cell: ({ startedBy }) => startedBy },
    { key: 'began', title: history.began, cell: ({ createdAt }) => <When at={createdAt} as="clock" /> },
  ];
  return <Results filters={filters} search={search} columns={columns} label={history.escalations} />;
}

function Results<Row extends { id: string }>({
  filters,
  search: { found, isLoading, fault, more },
  columns,
  label,
}: {
  filters: Filters;
  search: Search<Row>;
  columns: readonly Column<Row>[];
  label: string;
}) {
  const { history } = useWords();
  if (!found) return fault === null ? <Loading rows={8} /> : <ErrorState fault={fault} retry={more} />;
  const { items } = found;
  const isOver = found.nextCursor === null;
  return (
    <>
      {items.length > 0 && <DataTable label={label} columns={columns} rows={items} keyOf={({ id }) => id} />}
      {items.length === 0 && isOver && <Nothing filters={filters} />}
      <Foot found={found} isLoading={isLoading} fault={fault} more={more} />
      <div role="status" hidden={items.length === 0 && isOver}>
        <VisuallyHidden>{history.loaded({ count: items.length })}</VisuallyHidden>
      </div>
    </>
  );
}

function Nothing({ filters }: { filters: Filters }) {
  const { history } = useWords();
  const { nothing, empty } = history;
  return (
    <div role="status">
      {isFiltered(filters) ? (
        <EmptyState icon={<SearchRegular />} title={nothing.title} text={nothing[filters.shows]} />
      ) : (
        <EmptyState icon={<CallRegular />} title={empty[filters.shows]} text={empty.text} />
      )}
    </div>
  );
}

/** Loads older rows. The focus stays on the button, or moves to the sentence that replaces it. */
function Foot<Row>({
  found: { items, nextCursor, searchedTo },
  isLoading,
  fault,
  more,
}: Pick<Search<Row>, 'isLoading' | 'fault' | 'more'> & { found: NonNullable<Search<Row>['found']> }) {
  const styles = useStyles();
  const words = useWords();
  const { history, locale } = words;
  const complete = useRef<HTMLSpanElement>(null);
  const wasPressed = useRef(false);
  useEffect(() => {
    if (nextCursor !== null || !wasPressed.current) return;
    wasPressed.current = false;
    complete.current?.focus();
  }, [nextCursor]);
  return (
    <div className={styles.foot}>
      {searchedTo !== null && (
        <Text className={styles.calm}>
          {history.searchedTo({ time: clockTime(Date.parse(searchedTo), Date.now(), locale) })}
        </Text>
      )}
      {nextCursor !== null && (
        <Button
          disabledFocusable={isLoading}
          icon={isLoading ? <Spinner size="tiny" /> : undefined}
          onClick={() => {
            wasPressed.current = true;
            more();
          }}
        >
          {searchedTo === null ? history.older : history.goOn}
        </Button>
      )}
      {nextCursor === null && items.length > 0 && (
        <Text ref={complete} tabIndex={-1} className={styles.complete}>
          {history.complete}
        </Text>
      )}
      <span role="alert">
        {fault !== null && <Text className={styles.fault}>{faultWords(fault, words)}</Text>}
      </span>
    </div>
  );
}

const useHidden = makeStyles({
  root: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

function VisuallyHidden({ children }: { children: string }) {
  return <span className={useHidden().root}>{children}</span>;
}
