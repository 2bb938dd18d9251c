import { Badge } from '@fluentui/react-components';
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

/** A state in a word or two. Its text says everything; the colour only repeats it. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <Badge appearance={tone === 'bad' ? 'filled' : 'tint'} color={colors[tone]} size="medium">
      {children}
    </Badge>
  );
}
