import { Link, makeStyles, tokens } from '@fluentui/react-components';
import type { EscalationDetail } from '../../model.ts';
import { safeHref } from '../links.ts';
import { useLive } from '../live.ts';
import { CallTable } from '../parts/callTable.tsx';
import { DataTable } from '../parts/dataTable.tsx';
import { EscalationActs } from '../parts/escalationActs.tsx';
import { EscalationState } from '../parts/escalationCard.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Panel, Section } from '../parts/section.tsx';
import { Shown } from '../parts/states.tsx';
import { StatusBadge } from '../parts/statusBadge.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { When } from '../parts/when.tsx';
import { pages } from '../routes.ts';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';
import { toneOfSeverity } from '../tones.ts';

const useStyles = makeStyles({
  details: { margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  links: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  none: { color: tokens.colorNeutralForeground2, margin: 0 },
});

/** One escalation with everything that happened. */
export default function EscalationPage({ id }: PageProps) {
  return (
    <Shown loaded={useLive<EscalationDetail>('escalation', id)}>
      {(escalation) => <Content escalation={escalation} />}
    </Shown>
  );
}

function Content({ escalation }: { escalation: EscalationDetail }) {
  const styles = useStyles();
  const { escalation: words, card } = useWords();
  const { summary, details, links, alerts, calls, timeline } = escalation;
  return (
    <>
      <PageHeader title={summary} back={{ to: pages.now, text: words.back }}>
        <EscalationActs escalation={escalation} />
      </PageHeader>
      <Section title={words.ladder}>
        <Panel>
          <EscalationState escalation={escalation} />
        </Panel>
      </Section>
      {details !== null && (
        <Section title={card.details}>
          <Panel>
            <p className={styles.details}>{details}</p>
          </Panel>
        </Section>
      )}
      {links.length > 0 && (
        <Section title={card.links}>
          <Panel>
            <ul className={styles.links}>
              {links.map(({ text, href }, place) => (
                <li key={`${place} ${href}`}>
                  <Outside href={href}>{text}</Outside>
                </li>
              ))}
            </ul>
          </Panel>
        </Section>
      )}
      {alerts.length > 0 && <Alerts alerts={alerts} />}
      <Section title={words.calls}>
        {calls.length > 0 ? (
          <CallTable label={words.calls} calls={calls} />
        ) : (
          <p className={styles.none}>{words.noCalls}</p>
        )}
      </Section>
      <Section title={words.timeline}>
        <Timeline lines={timeline} />
      </Section>
    </>
  );
}

/** A link that somebody sent with an alert; plain text unless it leads to a web page. */
function Outside({ href, children }: { href: string; children: string }) {
  const safe = safeHref(href);
  if (safe === null) return children;
  return (
    <Link href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </Link>
  );
}

function Alerts({ alerts }: Pick<EscalationDetail, 'alerts'>) {
  const { escalation: words, card } = useWords();
  const { alert } = words;
  return (
    <Section title={words.alerts}>
      <DataTable
        label={words.alerts}
        rows={alerts}
        keyOf={({ openedAt, summary }) => `${openedAt} ${summary}`}
        columns={[
          { key: 'summary', title: alert.summary, cell: ({ summary }) => summary },
          {
            key: 'state',
            title: alert.state,
            cell: ({ status, severity }) => (
              <StatusBadge tone={status === 'firing' ? toneOfSeverity(severity) : 'calm'}>
                {alert[status]} · {card.severity[severity]}
              </StatusBadge>
            ),
          },
          { key: 'opened', title: alert.opened, cell: ({ openedAt }) => <When at={openedAt} /> },
          { key: 'times', title: alert.times, numeric: true, cell: ({ times }) => times },
        ]}
      />
    </Section>
  );
}
