import { Link } from '@fluentui/react-components';
import { BranchForkRegular } from '@fluentui/react-icons';
import { Link as RouteLink } from 'wouter';
import type { Policies, PolicyRow } from '../../model.ts';
import { useLive } from '../live.ts';
import { DataTable, type Column } from '../parts/dataTable.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Snippet } from '../parts/snippet.tsx';
import { EmptyState, Shown } from '../parts/states.tsx';
import { StatusBadge } from '../parts/statusBadge.tsx';
import { pathTo } from '../routes.ts';
import { useWords, type Words } from '../texts.ts';

const EXAMPLE = `policies:
  payments:
    steps:
      - targets: [{ user: adele@contoso.example }]
        ringTimeoutSeconds: 30
        tries: 2
      - targets: [{ user: alex@contoso.example }]`;

/** The policies, and whom each would call first now. */
export default function PoliciesPage() {
  const words = useWords();
  const loaded = useLive<Policies>('policies');
  return (
    <>
      <PageHeader title={words.shell.pages.policies} about={words.policies.about} />
      <Shown loaded={loaded}>{({ policies }) => <List rows={policies} />}</Shown>
    </>
  );
}

function List({ rows }: { rows: readonly PolicyRow[] }) {
  const words = useWords();
  const { policies, shell } = words;
  if (rows.length === 0) {
    return (
      <EmptyState icon={<BranchForkRegular />} title={policies.none} text={policies.noneHint}>
        <Snippet text={EXAMPLE} />
      </EmptyState>
    );
  }
  const seesOpen = rows.some(({ open }) => open !== null);
  const columns: Column<PolicyRow>[] = [
    {
      key: 'name',
      title: policies.columns.name,
      cell: ({ name }) => (
        <RouteLink href={pathTo('policy', name)} asChild>
          <Link>{name}</Link>
        </RouteLink>
      ),
    },
    { key: 'first', title: policies.columns.first, cell: (row) => firstCalled(row, words) },
    { key: 'steps', title: policies.columns.steps, numeric: true, cell: ({ steps }) => steps },
    ...(seesOpen
      ? [
          {
            key: 'open',
            title: policies.columns.open,
            numeric: true,
            cell: ({ open }: PolicyRow) =>
              open !== null && open > 0 ? <StatusBadge tone="bad">{open}</StatusBadge> : open,
          },
        ]
      : []),
  ];
  return <DataTable label={shell.pages.policies} columns={columns} rows={rows} keyOf={({ name }) => name} />;
}

function firstCalled({ first, more, atOnce }: PolicyRow, { policies, locale }: Words) {
  if (first.length === 0) return <StatusBadge tone="warning">{policies.nobodyNow}</StatusBadge>;
  const names = new Intl.ListFormat(locale, { type: more > 0 ? 'unit' : 'conjunction' }).format(first);
  return (
    <>
      {more > 0 ? policies.andMore({ names, count: more }) : names}
      {atOnce && first.length > 1 && <> · {policies.atOnce}</>}
    </>
  );
}
