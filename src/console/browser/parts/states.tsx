import { Button, makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Link as RouteLink } from 'wouter';
import { Refusal, SignInNeeded } from '../api.ts';
import { useWords, type Words } from '../texts.ts';
import { PageHeader } from './pageHeader.tsx';
import type { Loaded } from '../live.ts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    textAlign: 'center',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  icon: { fontSize: '40px', lineHeight: 0, color: tokens.colorNeutralForeground3 },
  words: { color: tokens.colorNeutralForeground2, maxWidth: '36rem', textAlign: 'center' },
  loading: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

/** Nothing to show, and what to do next. */
export function EmptyState({
  icon,
  title,
  text,
  children,
}: {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      {icon !== undefined && (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      )}
      <Text weight="semibold" size={400}>
        {title}
      </Text>
      {text !== undefined && <Text className={styles.words}>{text}</Text>}
      {children}
    </div>
  );
}

/** What a fault means for the reader. */
export function faultWords(fault: unknown, { shell: { faults } }: Words): string {
  if (fault instanceof SignInNeeded) return faults.signIn;
  if (!(fault instanceof Refusal)) return faults.offline;
  const { status, reference, detail } = fault;
  if (status === 403) return faults.forbidden;
  if (status === 404) return faults.missing;
  if (status === 429 || status === 503) return faults.busy;
  return detail ?? faults.internal({ reference });
}

/** A page or a part of it could not be loaded. */
export function ErrorState({ fault, retry }: { fault: unknown; retry?: () => void }) {
  const words = useWords();
  const { shell } = words;
  return (
    <div role="alert">
      <EmptyState title={shell.failed} text={faultWords(fault, words)}>
        <Button onClick={retry ?? (() => location.reload())}>{shell.retry}</Button>
      </EmptyState>
    </div>
  );
}

/** It does not exist, or the reader may not see it. */
export function NotFound() {
  const { shell } = useWords();
  return (
    <>
      <PageHeader title={shell.missing.title} />
      <EmptyState title={shell.missing.text}>
        <RouteLink href="/" asChild>
          <Button as="a">{shell.missing.home}</Button>
        </RouteLink>
      </EmptyState>
    </>
  );
}

/** Grey bars where the content will be. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const styles = useStyles();
  const { shell } = useWords();
  return (
    <Skeleton aria-label={shell.loading} className={styles.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <SkeletonItem key={row} size={32} />
      ))}
    </Skeleton>
  );
}

/** Shows data when it is there, and else why it is not. */
export function Shown<Data>({
  loaded,
  children,
}: {
  loaded: Loaded<Data>;
  children: (data: Data) => ReactNode;
}) {
  switch (loaded.state) {
    case 'loading':
      return <Loading />;
    case 'missing':
      return <NotFound />;
    case 'failed':
      return <ErrorState fault={loaded.fault} />;
    case 'shown':
      return children(loaded.data);
  }
}
