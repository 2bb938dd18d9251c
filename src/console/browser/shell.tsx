import {
  Avatar,
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  mergeClasses,
  tokens,
  Tooltip,
} from '@fluentui/react-components';
import {
  AlertUrgentFilled,
  AlertUrgentRegular,
  BranchForkFilled,
  BranchForkRegular,
  CalendarPersonFilled,
  CalendarPersonRegular,
  CallFilled,
  DataBarVerticalFilled,
  DataBarVerticalRegular,
  HeartPulseFilled,
  HeartPulseRegular,
  HistoryFilled,
  HistoryRegular,
  NavigationRegular,
  type FluentIcon,
} from '@fluentui/react-icons';
import { lazy, Suspense, useEffect, useRef, type ComponentType, type LazyExoticComponent } from 'react';
import { Link as RouteLink, Route, Router, Switch, useLocation } from 'wouter';
import type { Me } from '../model.ts';
import { useConnection } from './connection.ts';
import { ErrorBoundary } from './errorBoundary.tsx';
import type { Host } from './host.ts';
import { NavigationContext } from './parts/pageHeader.tsx';
import { Loading, NotFound } from './parts/states.tsx';
import { listed, listedPageOf, pages, pathOfDeepLink, type ListedPage, type PageName } from './routes.ts';
import { useWords } from './texts.ts';
import { appearances, type Appearance, type useLook } from './theme.ts';

/** How somebody leaves: `signOut` ends the session, `change` chooses another person. */
export interface Leave {
  kind: 'signOut' | 'change';
  do(): Promise<void>;
}

/** What a page gets. `id` is empty on pages without one. */
export interface PageProps {
  id: string;
  me: Me;
}

const components: Readonly<Record<PageName, LazyExoticComponent<ComponentType<PageProps>>>> = {
  now: lazy(async () => await import('./pages/now.tsx')),
  duty: lazy(async () => await import('./pages/duty.tsx')),
  history: lazy(async () => await import('./pages/history.tsx')),
  charts: lazy(async () => await import('./pages/charts.tsx')),
  policies: lazy(async () => await import('./pages/policies.tsx')),
  health: lazy(async () => await import('./pages/health.tsx')),
  call: lazy(async () => await import('./pages/call.tsx')),
  escalation: lazy(async () => await import('./pages/escalation.tsx')),
  policy: lazy(async () => await import('./pages/policy.tsx')),
};

const icons: Readonly<Record<ListedPage, readonly [FluentIcon, FluentIcon]>> = {
  now: [AlertUrgentRegular, AlertUrgentFilled],
  duty: [CalendarPersonRegular, CalendarPersonFilled],
  history: [HistoryRegular, HistoryFilled],
  charts: [DataBarVerticalRegular, DataBarVerticalFilled],
  policies: [BranchForkRegular, BranchForkFilled],
  health: [HeartPulseRegular, HeartPulseFilled],
};

const WIDE = '@media (min-width: 720px)';

const useStyles = makeStyles({
  skip: {
    position: 'absolute',
    top: '4px',
    left: '4px',
    zIndex: 2,
    padding: '6px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    ':not(:focus)': { clipPath: 'inset(50%)', width: '1px', height: '1px', padding: 0, overflow: 'hidden' },
  },
  header: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    height: '48px',
    padding: `0 ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  product: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
    marginRight: 'auto',
  },
  mark: { color: tokens.colorBrandForeground1, fontSize: '20px', lineHeight: 0 },
  person: { minWidth: 'auto', gap: tokens.spacingHorizontalS, padding: '4px 8px' },
  /** On narrow screens only screen readers have it. */
  name: {
    '@media (max-width: 719px)': {
      position: 'absolute',
      width: '1px',
      height: '1px',
      overflow: 'hidden',
      clipPath: 'inset(50%)',
    },
  },
  narrowOnly: { [WIDE]: { display: 'none' } },
  wideOnly: { display: 'none', [WIDE]: { display: 'block' } },
  columns: { display: 'flex', alignItems: 'flex-start' },
  rail: {
    position: 'sticky',
    top: '48px',
    boxSizing: 'border-box',
    flexShrink: 0,
    width: '192px',
    padding: tokens.spacingHorizontalM,
  },
  pages: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXXS },
  link: {
    position: 'relative',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    fontSize: tokens.fontSizeBase300,
    ':hover': {
      backgroundColor: tokens.colorNeutralBackground1Hover,
      color: tokens.colorNeutralForeground1Hover,
    },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    '::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: '25%',
      bottom: '25%',
      width: '3px',
      borderRadius: '2px',
      backgroundColor: tokens.colorCompoundBrandForeground1,
    },
  },
  icon: { fontSize: '20px', lineHeight: 0 },
  currentIcon: { color: tokens.colorCompoundBrandForeground1 },
  main: {
    boxSizing: 'border-box',
    flexGrow: 1,
    minWidth: 0,
    maxWidth: '1120px',
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalM}`,
    outlineStyle: 'none',
    [WIDE]: { padding: `${tokens.spacingVerticalXXL} ${tokens.spacingHorizontalXXL}` },
  },
});

/** Header, navigation and the current page. */
export function Shell({
  me,
  host,
  look,
  leave,
}: {
  me: Me;
  host: Host;
  look: ReturnType<typeof useLook>;
  /** Signs out or chooses another person; null where neither is possible. */
  leave: Leave | null;
}) {
  return (
    <Router base="/console">
      <Frame me={me} look={look} leave={leave} deepLink={host.deepLink} />
    </Router>
  );
}

function Frame({
  me,
  look,
  leave,
  deepLink,
}: {
  me: Me;
  look: ReturnType<typeof useLook>;
  leave: Leave | null;
  deepLink: string | undefined;
}) {
  const styles = useStyles();
  const words = useWords();
  const { shell } = words;
  const [path, navigate] = useLocation();
  const main = useRef<HTMLElement>(null);
  const navigated = useRef(false);
  const lastPath = useRef(path);
  if (lastPath.current !== path) {
    lastPath.current = path;
    navigated.current = true;
  }
  useEffect(() => {
    const linked = pathOfDeepLink(deepLink);
    if (linked !== null) navigate(linked, { replace: true });
  }, [deepLink, navigate]);
  useEffect(() => {
    // Newer browsers return a promise, which React would call as a clean-up.
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <>
      <a
        href="#main"
        className={styles.skip}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {shell.skip}
      </a>
      <header className={styles.header}>
        <div className={styles.narrowOnly}>
          <PagesMenu current={listedPageOf(path)} navigate={navigate} />
        </div>
        <span className={styles.product}>
          <CallFilled className={styles.mark} aria-hidden />
          Ringdown
        </span>
        <PersonMenu me={me} look={look} leave={leave} />
      </header>
      <div className={styles.columns}>
        <nav aria-label={shell.navigation} className={mergeClasses(styles.rail, styles.wideOnly)}>
          <ul className={styles.pages}>
            {listed.map((page) => (
              <li key={page}>
                <RailLink page={page} isCurrent={listedPageOf(path) === page} />
              </li>
            ))}
          </ul>
        </nav>
        <main ref={main} id="main" tabIndex={-1} className={styles.main}>
          <ConnectionBanner />
          <ErrorBoundary key={path} words={words}>
            <NavigationContext value={navigated}>
              <Suspense fallback={<Loading />}>
                <CurrentPage me={me} />
              </Suspense>
            </NavigationContext>
          </ErrorBoundary>
        </main>
      </div>
    </>
  );
}

function CurrentPage({ me }: { me: Me }) {
  return (
    <Switch>
      {Object.entries(pages).map(([name, path]) => {
        const Page = components[name as PageName];
        return (
          <Route key={name} path={path}>
            {(params: { id?: string }) => <Page key={params.id ?? ''} id={decoded(params.id)} me={me} />}
          </Route>
        );
      })}
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

function decoded(id: string | undefined): string {
  try {
    return decodeURIComponent(id ?? '');
  } catch {
    return id ?? '';
  }
}

function RailLink({ page, isCurrent }: { page: ListedPage; isCurrent: boolean }) {
  const styles = useStyles();
  const { shell } = useWords();
  const Icon = icons[page][isCurrent ? 1 : 0];
  return (
    <RouteLink
      href={pages[page]}
      className={mergeClasses(styles.link, isCurrent && styles.current)}
      aria-current={isCurrent ? 'page' : undefined}
    >
      <Icon className={mergeClasses(styles.icon, isCurrent && styles.currentIcon)} aria-hidden />
      {shell.pages[page]}
    </RouteLink>
  );
}

function PagesMenu({ current, navigate }: { current: ListedPage | null; navigate: (to: string) => void }) {
  const { shell } = useWords();
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<NavigationRegular />} aria-label={shell.navigation} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {listed.map((page) => {
            const Icon = icons[page][page === current ? 1 : 0];
            return (
              <MenuItem
                key={page}
                icon={<Icon />}
                aria-current={page === current ? 'page' : undefined}
                onClick={() => navigate(pages[page])}
              >
                {shell.pages[page]}
              </MenuItem>
            );
          })}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function PersonMenu({
  me,
  look: { appearance, choose },
  leave,
}: {
  me: Me;
  look: ReturnType<typeof useLook>;
  leave: Leave | null;
}) {
  const styles = useStyles();
  const { shell } = useWords();
  const { name } = me.person;
  return (
    <Menu
      checkedValues={{ appearance: [appearance] }}
      onCheckedValueChange={(_event, { checkedItems: [next] }) =>
        choose?.(appearances.find((one): one is Appearance => one === next) ?? 'system')
      }
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={shell.person.menu({ name })} relationship="description">
          <Button appearance="subtle" className={styles.person}>
            <Avatar name={name} size={24} color="colorful" aria-hidden />
            <span className={styles.name}>{name}</span>
          </Button>
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {choose !== null && (
            <MenuGroup>
              <MenuGroupHeader>{shell.appearance.label}</MenuGroupHeader>
              {appearances.map((one) => (
                <MenuItemRadio key={one} name="appearance" value={one}>
                  {shell.appearance[one]}
                </MenuItemRadio>
              ))}
            </MenuGroup>
          )}
          {choose !== null && leave !== null && <MenuDivider />}
          {leave !== null && <MenuItem onClick={() => void leave.do()}>{shell.person[leave.kind]}</MenuItem>}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** Says that what the page shows may be old. */
function ConnectionBanner() {
  const { shell } = useWords();
  const state = useConnection();
  return (
    <div role="status">
      {state !== 'live' && (
        <MessageBar intent="warning">
          <MessageBarBody>{shell.connection[state]}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}
