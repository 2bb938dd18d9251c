import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link as RouteLink } from 'wouter';
import type { RungRow, StepRow } from '../../model.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { isLive } from '../tones.ts';
import { Pulse } from './pulse.tsx';

const useStyles = makeStyles({
  steps: { listStyleType: 'none', margin: 0, padding: 0 },
  step: {
    position: 'relative',
    display: 'flex',
    gap: tokens.spacingHorizontalM,
    '&:not(:last-child)': { paddingBottom: tokens.spacingVerticalM },
  },
  /** The line to the next step. */
  linked: {
    '::before': {
      content: '""',
      position: 'absolute',
      left: '11px',
      top: '26px',
      bottom: '2px',
      width: '2px',
      backgroundColor: tokens.colorNeutralStroke2,
    },
  },
  marker: {
    boxSizing: 'border-box',
    flexShrink: 0,
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '24px',
    height: '24px',
    borderRadius: '50%',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    color: tokens.colorNeutralForeground2,
  },
  /** Not a tick: a step is over too if nobody answered. */
  done: { backgroundColor: tokens.colorNeutralBackground6, color: tokens.colorNeutralForeground1 },
  now: {
    border: `1px solid ${tokens.colorCompoundBrandStroke}`,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
  },
  people: {
    listStyleType: 'none',
    margin: 0,
    padding: '2px 0 0',
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalXL,
    rowGap: tokens.spacingVerticalXS,
    minWidth: 0,
  },
  rung: {
    display: 'inline-flex',
    alignItems: 'baseline',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalXS,
    minWidth: 0,
  },
  name: { overflowWrap: 'anywhere' },
  live: { fontWeight: tokens.fontWeightSemibold },
  state: { color: tokens.colorNeutralForeground2 },
  skipped: { textDecorationLine: 'line-through', color: tokens.colorNeutralForeground2 },
  later: { color: tokens.colorNeutralForeground2 },
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
  hidden: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

/** Who is called, step by step, and how far it has got. */
export function Ladder({ steps }: { steps: readonly StepRow[] }) {
  const styles = useStyles();
  const { escalation } = useWords();
  return (
    <ol className={styles.steps} aria-label={escalation.ladder}>
      {steps.map((step, index) => (
        <li
          key={step.number}
          className={mergeClasses(styles.step, index < steps.length - 1 && styles.linked)}
          aria-current={step.state === 'now' ? 'step' : undefined}
        >
          <span
            className={mergeClasses(styles.marker, step.state !== 'later' && styles[step.state])}
            aria-hidden
          >
            {step.number}
          </span>
          <span className={styles.hidden}>
            {escalation.step({ number: step.number })}: {escalation.state[step.state]}
          </span>
          <ul className={styles.people}>
            {step.people.length > 0
              ? step.people.map((rung, place) => (
                  <li key={`${place} ${rung.name}`} className={styles.rung}>
                    <Rung rung={rung} />
                  </li>
                ))
              : step.targets.map((target) => (
                  <li key={target} className={mergeClasses(styles.rung, styles.later)}>
                    {target}
                  </li>
                ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Rung({ rung: { name, state, text, callId } }: { rung: RungRow }) {
  const styles = useStyles();
  const live = isLive(state);
  return (
    <>
      {live && <Pulse />}
      <span className={mergeClasses(styles.name, live && styles.live, state === 'skipped' && styles.skipped)}>
        {name}
      </span>
      {text !== '' &&
        (callId === null ? (
          <span className={styles.state}>{text}</span>
        ) : (
          <RouteLink href={pathTo('call', callId)} className={styles.link}>
            {text}
          </RouteLink>
        ))}
    </>
  );
}
