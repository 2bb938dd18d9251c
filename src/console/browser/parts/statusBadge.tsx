import { Badge, makeStyles } from '@fluentui/react-components';
import type { ReactNode } from 'react';

/** What a state means for the reader. */
export type Tone = 'bad' | 'warning' | 'good' | 'active' | 'calm';

const colors = {
  bad: 'danger',
  warning: 'severe',
  good: 'success',
  active: 'brand',
  calm: 'informative',
} as const;

const useStyles = makeStyles({
  /** Long states wrap on narrow screens. */
  badge: { height: 'auto', minHeight: '20px', boxSizing: 'border-box' },
});

/** A state in a word or two. Its text says everything; the colour only repeats it. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  const styles = useStyles();
  return (
    <Badge
      className={styles.badge}
      appearance={tone === 'bad' ? 'filled' : 'tint'}
      color={colors[tone]}
      size="medium"
    >
      {children}
    </Badge>
  );
}
