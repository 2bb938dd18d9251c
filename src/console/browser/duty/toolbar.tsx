import { Button, makeStyles, Select, ToggleButton, tokens } from '@fluentui/react-components';
import {
  CalendarLtrRegular,
  ChevronLeftRegular,
  ChevronRightRegular,
  TextBulletListRegular,
} from '@fluentui/react-icons';
import { useWords } from '../texts.ts';
import type { Period } from './calendar.ts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalM,
  },
  group: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  title: {
    margin: `0 0 0 ${tokens.spacingHorizontalS}`,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  gap: { marginInlineStart: tokens.spacingHorizontalS },
});

/** Which part of the calendar is shown, and how. */
export function Toolbar({
  title,
  period,
  isList,
  canBeCalendar,
  zones,
  zone,
  turn,
  today,
  setPeriod,
  setList,
  setZone,
}: {
  title: string;
  period: Period;
  isList: boolean;
  /** Narrow screens show the list only. */
  canBeCalendar: boolean;
  zones: readonly { zone: string; text: string }[];
  zone: string;
  turn: (by: 1 | -1) => void;
  today: () => void;
  setPeriod: (period: Period) => void;
  setList: (isList: boolean) => void;
  setZone: (zone: string) => void;
}) {
  const styles = useStyles();
  const { duty } = useWords();
  return (
    <div className={styles.root}>
      <div className={styles.group}>
        <Button
          appearance="subtle"
          icon={<ChevronLeftRegular />}
          aria-label={duty.previous}
          title={duty.previous}
          onClick={() => turn(-1)}
        />
        <Button onClick={today}>{duty.today}</Button>
        <Button
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={duty.next}
          title={duty.next}
          onClick={() => turn(1)}
        />
        <h2 className={styles.title} aria-live="polite">
          {title}
        </h2>
      </div>
      <div className={styles.group}>
        {(zones.length > 1 || zone !== zones[0]?.zone) && (
          <Select aria-label={duty.zone.label} value={zone} onChange={(_, { value }) => setZone(value)}>
            {zones.map((one) => (
              <option key={one.zone} value={one.zone}>
                {one.text}
              </option>
            ))}
          </Select>
        )}
        <div className={styles.group} role="group" aria-label={duty.range.label}>
          {(['week', 'month'] as const).map((one) => (
            <ToggleButton key={one} checked={period === one} onClick={() => setPeriod(one)}>
              {duty.range[one]}
            </ToggleButton>
          ))}
        </div>
        {canBeCalendar && (
          <div className={styles.group} role="group" aria-label={duty.shape.label}>
            <ToggleButton
              checked={!isList}
              icon={<CalendarLtrRegular />}
              aria-label={duty.shape.calendar}
              title={duty.shape.calendar}
              onClick={() => setList(false)}
            />
            <ToggleButton
              checked={isList}
              icon={<TextBulletListRegular />}
              aria-label={duty.shape.list}
              title={duty.shape.list}
              onClick={() => setList(true)}
            />
          </div>
        )}
      </div>
    </div>
  );
}
