import { Avatar, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { PersonSwapRegular, WarningRegular } from '@fluentui/react-icons';
import type { DutyRow } from '../../model.ts';
import { StatusBadge } from '../parts/statusBadge.tsx';
import { useWords } from '../texts.ts';
import { within, type Day } from './calendar.ts';
import type { PersonColor } from './looks.ts';
import type { Chosen } from './spanDialog.tsx';
import { aboutRow, namesOf, whoIn, type Times } from './words.ts';

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
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXXS,
  },
  hours: { minWidth: '9.5rem', fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2 },
  who: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    overflowWrap: 'anywhere',
    minWidth: 0,
  },
  gap: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
  policy: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  more: { minWidth: 0 },
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
                    <span className={styles.hours}>{times.hours(part.from, part.to)}</span>
                    <span className={mergeClasses(styles.who, !first && styles.gap)}>
                      {first ? (
                        <Avatar
                          name={first.name}
                          size={24}
                          color={colors.get(first.name) ?? 'neutral'}
                          aria-hidden
                        />
                      ) : (
                        <WarningRegular aria-hidden fontSize={20} />
                      )}
                      <Button appearance="transparent" size="small" onClick={() => onSpan({ row, span })}>
                        {span.kind === 'cover' ? namesOf(span.people, words) : whoIn(span, words)}
                      </Button>
                    </span>
                    {span.kind === 'cover' && (
                      <StatusBadge tone="active">
                        <PersonSwapRegular aria-hidden /> {whoIn(span, words)}
                      </StatusBadge>
                    )}
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
