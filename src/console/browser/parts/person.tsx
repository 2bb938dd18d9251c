import { Avatar, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  root: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    minWidth: 0,
    verticalAlign: 'middle',
  },
  name: { overflowWrap: 'anywhere' },
});

/** A person or other callee by name, with an avatar. */
export function Person({
  name,
  children,
  size = 24,
}: {
  name: string;
  children?: ReactNode;
  size?: 24 | 32;
}) {
  const styles = useStyles();
  return (
    <span className={styles.root}>
      <Avatar name={name} size={size} color="colorful" aria-hidden />
      <span className={styles.name}>
        {name}
        {children}
      </span>
    </span>
  );
}
