import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { createContext, use, useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Link as RouteLink } from 'wouter';
import { useWords } from '../texts.ts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'flex-end',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalL,
  },
  words: { minWidth: 0, flexGrow: 1, flexBasis: '16rem' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
    outlineStyle: 'none',
  },
  about: { display: 'block', color: tokens.colorNeutralForeground2 },
  actions: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'flex-end',
    gap: tokens.spacingHorizontalS,
  },
});

/** Whether a page was opened by navigation, so that focus moves to its heading. */
export const NavigationContext = createContext<{ current: boolean }>({ current: false });

/**
 * The heading of a page, which gives the document its title. After navigation it gets the focus, so that screen readers
 * say where they are.
 *
 * @param back leads to the page that this one belongs to
 */
export function PageHeader({
  title,
  about,
  back,
  children,
}: {
  title: string;
  about?: ReactNode;
  back?: { to: string; text: string };
  children?: ReactNode;
}) {
  const styles = useStyles();
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const navigated = use(NavigationContext);
  useEffect(() => {
    document.title = words.shell.documentTitle({ page: title });
  }, [title, words]);
  useEffect(() => {
    if (!navigated.current) return;
    navigated.current = false;
    heading.current?.focus();
  }, [navigated]);
  useLayoutEffect(() => {
    const shown = heading.current;
    return () => {
      // The heading that replaces a focused one gets the focus.
      if (shown !== null && document.activeElement === shown) navigated.current = true;
    };
  }, [navigated]);
  return (
    <div className={styles.root}>
      <div className={styles.words}>
        {back && (
          <RouteLink href={back.to} asChild>
            <Link>{back.text}</Link>
          </RouteLink>
        )}
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {about !== undefined && about !== false && <Text className={styles.about}>{about}</Text>}
      </div>
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  );
}
