import { Link } from '@fluentui/react-components';
import { Link as RouteLink } from 'wouter';
import type { CallRow } from '../../model.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { stopwatch } from '../times.ts';
import { toneOfCall } from '../tones.ts';
import { DataTable, type Column } from './dataTable.tsx';
import { Person } from './person.tsx';
import { StatusBadge } from './statusBadge.tsx';
import { Lasting, When } from './when.tsx';

/** Calls, each with a link to its page. */
export function CallTable({ label, calls }: { label: string; calls: readonly CallRow[] }) {
  const { call } = useWords();
  const columns: Column<CallRow>[] = [
    {
      key: 'callee',
      title: call.callee,
      cell: ({ id, callee }) => (
        <RouteLink href={pathTo('call', id)} asChild>
          <Link>
            <Person name={callee} />
          </Link>
        </RouteLink>
      ),
    },
    {
      key: 'state',
      title: call.state,
      cell: ({ disposition, text }) => <StatusBadge tone={toneOfCall(disposition)}>{text}</StatusBadge>,
    },
    { key: 'caller', title: call.caller, cell: ({ caller, policy }) => policy ?? caller },
    { key: 'started', title: call.started, cell: ({ createdAt }) => <When at={createdAt} as="clock" /> },
    { key: 'lasted', title: call.lasted, numeric: true, cell: (row) => <Lasted call={row} /> },
  ];
  return <DataTable label={label} columns={columns} rows={calls} keyOf={({ id }) => id} />;
}

/** How long people talked, or how long the call has been running. */
export function Lasted({ call: { createdAt, connectedAt, endedAt } }: { call: CallRow }) {
  if (endedAt === null) return <Lasting since={connectedAt ?? createdAt} />;
  if (connectedAt === null) return '–';
  return stopwatch((Date.parse(endedAt) - Date.parse(connectedAt)) / 1000);
}
