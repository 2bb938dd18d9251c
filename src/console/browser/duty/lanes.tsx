import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { DutyRow } from '../../model.ts';
import { useWords } from '../texts.ts';
import { placeOf, rangeOf, type Day, type Range } from './calendar.ts';
import { Lane } from './lane.tsx';
import type { PersonColor } from './looks.ts';
import type { Chosen } from './spanDialog.tsx';
import { aboutRow, type Times } from './words.ts';

const useStyles = makeStyles({
  root: {
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ':last-child': { borderBottomStyle: 'none' },
  },
  line: { display: 'grid', gridTemplateColumns: '11rem 1fr' },
  head: { backgroundColor: tokens.colorNeutralBackground2 },
  days: { position: 'relative', height: '28px' },
  day: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxSizing: 'border-box',
    paddingInlineStart: tokens.spacingHorizontalS,
    lineHeight: '28px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  other: { color: tokens.colorNeutralForeground3 },
  today: { color: tokens.colorBrandForeground1, fontWeight: tokens.fontWeightBold },
  label: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    minWidth: 0,
    overflow: 'hidden',
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'center',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  labelCompact: {
    padding: `0 ${tokens.spacingHorizontalM}`,
    fontSize: tokens.fontSizeBase200,
    borderTopStyle: 'none',
  },
  name: {
    fontWeight: tokens.fontWeightSemibold,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  },
  nameCompact: { fontWeight: tokens.fontWeightRegular, lineHeight: tokens.lineHeightBase200 },
  about: {
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  },
});

/** One week of the calendar: a head with its days, and a lane for each row. */
export function Lanes({
  week,
  rows,
  colors,
  times,
  today,
  month,
  mayCover,
  describedBy,
  onSpan,
  onTake,
}: {
  week: readonly Day[];
  rows: readonly DutyRow[];
  colors: ReadonlyMap<string, PersonColor>;
  times: Times;
  /** A date. */
  today: string;
  /** "2026-03" in a calendar of a month, whose lanes are low; else null. */
  month: string | null;
  mayCover: boolean;
  /** The id of the words about keys. */
  describedBy: string;
  onSpan: (chosen: Chosen) => void;
  onTake: (policy: string, range: Range) => void;
}) {
  const styles = useStyles();
  const words = useWords();
  const range = rangeOf(week);
  const isCompact = month !== null;
  return (
    <div className={styles.root}>
      <div className={mergeClasses(styles.line, styles.head)}>
        <span />
        <div className={styles.days}>
          {week.map((day) => (
            <span
              key={day.date}
              className={mergeClasses(
                styles.day,
                month !== null && !day.date.startsWith(month) && styles.other,
                day.date === today && styles.today,
              )}
              style={placeOf(day, range)}
              aria-current={day.date === today ? 'date' : undefined}
            >
              {times.shortDay(day.date)}
            </span>
          ))}
        </div>
      </div>
      {rows.map((row) => {
        const about = aboutRow(row, words);
        return (
          <div key={JSON.stringify([row.policy, row.rotation, row.step])} className={styles.line}>
            <div className={mergeClasses(styles.label, isCompact && styles.labelCompact)}>
              <span className={mergeClasses(styles.name, isCompact && styles.nameCompact)}>
                {isCompact && about !== '' ? `${row.policy} · ${about}` : row.policy}
              </span>
              {!isCompact && about !== '' && <span className={styles.about}>{about}</span>}
            </div>
            <Lane
              row={row}
              week={week}
              colors={colors}
              times={times}
              isCompact={isCompact}
              describedBy={describedBy}
              onSpan={onSpan}
              onTake={row.canCover && mayCover ? (span) => onTake(row.policy, span) : null}
            />
          </div>
        );
      })}
    </div>
  );
}
