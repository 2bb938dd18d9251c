import { Avatar, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { WarningRegular } from '@fluentui/react-icons';
import type { DutyRow } from '../../model.ts';
import { useWords } from '../texts.ts';
import type { PersonColor } from './looks.ts';
import { aboutRow, namesOf, type Times } from './words.ts';

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 15rem), 1fr))',
    gap: tokens.spacingHorizontalM,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  card: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    minWidth: 0,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  gap: { border: `1px solid ${tokens.colorStatusDangerBorder1}` },
  gapIcon: { fontSize: '32px', lineHeight: 0, color: tokens.colorStatusDangerForeground3 },
  words: { minWidth: 0, overflowWrap: 'anywhere' },
  policy: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  who: { fontWeight: tokens.fontWeightSemibold, lineHeight: tokens.lineHeightBase300 },
  nobody: { color: tokens.colorStatusDangerForeground3 },
});

/** Who is on duty now, for each row of the calendar. */
export function NowBoard({
  rows,
  colors,
  times,
}: {
  rows: readonly DutyRow[];
  colors: ReadonlyMap<string, PersonColor>;
  times: Times;
}) {
  const styles = useStyles();
  const words = useWords();
  const { duty } = words;
  return (
    <ul className={styles.list}>
      {rows.map((row) => {
        const { policy, rotation, step, now } = row;
        const [first] = now.people;
        const about = aboutRow(row, words);
        return (
          <li
            key={JSON.stringify([policy, rotation, step])}
            className={mergeClasses(styles.card, !first && styles.gap)}
          >
            {first ? (
              <Avatar name={first.name} size={40} color={colors.get(first.name) ?? 'neutral'} aria-hidden />
            ) : (
              <span className={styles.gapIcon} aria-hidden>
                <WarningRegular />
              </span>
            )}
            <div className={styles.words}>
              <div className={styles.policy}>{about === '' ? policy : `${policy} · ${about}`}</div>
              <div className={mergeClasses(styles.who, !first && styles.nobody)}>
                {first ? namesOf(now.people, words) : duty.nobody}
              </div>
              {now.until !== null && (
                <div className={styles.policy}>
                  <time dateTime={now.until}>
                    {duty.until({ until: times.moment(Date.parse(now.until)) })}
                  </time>
                </div>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
