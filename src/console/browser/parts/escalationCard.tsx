import { Link, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link as RouteLink } from 'wouter';
import type { EscalationRow } from '../../model.ts';
import { useNow } from '../clock.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { stopwatch } from '../times.ts';
import { isLive, toneOfEscalation, toneOfSeverity } from '../tones.ts';
import { EscalationActs } from './escalationActs.tsx';
import { Ladder } from './ladder.tsx';
import { Pulse } from './pulse.tsx';
import { StatusBadge } from './statusBadge.tsx';
import { When } from './when.tsx';

const useStyles = makeStyles({
  card: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    overflow: 'hidden',
  },
  bad: { borderTop: `3px solid ${tokens.colorStatusDangerBorderActive}` },
  good: { borderTop: `3px solid ${tokens.colorStatusSuccessBorderActive}` },
  calm: { borderTop: `3px solid ${tokens.colorNeutralStroke1}` },
  body: { padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalL}` },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  titleLink: { color: 'inherit', fontSize: 'inherit', fontWeight: 'inherit', lineHeight: 'inherit' },
  foot: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  next: { marginLeft: 'auto', color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums' },
});

const useStateStyles = makeStyles({
  state: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    margin: `${tokens.spacingVerticalXS} 0 0`,
  },
  about: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalM,
    margin: `${tokens.spacingVerticalXS} 0 0`,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
  ladder: { marginTop: tokens.spacingVerticalL },
});

/** An escalation on the page Now: its state, its ladder, and what the reader may do. */
export function EscalationCard({ escalation }: { escalation: EscalationRow }) {
  const styles = useStyles();
  const tone = toneOfEscalation(escalation.status);
  // After an acknowledgement the next thing is due in hours or days.
  const next = escalation.status === 'open' ? escalation.nextAt : null;
  const edge = tone === 'bad' ? styles.bad : tone === 'good' ? styles.good : styles.calm;
  return (
    <article className={mergeClasses(styles.card, edge)}>
      <div className={styles.body}>
        <h3 className={styles.title}>
          <RouteLink href={pathTo('escalation', escalation.id)} asChild>
            <Link className={styles.titleLink}>{escalation.summary}</Link>
          </RouteLink>
        </h3>
        <EscalationState escalation={escalation} />
      </div>
      {(escalation.may.length > 0 || next !== null) && (
        <div className={styles.foot}>
          <EscalationActs escalation={escalation} />
          {next !== null && <NextAt at={next} />}
        </div>
      )}
    </article>
  );
}

/** State, origin and ladder of an escalation. */
export function EscalationState({ escalation }: { escalation: EscalationRow }) {
  const styles = useStateStyles();
  const words = useWords();
  const { status, text, severity, test, policy, startedBy, createdAt, steps, round, rounds } = escalation;
  const isCalling = steps.some(({ people }) => people.some(({ state }) => isLive(state)));
  return (
    <>
      <p className={styles.state}>
        <StatusBadge tone={toneOfSeverity(severity)}>{words.card.severity[severity]}</StatusBadge>
        {test && <StatusBadge tone="calm">{words.escalation.test}</StatusBadge>}
        {isCalling && <Pulse />}
        <StateText tone={toneOfEscalation(status)}>{text}</StateText>
      </p>
      <p className={styles.about}>
        {policy !== null && <span>{words.escalation.policy({ name: policy })}</span>}
        <span>{words.escalation.startedBy({ name: startedBy })}</span>
        <When at={createdAt} />
        {rounds > 1 && <span>{words.escalation.round({ round, rounds })}</span>}
      </p>
      {steps.length > 0 && (
        <div className={styles.ladder}>
          <Ladder steps={steps} />
        </div>
      )}
    </>
  );
}

const useTextStyles = makeStyles({
  text: { fontWeight: tokens.fontWeightSemibold },
  good: { color: tokens.colorStatusSuccessForeground1 },
});

function StateText({ tone, children }: { tone: string; children: string }) {
  const styles = useTextStyles();
  return <span className={mergeClasses(styles.text, tone === 'good' && styles.good)}>{children}</span>;
}

function NextAt({ at }: { at: string }) {
  const styles = useStyles();
  const { escalation } = useWords();
  const now = useNow(1_000);
  const seconds = (Date.parse(at) - now) / 1000;
  if (seconds < 1) return null;
  return (
    <span role="timer" aria-live="off" className={styles.next}>
      {escalation.next({ duration: stopwatch(seconds) })}
    </span>
  );
}
