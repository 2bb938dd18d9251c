import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Link as RouteLink } from 'wouter';
import type { Health } from '../../model.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { duration } from '../times.ts';
import { DataTable, type Column } from './dataTable.tsx';
import { Panel } from './section.tsx';
import { Snippet } from './snippet.tsx';
import { StatusBadge } from './statusBadge.tsx';
import { When } from './when.tsx';

const useStyles = makeStyles({
  hint: {
    display: 'grid',
    gap: tokens.spacingVerticalS,
    justifyItems: 'start',
    color: tokens.colorNeutralForeground2,
  },
  notices: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  notice: { overflowWrap: 'anywhere' },
  subtle: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

const HEARTBEAT = `heartbeats:
  - { name: nightly-backup, every: 26h, policy: payments }`;
const INTEGRATION = `integrations:
  - { name: prometheus, kind: alertmanager, hash: <npm run key>, policy: payments }`;

/** What to write in ringdown.yaml, where there is nothing yet. */
export function Hint({ text, example }: { text: string; example: string }) {
  const styles = useStyles();
  return (
    <Panel>
      <div className={styles.hint}>
        <Text>{text}</Text>
        <Snippet text={example} />
      </div>
    </Panel>
  );
}

function PolicyLink({ name }: { name: string }) {
  return (
    <RouteLink href={pathTo('policy', name)} asChild>
      <Link>{name}</Link>
    </RouteLink>
  );
}

type Heartbeat = Health['heartbeats'][number];

/** Jobs that must report regularly. */
export function Heartbeats({ rows }: { rows: readonly Heartbeat[] }) {
  const { health, locale } = useWords();
  const { heartbeat } = health;
  if (rows.length === 0) return <Hint text={heartbeat.none} example={HEARTBEAT} />;
  const columns: Column<Heartbeat>[] = [
    { key: 'name', title: heartbeat.name, cell: ({ name }) => name },
    {
      key: 'state',
      title: heartbeat.state,
      cell: ({ silent, lastAt }): ReactNode => {
        if (silent) return <StatusBadge tone="bad">{heartbeat.silent}</StatusBadge>;
        return lastAt === null ? (
          <StatusBadge tone="calm">{heartbeat.waiting}</StatusBadge>
        ) : (
          <StatusBadge tone="good">{heartbeat.onTime}</StatusBadge>
        );
      },
    },
    {
      key: 'last',
      title: heartbeat.last,
      cell: ({ lastAt }) => (lastAt === null ? heartbeat.never : <When at={lastAt} />),
    },
    {
      key: 'due',
      title: heartbeat.due,
      cell: ({ dueAt, everySeconds }) => (
        <>
          <When at={dueAt} /> · {heartbeat.every({ duration: duration(everySeconds, locale) })}
        </>
      ),
    },
    { key: 'policy', title: health.policy, cell: ({ policy }) => <PolicyLink name={policy} /> },
  ];
  return <DataTable label={health.heartbeats} columns={columns} rows={rows} keyOf={({ name }) => name} />;
}

type Integration = Health['integrations'][number];

/** Who sends alerts, and when the last one arrived. */
export function Integrations({ rows }: { rows: readonly Integration[] }) {
  const styles = useStyles();
  const { health } = useWords();
  const { integration } = health;
  if (rows.length === 0) return <Hint text={integration.none} example={INTEGRATION} />;
  const columns: Column<Integration>[] = [
    {
      key: 'name',
      title: integration.name,
      cell: ({ name, kind }) => (
        <>
          {name} {kind !== name && <span className={styles.subtle}>{kind}</span>}
        </>
      ),
    },
    {
      key: 'last',
      title: integration.last,
      cell: ({ lastAt, failed }) => (
        <>
          {lastAt === null ? integration.noneLately : <When at={lastAt} />}
          {failed > 0 && <StatusBadge tone="bad">{integration.failed({ count: failed })}</StatusBadge>}
        </>
      ),
    },
    { key: 'policy', title: health.policy, cell: ({ policy }) => <PolicyLink name={policy} /> },
  ];
  return <DataTable label={health.integrations} columns={columns} rows={rows} keyOf={({ name }) => name} />;
}

/** What operators were told lately. */
export function OperatorNotices({ notices }: { notices: Health['notices'] }) {
  const styles = useStyles();
  const { health } = useWords();
  return (
    <Panel>
      {notices.length === 0 ? (
        <Text>{health.noNotices}</Text>
      ) : (
        <ul className={styles.notices}>
          {notices.map(({ at, text, count }, index) => (
            <li key={index} className={styles.notice}>
              <Text block>{text}</Text>
              <span className={styles.subtle}>
                <When at={at} />
                {count > 1 && <> · {health.noticeCount({ count })}</>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
