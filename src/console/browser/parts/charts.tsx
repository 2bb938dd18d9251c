import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

/*
 * Small charts, one for each thing: no legend to match, and no meaning in colours. Each is one picture for screen
 * readers, with a description; the numbers are in the table beside it.
 */

const WIDTH = 240;
const HEIGHT = 72;
/** Room for marks at the edges. */
const EDGE = 5;

const useStyles = makeStyles({
  figure: { margin: 0, minWidth: 0 },
  head: {
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'baseline',
    gap: tokens.spacingHorizontalS,
    marginBottom: tokens.spacingVerticalXS,
  },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere', minWidth: 0 },
  value: { fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2, flexShrink: 0 },
  plot: { display: 'grid', gridTemplateColumns: '1fr auto', columnGap: tokens.spacingHorizontalS },
  picture: { display: 'block', width: '100%', height: `${HEIGHT}px` },
  axis: {
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'space-between',
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase100,
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
  },
  weeks: {
    display: 'flex',
    justifyContent: 'space-between',
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground3,
  },
  grid: { stroke: tokens.colorNeutralStroke2, strokeWidth: 1, vectorEffect: 'non-scaling-stroke' },
  bar: { fill: tokens.colorBrandBackground },
  line: {
    fill: 'none',
    stroke: tokens.colorBrandForeground1,
    strokeWidth: 2,
    strokeLinejoin: 'round',
    vectorEffect: 'non-scaling-stroke',
  },
  mark: {
    stroke: tokens.colorBrandForeground1,
    strokeWidth: '6px',
    strokeLinecap: 'round',
    vectorEffect: 'non-scaling-stroke',
  },
  high: {
    stroke: tokens.colorNeutralForeground3,
    strokeWidth: '5px',
    strokeLinecap: 'round',
    vectorEffect: 'non-scaling-stroke',
  },
  people: { display: 'grid', gap: tokens.spacingVerticalS, margin: 0, padding: 0, listStyleType: 'none' },
  person: {
    display: 'grid',
    gridTemplateColumns: 'minmax(6rem, 14rem) 1fr minmax(7rem, auto)',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    '@media (max-width: 519px)': { gridTemplateColumns: '1fr auto' },
  },
  personBar: {
    display: 'block',
    width: '100%',
    height: '14px',
    '@media (max-width: 519px)': { gridColumnStart: 1, gridColumnEnd: -1, gridRowStart: 2 },
  },
});

interface Frame {
  name: string;
  /** The number that sums it up. */
  value: string;
  /** For screen readers, in place of the picture. */
  description: string;
  /** What the top of the axis stands for. */
  top: string;
  firstWeek: string;
  lastWeek: string;
}

function Plot({
  name,
  value,
  description,
  top,
  firstWeek,
  lastWeek,
  children,
}: Frame & { children: ReactNode }) {
  const styles = useStyles();
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.head}>
        <span className={styles.name}>{name}</span>
        <span className={styles.value}>{value}</span>
      </figcaption>
      <div className={styles.plot}>
        <svg
          role="img"
          aria-label={description}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className={styles.picture}
        >
          {[EDGE, HEIGHT / 2, HEIGHT - EDGE].map((y) => (
            <line key={y} x1={0} x2={WIDTH} y1={y} y2={y} className={styles.grid} />
          ))}
          {children}
        </svg>
        <div className={styles.axis} aria-hidden>
          <span>{top}</span>
          <span>0</span>
        </div>
        <div className={styles.weeks} aria-hidden>
          <span>{firstWeek}</span>
          {lastWeek !== firstWeek && <span>{lastWeek}</span>}
        </div>
      </div>
    </figure>
  );
}

function heightOf(value: number, top: number): number {
  return HEIGHT - EDGE - (Math.min(value, top) / top) * (HEIGHT - 2 * EDGE);
}

/** A bar for each week. @param titleOf what the pointer shows */
export function Bars({
  counts,
  titleOf,
  max,
  ...frame
}: Frame & { counts: readonly number[]; titleOf: (index: number) => string; max: number }) {
  const styles = useStyles();
  const step = WIDTH / Math.max(1, counts.length);
  return (
    <Plot {...frame}>
      {counts.map((count, index) => {
        const y = heightOf(count, max);
        return (
          // A week is its place.
          <g key={index}>
            <title>{titleOf(index)}</title>
            <rect x={index * step} y={0} width={step} height={HEIGHT} fill="transparent" />
            {count > 0 && (
              <rect
                className={styles.bar}
                x={index * step + step * 0.12}
                y={Math.min(y, HEIGHT - EDGE - 1)}
                width={step * 0.76}
                height={Math.max(1, HEIGHT - EDGE - y)}
              />
            )}
          </g>
        );
      })}
    </Plot>
  );
}

/** A line through the weeks, and a point above each; both have gaps where nothing is known. */
export function Lines({
  points,
  titleOf,
  max,
  ...frame
}: Frame & {
  points: readonly ({ median: number; p90: number } | null)[];
  titleOf: (index: number) => string;
  max: number;
}) {
  const styles = useStyles();
  const step = WIDTH / Math.max(1, points.length);
  const x = (index: number): number => (index + 0.5) * step;
  const path = points
    .map((point, index) => {
      if (point === null) return '';
      const follows = index > 0 && points[index - 1] !== null;
      return `${follows ? 'L' : 'M'}${x(index)} ${heightOf(point.median, max)}`;
    })
    .join(' ');
  return (
    <Plot {...frame}>
      <path d={path} className={styles.line} />
      {points.map((point, index) => {
        if (point === null) return null;
        const [median, high] = [heightOf(point.median, max), heightOf(point.p90, max)];
        return (
          <g key={index}>
            <title>{titleOf(index)}</title>
            <rect x={x(index) - step / 2} y={0} width={step} height={HEIGHT} fill="transparent" />
            {/* Lines without length: round at any width of the picture. */}
            <line x1={x(index)} x2={x(index)} y1={high} y2={high} className={styles.high} />
            <line x1={x(index)} x2={x(index)} y1={median} y2={median} className={styles.mark} />
          </g>
        );
      })}
    </Plot>
  );
}

/** A bar for each person, under each other. */
export function PeopleBars({
  rows,
  description,
}: {
  rows: readonly { name: string; value: number; text: string }[];
  description: string;
}) {
  const styles = useStyles();
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <div role="img" aria-label={description}>
      <ul className={styles.people} aria-hidden>
        {rows.map(({ name, value, text }, index) => (
          // Two people may have the same name.
          <li key={index} className={styles.person}>
            <span className={styles.name}>{name}</span>
            <svg viewBox="0 0 100 14" preserveAspectRatio="none" className={styles.personBar}>
              <rect className={styles.bar} x={0} y={0} width={(value / most) * 100} height={14} />
            </svg>
            <span className={styles.value}>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
