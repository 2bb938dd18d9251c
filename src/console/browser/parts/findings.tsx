import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import {
  CheckmarkCircleFilled,
  ErrorCircleFilled,
  InfoFilled,
  SubtractCircleFilled,
} from '@fluentui/react-icons';
import type { HealthFinding } from '../../model.ts';
import { useWords } from '../texts.ts';
import { Disclosure } from './disclosure.tsx';
import { Panel } from './section.tsx';
import { Snippet } from './snippet.tsx';
import { When } from './when.tsx';

type Level = HealthFinding['level'];

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  groups: { display: 'grid', gap: tokens.spacingVerticalL },
  item: { display: 'flex', gap: tokens.spacingHorizontalM, minWidth: 0 },
  words: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
  icon: { flexShrink: 0, fontSize: '20px', lineHeight: 0 },
  title: { margin: 0, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300 },
  subtle: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  fix: { marginTop: tokens.spacingVerticalS, display: 'grid', gap: tokens.spacingVerticalXXS },
  fault: { color: tokens.colorStatusDangerForeground1 },
  note: { color: tokens.colorStatusWarningForeground1 },
  ok: { color: tokens.colorStatusSuccessForeground1 },
  skipped: { color: tokens.colorNeutralForeground3 },
});

const icons = {
  fault: ErrorCircleFilled,
  note: InfoFilled,
  ok: CheckmarkCircleFilled,
  skipped: SubtractCircleFilled,
} as const;

/** What the doctor found: first what does not work, with what to do. The doctor speaks English. */
export function Findings({
  findings,
  checkedAt,
}: {
  findings: readonly HealthFinding[];
  checkedAt: string | null;
}) {
  const styles = useStyles();
  const { health } = useWords();
  if (checkedAt === null) {
    return (
      <Panel>
        <Text block weight="semibold">
          {health.notChecked}
        </Text>
        <Text className={styles.subtle}>{health.notCheckedHint}</Text>
      </Panel>
    );
  }
  const of = (level: Level): HealthFinding[] => findings.filter((one) => one.level === level);
  const [faults, notes, skipped, passed] = [of('fault'), of('note'), of('skipped'), of('ok')];
  return (
    <Panel>
      <div className={styles.groups}>
        <div role="status">
          <Text weight="semibold">
            {faults.length > 0 ? health.faults({ count: faults.length }) : health.allWell}
          </Text>{' '}
          <span className={styles.subtle}>
            <When at={checkedAt} />
          </span>
        </div>
        {faults.length > 0 && <List findings={faults} />}
        {notes.length > 0 && (
          <>
            <Text weight="semibold">{health.notes({ count: notes.length })}</Text>
            <List findings={notes} />
          </>
        )}
        <div>
          {skipped.length > 0 && (
            <Disclosure title={health.skippedChecks({ count: skipped.length })}>
              <List findings={skipped} />
            </Disclosure>
          )}
          {passed.length > 0 && (
            <Disclosure title={health.passed({ count: passed.length })}>
              <List findings={passed} />
            </Disclosure>
          )}
        </div>
      </div>
    </Panel>
  );
}

function List({ findings }: { findings: readonly HealthFinding[] }) {
  const styles = useStyles();
  const { health } = useWords();
  return (
    <ul className={styles.list}>
      {findings.map(({ level, area, what, fix }, index) => {
        const Icon = icons[level];
        return (
          <li key={index} className={styles.item}>
            <Icon className={mergeClasses(styles.icon, styles[level])} aria-hidden />
            <div className={styles.words}>
              <Text block lang="en">
                <span className={styles.subtle}>{area} · </span>
                {what}
              </Text>
              {fix !== null && (
                <div className={styles.fix}>
                  <span className={styles.subtle}>{health.fix}</span>
                  <Snippet text={fix} />
                </div>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
