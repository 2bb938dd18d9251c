import { makeStyles, mergeClasses, shorthands, tokens, Tooltip } from '@fluentui/react-components';
import { PersonSwapRegular, WarningRegular } from '@fluentui/react-icons';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { DutyRow, DutySpan } from '../../model.ts';
import { useNow } from '../clock.ts';
import { useWords } from '../texts.ts';
import {
  moved,
  placeOf,
  rangeOf,
  selectionOf,
  snapped,
  STEP_MS,
  within,
  type Day,
  type Range,
} from './calendar.ts';
import { usePersonStyles, type PersonColor } from './looks.ts';
import type { Chosen } from './spanDialog.tsx';
import { whoIn, type Times } from './words.ts';

const HOUR_MS = 3_600_000;
/** A pointer that moves less than this is a click. */
const CLICK_PX = 6;

const useStyles = makeStyles({
  lane: {
    position: 'relative',
    height: '56px',
    overflow: 'hidden',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    touchAction: 'pan-y',
    userSelect: 'none',
  },
  compact: { height: '32px', borderTopStyle: 'none' },
  takes: {
    cursor: 'crosshair',
    ':focus-visible': {
      outline: `2px solid ${tokens.colorStrokeFocus2}`,
      outlineOffset: '-2px',
    },
  },
  day: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    boxSizing: 'border-box',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    pointerEvents: 'none',
  },
  block: {
    position: 'absolute',
    top: '8px',
    bottom: '8px',
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    minWidth: 0,
    margin: 0,
    padding: `0 ${tokens.spacingHorizontalS}`,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    borderRadius: tokens.borderRadiusMedium,
    fontFamily: 'inherit',
    fontSize: tokens.fontSizeBase300,
    textAlign: 'start',
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    cursor: 'inherit',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px', zIndex: 2 },
    ':hover': { filter: 'brightness(0.96)' },
  },
  blockCompact: {
    top: '4px',
    bottom: '4px',
    fontSize: tokens.fontSizeBase200,
    padding: `0 ${tokens.spacingHorizontalXS}`,
  },
  handOver: { borderLeftWidth: '4px', borderLeftStyle: 'solid' },
  cover: { ...shorthands.borderWidth('2px'), ...shorthands.borderStyle('dashed') },
  gap: {
    color: tokens.colorStatusDangerForeground3,
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    backgroundColor: tokens.colorStatusDangerBackground1,
    backgroundImage: `repeating-linear-gradient(135deg, transparent 0 6px, ${tokens.colorStatusDangerBorder1} 6px 8px)`,
  },
  gapWords: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    minWidth: 0,
    padding: `0 ${tokens.spacingHorizontalXS}`,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorStatusDangerBackground1,
  },
  icon: { flexShrink: 0, fontSize: '16px', lineHeight: 0 },
  text: { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' },
  now: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    width: '2px',
    marginInlineStart: '-1px',
    backgroundColor: tokens.colorBrandStroke1,
    pointerEvents: 'none',
    zIndex: 1,
  },
  selection: {
    position: 'absolute',
    top: '2px',
    bottom: '2px',
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    border: `2px solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorBrandBackground2,
    pointerEvents: 'none',
    zIndex: 3,
  },
  late: { justifyContent: 'flex-end' },
  selected: {
    flexShrink: 0,
    padding: `0 ${tokens.spacingHorizontalS}`,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    whiteSpace: 'nowrap',
  },
  unseen: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

/** A row of the calendar in one week. One can drag over it, or choose a time with the arrow keys. */
export function Lane({
  row,
  week,
  colors,
  times,
  isCompact,
  describedBy,
  onSpan,
  onTake,
}: {
  row: DutyRow;
  week: readonly Day[];
  colors: ReadonlyMap<string, PersonColor>;
  times: Times;
  isCompact: boolean;
  describedBy: string;
  onSpan: (chosen: Chosen) => void;
  /** Null if the reader may not take over here. */
  onTake: ((span: Range) => void) | null;
}) {
  const styles = useStyles();
  const words = useWords();
  const { duty } = words;
  const now = useNow(60_000);
  const range = rangeOf(week);
  const root = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; at: number } | null>(null);
  const [selection, setSelection] = useState<Range | null>(null);

  const timeAt = (x: number): number => {
    const box = root.current?.getBoundingClientRect();
    if (!box || box.width === 0) return range.from;
    return snapped(range.from + ((x - box.left) / box.width) * (range.to - range.from), week);
  };
  const down = (event: PointerEvent): void => {
    if (event.button === 0) drag.current = { x: event.clientX, at: timeAt(event.clientX) };
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const begun = drag.current;
    if (!begun || (selection === null && Math.abs(event.clientX - begun.x) < CLICK_PX)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setSelection(selectionOf(begun.at, timeAt(event.clientX), range));
  };
  const finish = (): void => {
    drag.current = null;
    if (selection === null) return;
    setSelection(null);
    onTake?.(selection);
  };
  const cancel = (): void => {
    drag.current = null;
    setSelection(null);
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Escape' && selection !== null) cancel();
    else if (event.key === 'Enter' && selection !== null) finish();
    else if (event.key.startsWith('Arrow')) {
      const first = Math.min(snapped(Math.max(now + STEP_MS, range.from), week), range.to - HOUR_MS);
      setSelection(
        selection === null
          ? { from: first, to: first + HOUR_MS }
          : moved(selection, event.key, event.shiftKey, range),
      );
    } else return;
    event.preventDefault();
  };

  const label = selection && {
    from: times.moment(selection.from),
    until: times.moment(selection.to),
  };
  const blocks = row.spans.flatMap((span) => {
    const part = within({ from: Date.parse(span.from), to: Date.parse(span.to) }, range);
    return part ? [{ span, part }] : [];
  });
  return (
    <div
      ref={root}
      className={mergeClasses(styles.lane, isCompact && styles.compact, onTake !== null && styles.takes)}
      role="group"
      aria-label={onTake ? duty.lane({ policy: row.policy }) : row.policy}
      {...(onTake && {
        tabIndex: 0,
        'aria-describedby': describedBy,
        onPointerDown: down,
        onPointerMove: move,
        onPointerUp: finish,
        onPointerCancel: cancel,
        onKeyDown: press,
        onBlur: cancel,
      })}
    >
      {week.map((day) => (
        <span key={day.date} className={styles.day} style={placeOf(day, range)} />
      ))}
      {blocks.map(({ span, part }) => (
        <Block
          key={`${span.from} ${span.kind}`}
          row={row}
          span={span}
          isStart={part.from === Date.parse(span.from)}
          place={placeOf(part, range)}
          colors={colors}
          times={times}
          isCompact={isCompact}
          onSpan={onSpan}
        />
      ))}
      {range.from <= now && now < range.to && (
        <span
          className={styles.now}
          style={{ left: placeOf({ from: now, to: now }, range).left }}
          aria-hidden
        />
      )}
      {selection && (
        <span
          className={mergeClasses(
            styles.selection,
            selection.from + selection.to > range.from + range.to && styles.late,
          )}
          style={placeOf(selection, range)}
          aria-hidden
        >
          <span className={styles.selected}>
            {label?.from} – {label?.until}
          </span>
        </span>
      )}
      <span className={styles.unseen} aria-live="polite">
        {label && duty.selected({ policy: row.policy, ...label })}
      </span>
    </div>
  );
}

function Block({
  row,
  span,
  isStart,
  place,
  colors,
  times,
  isCompact,
  onSpan,
}: {
  row: DutyRow;
  span: DutySpan;
  /** Whether the span begins in this week. */
  isStart: boolean;
  place: { left: string; width: string };
  colors: ReadonlyMap<string, PersonColor>;
  times: Times;
  isCompact: boolean;
  onSpan: (chosen: Chosen) => void;
}) {
  const styles = useStyles();
  const personStyles = usePersonStyles();
  const words = useWords();
  const { kind, people, handOver } = span;
  const [first] = people;
  const color = first && colors.get(first.name);
  const who = whoIn(span, words);
  const label = words.duty.span({
    policy: row.policy,
    who,
    from: times.moment(Date.parse(span.from)),
    until: times.moment(Date.parse(span.to)),
  });
  return (
    <Tooltip content={label} relationship="label">
      <button
        type="button"
        className={mergeClasses(
          styles.block,
          color && personStyles[color],
          isCompact && styles.blockCompact,
          handOver && isStart && styles.handOver,
          kind === 'cover' && styles.cover,
          kind === 'gap' && styles.gap,
        )}
        style={place}
        data-kind={kind}
        onClick={() => onSpan({ row, span })}
      >
        {kind === 'gap' ? (
          <span className={styles.gapWords}>
            <WarningRegular className={styles.icon} />
            <span className={styles.text}>{who}</span>
          </span>
        ) : (
          <>
            {kind === 'cover' && <PersonSwapRegular className={styles.icon} />}
            <span className={styles.text}>{who}</span>
          </>
        )}
      </button>
    </Tooltip>
  );
}
