import {
  Avatar,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
  type PresenceBadgeStatus,
} from '@fluentui/react-components';
import { AlertUrgentRegular, ArrowRepeatAllRegular, FlagRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { DryRunPerson, DryRunStep, PolicyDetail, PresenceStatus } from '../../model.ts';
import { useWords } from '../texts.ts';
import { duration, stopwatch } from '../times.ts';
import { StatusBadge } from './statusBadge.tsx';
import { When } from './when.tsx';

const NARROW = '@media (max-width: 719px)';
/** More rounds than this are only counted. */
const MOST_ROUNDS = 3;

const useStyles = makeStyles({
  list: {
    listStyleType: 'none',
    margin: `${tokens.spacingVerticalL} 0 ${tokens.spacingVerticalXXL}`,
    padding: 0,
  },
  item: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: '4.75rem 1fr',
    columnGap: '44px',
    paddingBottom: tokens.spacingVerticalL,
    // The rail between the marks.
    '&:not(:last-child)::before': {
      content: '""',
      position: 'absolute',
      left: 'calc(4.75rem + 21px)',
      top: '28px',
      bottom: '-4px',
      width: '2px',
      backgroundColor: tokens.colorNeutralStroke2,
    },
    [NARROW]: {
      gridTemplateColumns: '1fr',
      paddingLeft: '40px',
      '&:not(:last-child)::before': { left: '13px' },
    },
  },
  mark: {
    position: 'absolute',
    left: 'calc(4.75rem + 8px)',
    top: 0,
    display: 'grid',
    placeItems: 'center',
    boxSizing: 'border-box',
    width: '28px',
    height: '28px',
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `2px solid ${tokens.colorNeutralStroke1}`,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    lineHeight: 0,
    [NARROW]: { left: 0 },
  },
  called: {
    backgroundColor: tokens.colorBrandBackground2,
    border: `2px solid ${tokens.colorBrandStroke1}`,
    color: tokens.colorBrandForeground2,
  },
  time: {
    paddingTop: '3px',
    textAlign: 'end',
    fontVariantNumeric: 'tabular-nums',
    [NARROW]: {
      display: 'flex',
      gap: tokens.spacingHorizontalS,
      alignItems: 'baseline',
      textAlign: 'start',
    },
  },
  clock: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  what: { minWidth: 0 },
  line: { paddingTop: '4px' },
  title: {
    margin: 0,
    paddingTop: '3px',
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  subtle: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  people: {
    listStyleType: 'none',
    margin: `${tokens.spacingVerticalS} 0 0`,
    padding: 0,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  person: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    '&:not(:last-child)': { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  name: {
    flexGrow: 1,
    flexBasis: '12rem',
    minWidth: 0,
    overflowWrap: 'anywhere',
    // What follows goes below the name.
    [NARROW]: { flexBasis: 'calc(100% - 44px)' },
  },
  end: { [NARROW]: { paddingLeft: '44px' } },
  details: { display: 'block', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  times: {
    fontVariantNumeric: 'tabular-nums',
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
});

/** The time line of a dry run: whom the policy calls and when, until nobody is left. */
export function DryRun({ policy }: { policy: PolicyDetail }) {
  const styles = useStyles();
  const { policies: words, locale } = useWords();
  const { at, steps, repeatsAfter, overAfter, afterwards } = policy;
  const after = (seconds: number | null) => <After start={at} seconds={seconds} />;
  const shown = repeatsAfter.slice(0, MOST_ROUNDS);
  const left = repeatsAfter.length - shown.length;
  return (
    <ol className={styles.list} aria-label={words.dryRun}>
      <Item time={after(0)} mark={<AlertUrgentRegular />}>
        <div className={styles.line}>{words.start}</div>
      </Item>
      {steps.map((step) => (
        <Item
          key={step.number}
          time={after(step.startsAfter)}
          mark={step.number}
          isMarked={callsSomebody(step)}
        >
          <Step step={step} />
        </Item>
      ))}
      {shown.map((seconds, index) => (
        <Item key={seconds} time={after(seconds)} mark={<ArrowRepeatAllRegular />}>
          <div className={styles.line}>
            {words.round({ number: index + 2 })}
            {index === shown.length - 1 && left > 0 && <> {words.moreRounds({ count: left })}</>}
          </div>
        </Item>
      ))}
      <Item time={after(overAfter)} mark={<FlagRegular />}>
        <div className={styles.line}>
          {overAfter === null ? (
            words.overUnknown
          ) : (
            <>
              {words.over} <span className={styles.subtle}>({duration(overAfter, locale)})</span>
            </>
          )}
        </div>
        {afterwards.map((text) => (
          <Text key={text} className={styles.details}>
            {text}
          </Text>
        ))}
      </Item>
    </ol>
  );
}

function callsSomebody({ people }: DryRunStep): boolean {
  return people.some(({ rings }) => rings.length > 0);
}

function Item({
  time,
  mark,
  isMarked = false,
  children,
}: {
  time: ReactNode;
  mark: ReactNode;
  isMarked?: boolean;
  children: ReactNode;
}) {
  const styles = useStyles();
  return (
    <li className={styles.item}>
      <div className={styles.time}>{time}</div>
      <span className={mergeClasses(styles.mark, isMarked && styles.called)} aria-hidden>
        {mark}
      </span>
      <div className={styles.what}>{children}</div>
    </li>
  );
}

/** A time of the run: "1:05", and what the clock shows then. */
function After({ start, seconds }: { start: string; seconds: number | null }) {
  const styles = useStyles();
  if (seconds === null) return <Text>–</Text>;
  return (
    <>
      <Text weight="semibold">{stopwatch(seconds)}</Text>
      <span className={styles.clock}>
        <When at={new Date(Date.parse(start) + seconds * 1000).toISOString()} as="clock" />
      </span>
    </>
  );
}

function Step({ step }: { step: DryRunStep }) {
  const styles = useStyles();
  const { policies: words, locale } = useWords();
  const { number, mode, people, notes, ringSeconds, tries, pauseSeconds, startsAfter } = step;
  const facts = [
    ...(people.length > 1 ? [mode === 'parallel' ? words.atOnce : words.sequence] : []),
    words.waitsFor({ duration: duration(ringSeconds, locale) }),
    ...(tries > 1 ? [words.tries({ count: tries })] : []),
    ...(pauseSeconds > 0 ? [words.pause({ duration: duration(pauseSeconds, locale) })] : []),
    ...(startsAfter === null ? [words.neverBegins] : []),
  ];
  return (
    <>
      <h2 className={styles.title}>{words.step({ number })}</h2>
      <Text className={styles.details}>{facts.join(' · ')}</Text>
      {notes.map((note) => (
        <Text key={note} className={styles.details}>
          {note}
        </Text>
      ))}
      {people.length > 0 && (
        <ul className={styles.people}>
          {people.map((person, index) => (
            <Row key={index} person={person} />
          ))}
        </ul>
      )}
    </>
  );
}

const badges: Readonly<Record<PresenceStatus, PresenceBadgeStatus>> = {
  available: 'available',
  away: 'away',
  busy: 'busy',
  doNotDisturb: 'do-not-disturb',
  outOfOffice: 'out-of-office',
  offline: 'offline',
  unknown: 'unknown',
};

function Row({ person: { name, rings, isSkipped, note, presence } }: { person: DryRunPerson }) {
  const styles = useStyles();
  const { policies: words, locale } = useWords();
  const times = new Intl.ListFormat(locale).format(rings.map(stopwatch));
  const about = [...(presence === null ? [] : [words.presence[presence]]), ...(note === null ? [] : [note])];
  return (
    <li className={styles.person}>
      <Avatar
        name={name}
        size={32}
        color={isSkipped ? 'neutral' : 'colorful'}
        aria-hidden
        {...(presence === null ? {} : { badge: { status: badges[presence], 'aria-hidden': true } })}
      />
      <span className={styles.name}>
        {name}
        {about.length > 0 && <span className={styles.details}>{about.join(' · ')}</span>}
      </span>
      <span className={styles.end}>
        {isSkipped && <StatusBadge tone="calm">{words.skippedBadge}</StatusBadge>}
        {rings.length > 0 && <span className={styles.times}>{words.calledAt({ times })}</span>}
      </span>
    </li>
  );
}
