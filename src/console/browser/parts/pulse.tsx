import { makeStyles, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  dot: {
    display: 'inline-block',
    flexShrink: 0,
    width: '8px',
    height: '8px',
    borderRadius: '50%',
    backgroundColor: tokens.colorCompoundBrandBackground,
    '@media (prefers-reduced-motion: no-preference)': {
      animationName: {
        '0%': { boxShadow: `0 0 0 0 ${tokens.colorCompoundBrandBackground}` },
        '70%': { boxShadow: `0 0 0 7px transparent` },
        '100%': { boxShadow: `0 0 0 0 transparent` },
      },
      animationDuration: '1.4s',
      animationIterationCount: 'infinite',
    },
  },
});

/** A dot that pulses while somebody is being called. The words beside it say so too. */
export function Pulse() {
  return <span className={useStyles().dot} aria-hidden />;
}
