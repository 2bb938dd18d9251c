import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular } from '@fluentui/react-icons';
import { Link as RouteLink } from 'wouter';
import type { Now } from '../../model.ts';
import { useLive } from '../live.ts';
import { CallTable } from '../parts/callTable.tsx';
import { EscalationCard } from '../parts/escalationCard.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { PausedBanner } from '../parts/pausedBanner.tsx';
import { Section } from '../parts/section.tsx';
import { EmptyState, Shown } from '../parts/states.tsx';
import { pages } from '../routes.ts';
import { useWords } from '../texts.ts';
import { isLive } from '../tones.ts';

const useStyles = makeStyles({
  cards: { display: 'grid', gap: tokens.spacingVerticalL },
  hidden: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  none: { color: tokens.colorNeutralForeground2, margin: 0 },
});

/** What is open, and who is being called. */
export default function NowPage() {
  const { shell } = useWords();
  const loaded = useLive<Now>('now');
  return (
    <>
      <PageHeader title={shell.pages.now} />
      <Shown loaded={loaded}>{(now) => <Content now={now} />}</Shown>
    </>
  );
}

function Content({ now: { paused, escalations, calls, recent } }: { now: Now }) {
  const styles = useStyles();
  const { now } = useWords();
  return (
    <>
      <PausedBanner paused={paused} />
      <WhoIsCalled escalations={escalations} />
      {escalations.length === 0 && calls.length === 0 && <Quiet />}
      {escalations.length > 0 && (
        <Section title={now.open}>
          <div className={styles.cards}>
            {escalations.map((escalation) => (
              <EscalationCard key={escalation.id} escalation={escalation} />
            ))}
          </div>
        </Section>
      )}
      {calls.length > 0 && (
        <Section title={now.running}>
          <CallTable label={now.running} calls={calls} />
        </Section>
      )}
      <Section title={now.recent}>
        {recent.length > 0 ? (
          <CallTable label={now.recent} calls={recent} />
        ) : (
          <p className={styles.none}>{now.noRecent}</p>
        )}
      </Section>
    </>
  );
}

/** Says to screen readers whom Ringdown calls. */
function WhoIsCalled({ escalations }: Pick<Now, 'escalations'>) {
  const styles = useStyles();
  const { now, locale } = useWords();
  const names = escalations
    .flatMap(({ steps }) => steps)
    .flatMap(({ people }) => people)
    .filter(({ state }) => isLive(state))
    .map(({ name }) => name);
  return (
    <p role="status" className={styles.hidden}>
      {names.length > 0 &&
        now.calling({ names: new Intl.ListFormat(locale).format(names), count: names.length })}
    </p>
  );
}

function Quiet() {
  const { quiet } = useWords().now;
  return (
    <div style={{ marginBottom: '32px' }}>
      <EmptyState
        icon={<CheckmarkCircleRegular />}
        title={quiet.title}
        text={
          <>
            {quiet.text} {quiet.start}
          </>
        }
      >
        <RouteLink href={pages.duty} asChild>
          <Button as="a">{quiet.duty}</Button>
        </RouteLink>
      </EmptyState>
    </div>
  );
}
