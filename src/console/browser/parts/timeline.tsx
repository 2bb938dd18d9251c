import { Link, makeStyles, tokens } from '@fluentui/react-components';
import { Link as RouteLink } from 'wouter';
import type { CallLine } from '../../model.ts';
import { pathTo } from '../routes.ts';
import { useWords } from '../texts.ts';
import { exactTime } from '../times.ts';
import { Panel } from './section.tsx';

const useStyles = makeStyles({
  lines: { listStyleType: 'none', margin: 0, padding: 0 },
  line: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: '5.5rem 1fr',
    columnGap: tokens.spacingHorizontalXXL,
    '&:not(:last-child)': { paddingBottom: tokens.spacingVerticalM },
    '::before': {
      content: '""',
      position: 'absolute',
      left: 'calc(5.5rem + 8px)',
      top: '6px',
      width: '8px',
      height: '8px',
      borderRadius: '50%',
      backgroundColor: tokens.colorNeutralStrokeAccessible,
    },
    '&:not(:last-child)::after': {
      content: '""',
      position: 'absolute',
      left: 'calc(5.5rem + 11px)',
      top: '18px',
      bottom: '-2px',
      width: '2px',
      backgroundColor: tokens.colorNeutralStroke2,
    },
    '@media (max-width: 719px)': {
      gridTemplateColumns: '1fr',
      paddingLeft: '24px',
      '::before': { left: '4px' },
      '&:not(:last-child)::after': { left: '7px' },
    },
  },
  time: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' },
  text: { overflowWrap: 'anywhere' },
});

/** Everything that happened, in order. */
export function Timeline({ lines }: { lines: readonly CallLine[] }) {
  const styles = useStyles();
  const { locale } = useWords();
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  return (
    <Panel>
      <ol className={styles.lines}>
        {lines.map(({ at, text, call }, place) => (
          <li key={`${place} ${at}`} className={styles.line}>
            <time className={styles.time} dateTime={at} title={exactTime(Date.parse(at), locale)}>
              {clock.format(Date.parse(at))}
            </time>
            <span className={styles.text}>
              {call ? (
                <RouteLink href={pathTo('call', call.id)} asChild>
                  <Link>{text}</Link>
                </RouteLink>
              ) : (
                text
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
