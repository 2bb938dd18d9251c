import { Button, Link, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { useState, type ReactNode } from 'react';
import { Link as RouteLink } from 'wouter';
import type { HealthWebhook, SentAgain, WebhookDelivery } from '../../model.ts';
import { useApi } from '../api.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { DataTable, type Column } from './dataTable.tsx';
import { Disclosure } from './disclosure.tsx';
import { Hint } from './healthLists.tsx';
import { useNotify } from './notify.tsx';
import { Panel } from './section.tsx';
import { faultWords } from './states.tsx';
import { StatusBadge, type Tone } from './statusBadge.tsx';
import { When } from './when.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', gap: tokens.spacingVerticalM },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalS,
  },
  origin: {
    margin: 0,
    flexGrow: 1,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  subtle: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
  },
  link: { fontSize: tokens.fontSizeBase200 },
  detail: { display: 'block' },
});

const EXAMPLE = `webhooks:
  - { url: "https://hooks.contoso.example/ringdown", secrets: ["\${HOOK_SECRET}"] }`;

const tones = { waiting: 'warning', delivered: 'good', givenUp: 'bad' } as const satisfies Record<
  WebhookDelivery['status'],
  Tone
>;

/** Where events of escalations are sent, with the last deliveries of each. */
export function Webhooks({ webhooks, operates }: { webhooks: readonly HealthWebhook[]; operates: boolean }) {
  const styles = useStyles();
  const { health } = useWords();
  const { webhook: words } = health;
  if (webhooks.length === 0) return <Hint text={words.none} example={EXAMPLE} />;
  return (
    <div className={styles.list}>
      {webhooks.map(({ entry, origin, events, waiting, deliveries }) => (
        <Panel key={entry}>
          <div className={styles.head}>
            <h3 className={styles.origin}>
              {origin}
              <span className={mergeClasses(styles.subtle, styles.detail)}>
                {events === null ? words.allEvents : words.events({ events: events.join(', ') })}
              </span>
            </h3>
            {waiting > 0 ? (
              <StatusBadge tone="warning">{words.waiting({ count: waiting })}</StatusBadge>
            ) : (
              <StatusBadge tone="good">{words.upToDate}</StatusBadge>
            )}
          </div>
          {deliveries.length === 0 ? (
            <Text className={styles.subtle}>{words.noDeliveries}</Text>
          ) : (
            <Disclosure title={words.deliveries}>
              <Deliveries label={origin} rows={deliveries} operates={operates} />
            </Disclosure>
          )}
        </Panel>
      ))}
    </div>
  );
}

function Deliveries({
  label,
  rows,
  operates,
}: {
  label: string;
  rows: readonly WebhookDelivery[];
  operates: boolean;
}) {
  const styles = useStyles();
  const { health } = useWords();
  const { webhook: words } = health;
  const states = { waiting: words.waits, delivered: words.delivered, givenUp: words.givenUp };
  const columns: Column<WebhookDelivery>[] = [
    {
      key: 'event',
      title: words.event,
      cell: ({ type, escalationId }) => (
        <>
          {type}{' '}
          <RouteLink href={pathTo('escalation', escalationId)} asChild>
            <Link className={styles.link}>{words.escalation}</Link>
          </RouteLink>
        </>
      ),
    },
    {
      key: 'state',
      title: words.state,
      cell: ({ status, attempts, problem, nextAt }): ReactNode => (
        <>
          <StatusBadge tone={tones[status]}>{states[status]}</StatusBadge>{' '}
          <span className={styles.subtle}>
            {attempts > 1 && words.attempts({ count: attempts })}
            {problem !== null && (
              <span className={styles.detail} lang="en">
                {problem}
              </span>
            )}
            {nextAt !== null && attempts > 0 && (
              <span className={styles.detail}>
                <When at={nextAt} />
              </span>
            )}
          </span>
        </>
      ),
    },
    { key: 'when', title: words.when, cell: ({ createdAt }) => <When at={createdAt} /> },
    ...(operates
      ? [
          {
            key: 'again',
            title: words.sendAgain,
            cell: (row: WebhookDelivery): ReactNode =>
              row.status === 'waiting' ? null : <SendAgain delivery={row} />,
          },
        ]
      : []),
  ];
  return <DataTable label={label} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function SendAgain({ delivery }: { delivery: WebhookDelivery }) {
  const words = useWords();
  const { webhook } = words.health;
  const { id, type, attempts } = delivery;
  const api = useApi();
  const notify = useNotify();
  const [isSending, setSending] = useState(false);
  const send = async (): Promise<void> => {
    setSending(true);
    try {
      const { state } = await api.post<SentAgain>(`/webhooks/deliveries/${id}/send-again`, { attempts });
      notify(webhook[state], 'success');
    } catch (fault) {
      notify(faultWords(fault, words), 'error');
    }
    setSending(false);
  };
  return (
    <Button
      size="small"
      aria-label={webhook.sendAgainLabel({ event: type })}
      disabledFocusable={isSending}
      onClick={() => void send()}
    >
      {webhook.sendAgain}
    </Button>
  );
}
