import { Avatar, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { PersonSwapRegular, WarningRegular } from '@fluentui/react-icons';
import type { DutyRow } from '../../model.ts';
import { useWords } from '../texts.ts';
import { within, type Day } from './calendar.ts';
import type { PersonColor } from './looks.ts';
import type { Chosen } from './spanDialog.tsx';
import { aboutRow, whoIn, type Times } from './words.ts';

const NARROW = '@media (max-width: 719px)';

const useStyles = makeStyles({
  day: { padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}` },
  next: { borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  title: {
    margin: `0 0 ${tokens.spacingVerticalS}`,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  today: { color: tokens.colorBrandForeground1 },
  list: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  entry: {
    display: 'grid',
    gridTemplateColumns: '10.5rem minmax(0, 1fr) minmax(0, 1fr)',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXXS },
  },
  hours: { fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2 },
  who: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    minWidth: 0,
  },
  name: {
    minWidth: 0,
    padding: '0',
    justifyContent: 'flex-start',
    textAlign: 'start',
    overflowWrap: 'anywhere',
    fontWeight: tokens.fontWeightRegular,
  },
  gap: { color: tokens.colorStatusDangerForeground3, fontWeight: tokens.fontWeightSemibold },
  icon: { flexShrink: 0 },
  policy: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: 'anywhere',
  },
});

/** The same data as the calendar, as a list by day: for screen readers and narrow screens. */
export function DayList({
  days,
  rows,
  colors,
  times,
  today,
  onSpan,
}: {
  days: readonly Day[];
  rows: readonly DutyRow[];
  colors: ReadonlyMap<string, PersonColor>;
  times: Times;
  today: string;
  onSpan: (chosen: Chosen) => void;
}) {
  const styles = useStyles();
  const words = useWords();
  const { duty } = words;
  return (
    <>
      {days.map((day, index) => {
        const entries = rows.flatMap((row) =>
          row.spans.flatMap((span) => {
            const part = within({ from: Date.parse(span.from), to: Date.parse(span.to) }, day);
            return part ? [{ row, span, part }] : [];
          }),
        );
        return (
          <section key={day.date} className={mergeClasses(styles.day, index > 0 && styles.next)}>
            <h3 className={mergeClasses(styles.title, day.date === today && styles.today)}>
              <time dateTime={day.date}>{times.longDay(day.date)}</time>
              {day.date === today && ` · ${duty.today}`}
            </h3>
            {entries.length === 0 && <Text className={styles.policy}>{duty.noDay}</Text>}
            <ul className={styles.list}>
              {entries.map(({ row, span, part }) => {
                const [first] = span.people;
                const about = aboutRow(row, words);
                return (
                  <li
                    key={JSON.stringify([row.policy, row.rotation, row.step, span.from])}
                    className={styles.entry}
                  >
                    <span className={styles.hours}>
                      {part.from === day.from && part.to === day.to
                        ? duty.allDay
                        : times.hours(part.from, part.to)}
                    </span>
                    <span className={styles.who}>
                      {first ? (
                        <Avatar
                          name={first.name}
                          size={24}
                          color={colors.get(first.name) ?? 'neutral'}
                          aria-hidden
                        />
                      ) : (
                        <WarningRegular
                          aria-hidden
                          fontSize={24}
                          className={mergeClasses(styles.icon, styles.gap)}
                        />
                      )}
                      <Button
                        appearance="transparent"
                        size="small"
                        className={mergeClasses(styles.name, !first && styles.gap)}
                        {...(span.kind === 'cover' && { icon: <PersonSwapRegular /> })}
                        onClick={() => onSpan({ row, span })}
                      >
                        {whoIn(span, words)}
                      </Button>
                    </span>
                    <span className={styles.policy}>
                      {about === '' ? row.policy : `${row.policy} · ${about}`}
                    </span>
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </>
  );
}
