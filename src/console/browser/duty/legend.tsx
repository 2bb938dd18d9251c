import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useWords } from '../texts.ts';

const useStyles = makeStyles({
  list: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalL,
    margin: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    listStyleType: 'none',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
  item: { display: 'inline-flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  swatch: {
    width: '20px',
    height: '12px',
    boxSizing: 'border-box',
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground4,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
  },
  handOver: { borderLeft: `4px solid ${tokens.colorNeutralStrokeAccessible}` },
  cover: { border: `2px dashed ${tokens.colorNeutralStrokeAccessible}` },
  gap: {
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    backgroundColor: tokens.colorStatusDangerBackground1,
    backgroundImage: `repeating-linear-gradient(135deg, transparent 0 3px, ${tokens.colorStatusDangerBorder1} 3px 5px)`,
  },
});

/** What the marks of the calendar mean. */
export function Legend() {
  const styles = useStyles();
  const { legend } = useWords().duty;
  const kinds = ['rotation', 'handOver', 'cover', 'gap'] as const;
  const marks = { rotation: undefined, handOver: styles.handOver, cover: styles.cover, gap: styles.gap };
  return (
    <ul className={styles.list} aria-label={legend.label}>
      {kinds.map((kind) => (
        <li key={kind} className={styles.item}>
          <span className={mergeClasses(styles.swatch, marks[kind])} aria-hidden />
          {legend[kind]}
        </li>
      ))}
    </ul>
  );
}
