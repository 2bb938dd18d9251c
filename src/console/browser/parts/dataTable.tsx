import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

/** One column. On narrow screens each row is a card: the first column is its head, the others follow with their titles. */
export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** For numbers: aligned to the right. */
  numeric?: boolean;
}

const NARROW = '@media (max-width: 719px)';

const useStyles = makeStyles({
  frame: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    overflow: 'hidden',
  },
  table: { width: '100%', borderCollapse: 'collapse', [NARROW]: { display: 'block' } },
  head: {
    [NARROW]: {
      position: 'absolute',
      width: '1px',
      height: '1px',
      overflow: 'hidden',
      clipPath: 'inset(50%)',
    },
  },
  body: { [NARROW]: { display: 'block' } },
  heading: {
    textAlign: 'start',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: 'nowrap',
  },
  row: {
    '&:not(:last-child)': { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
    // Not the colour for hovering: in high contrast, it is so bright that nobody could read links on it.
    ':hover': { backgroundColor: tokens.colorNeutralBackground3 },
    [NARROW]: { display: 'block', padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}` },
  },
  cell: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    verticalAlign: 'middle',
    overflowWrap: 'anywhere',
    [NARROW]: { display: 'flex', gap: tokens.spacingHorizontalM, padding: '2px 0', minWidth: 0 },
  },
  first: { [NARROW]: { fontWeight: tokens.fontWeightSemibold, paddingBottom: tokens.spacingVerticalXS } },
  numeric: { textAlign: 'end', fontVariantNumeric: 'tabular-nums', [NARROW]: { textAlign: 'start' } },
  label: {
    display: 'none',
    [NARROW]: {
      display: 'block',
      flexShrink: 0,
      width: '7rem',
      color: tokens.colorNeutralForeground2,
      fontSize: tokens.fontSizeBase200,
      lineHeight: tokens.lineHeightBase300,
    },
  },
});

/** A table that becomes a list of cards on narrow screens. Roles are explicit, because `display` removes them. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  /** What the table shows, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  const styles = useStyles();
  return (
    <div className={styles.frame}>
      <table role="table" aria-label={label} className={styles.table}>
        <thead role="rowgroup" className={styles.head}>
          <tr role="row">
            {columns.map(({ key, title, numeric }) => (
              <th
                key={key}
                role="columnheader"
                scope="col"
                className={mergeClasses(styles.heading, numeric && styles.numeric)}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={styles.body}>
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row" className={styles.row}>
              {columns.map(({ key, title, cell, numeric }, index) => (
                <td
                  key={key}
                  role="cell"
                  className={mergeClasses(
                    styles.cell,
                    numeric && styles.numeric,
                    index === 0 && styles.first,
                  )}
                >
                  {index > 0 && (
                    <span className={styles.label} aria-hidden>
                      {title}
                    </span>
                  )}
                  <span>{cell(row)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
