import { Button, makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { CalendarAddRegular, CalendarPersonRegular, PersonSwapRegular } from '@fluentui/react-icons';
import { useId, useMemo, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'wouter';
import type { Duty } from '../../model.ts';
import { useNow } from '../clock.ts';
import { daysOf, rangeOf, startOf, turned, weeksOf, type Period, type Range } from '../duty/calendar.ts';
import { DayList } from '../duty/dayList.tsx';
import { Lanes } from '../duty/lanes.tsx';
import { Legend } from '../duty/legend.tsx';
import { colorsFor } from '../duty/looks.ts';
import { NowBoard } from '../duty/nowBoard.tsx';
import { SpanDialog, type Chosen } from '../duty/spanDialog.tsx';
import { Subscribe } from '../duty/subscribe.tsx';
import { TakeOver, type Wish } from '../duty/takeOver.tsx';
import { Toolbar } from '../duty/toolbar.tsx';
import { timesIn, titleOf, todayIn, type Times } from '../duty/words.ts';
import { useLive } from '../live.ts';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Section } from '../parts/section.tsx';
import { EmptyState, Loading, Shown } from '../parts/states.tsx';
import { useWords } from '../texts.ts';

const ZONE = 'ringdown.dutyZone';
const NARROW = '(max-width: 719px)';
const HOUR_MS = 3_600_000;

const example = `rotations:
  payments:
    members: [adele@contoso.com, alex@contoso.com]
    every: 1w
    handover: Mon 09:00
policies:
  payments:
    steps:
      - {targets: [{rotation: payments}]}`;

const useStyles = makeStyles({
  frame: {
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    overflow: 'hidden',
  },
  notes: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    marginBottom: tokens.spacingVerticalM,
  },
  keys: { display: 'block', marginTop: tokens.spacingVerticalS, color: tokens.colorNeutralForeground2 },
  example: {
    margin: 0,
    maxWidth: '100%',
    boxSizing: 'border-box',
    overflowX: 'auto',
    textAlign: 'start',
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
  },
});

/** The duty calendar: who is on call, and when; people take over, and end covers. */
export default function DutyPage() {
  const words = useWords();
  const { shell, duty: say, locale } = words;
  const [params, setParams] = useSearchParams();
  const [zone, chooseZone] = useZone();
  const times = useMemo(() => timesIn(zone, locale), [zone, locale]);
  const today = todayIn(zone, useNow(60_000));
  const period: Period = params.get('period') === 'month' ? 'month' : 'week';
  const date = dateIn(params.get('day')) ?? today;
  const isNarrow = useNarrow();
  const isList = isNarrow || params.get('as') === 'list';
  const days = useMemo(() => daysOf(period, date, zone), [period, date, zone]);
  const { from, to } = rangeOf(days);
  const loaded = useLive<Duty>('duty', `${new Date(from).toISOString()}..${new Date(to).toISOString()}`);
  const [known, setKnown] = useState<Duty | null>(null);
  if (loaded.state === 'shown' && loaded.data !== known) setKnown(loaded.data);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  const [subscribes, setSubscribes] = useState(false);

  const change = (changes: Record<string, string | null>): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const policies = [...new Set(known?.rows.filter(({ canCover }) => canCover).map(({ policy }) => policy))];
  const mayCover = known !== null && known.mayCover && policies.length > 0;
  const takeFromNow = (): void => {
    const now = Math.floor(Date.now() / 60_000) * 60_000;
    setWish({ policy: policies[0] ?? '', from: now, to: now + HOUR_MS });
  };
  const takeSpan = ({ row, span }: Chosen): void => {
    setChosen(null);
    const begin = Math.max(Date.parse(span.from), Date.now());
    setWish({ policy: row.policy, from: begin, to: Date.parse(span.to) });
  };
  const mayTake = ({ row, span }: Chosen): boolean =>
    mayCover && row.canCover && Date.parse(span.to) > Date.now() && !span.people.some(({ me }) => me);
  const colors = useMemo(() => (known ? colorsFor(known) : new Map<string, never>()), [known]);
  const zones = zonesOf(known, zone, say.zone);
  const title = titleOf(period, startOf(period, date), date, times);

  if (known?.rows.length === 0 && loaded.state === 'shown') return <NoRotations />;
  return (
    <>
      <PageHeader title={shell.pages.duty} about={`${say.about} ${say.zone.all({ zone })}`}>
        <Button icon={<CalendarAddRegular />} onClick={() => setSubscribes(true)}>
          {say.calendars.button}
        </Button>
        {mayCover && (
          <Button appearance="primary" icon={<PersonSwapRegular />} onClick={takeFromNow}>
            {say.takeOver}
          </Button>
        )}
      </PageHeader>
      {known && (
        <Section title={say.now}>
          <NowBoard rows={known.rows} colors={colors} times={times} />
        </Section>
      )}
      <section aria-label={say.calendar}>
        <Toolbar
          title={title}
          period={period}
          isList={isList}
          canBeCalendar={!isNarrow}
          zones={zones}
          zone={zone}
          turn={(by) => change({ day: turned(period, date, by) })}
          today={() => change({ day: null })}
          setPeriod={(next) => change({ period: next })}
          setList={(list) => change({ as: list ? 'list' : null })}
          setZone={chooseZone}
        />
        {loaded.state === 'loading' ? (
          <Loading rows={Math.max(3, known?.rows.length ?? 0)} />
        ) : (
          <Shown loaded={loaded}>
            {(duty) => (
              <Calendar
                {...{ duty, colors, times, today, period, isList }}
                date={date}
                onSpan={setChosen}
                onTake={(policy, range) => setWish({ policy, ...range })}
              />
            )}
          </Shown>
        )}
      </section>
      {chosen && (
        <SpanDialog
          chosen={chosen}
          times={times}
          onTake={mayTake(chosen) ? () => takeSpan(chosen) : null}
          close={() => setChosen(null)}
        />
      )}
      {subscribes && <Subscribe close={() => setSubscribes(false)} />}
      {wish && <TakeOver wish={wish} policies={policies} times={times} close={() => setWish(null)} />}
    </>
  );
}

function Calendar({
  duty,
  colors,
  times,
  today,
  period,
  date,
  isList,
  onSpan,
  onTake,
}: {
  duty: Duty;
  colors: ReturnType<typeof colorsFor>;
  times: Times;
  today: string;
  period: Period;
  date: string;
  isList: boolean;
  onSpan: (chosen: Chosen) => void;
  onTake: (policy: string, range: Range) => void;
}) {
  const styles = useStyles();
  const { duty: say } = useWords();
  const keysId = useId();
  const { rows, mayCover } = duty;
  const days = daysOf(period, date, times.zone);
  const notes = [
    ...new Set(rows.flatMap(({ policy, note }) => (note === null ? [] : [`${policy}: ${note}`]))),
  ];
  const shared = { rows, colors, times, today, onSpan };
  return (
    <>
      {notes.length > 0 && (
        <div className={styles.notes}>
          {notes.map((note) => (
            <MessageBar key={note} intent="warning">
              <MessageBarBody>{note}</MessageBarBody>
            </MessageBar>
          ))}
        </div>
      )}
      <div className={styles.frame}>
        {isList ? (
          <DayList days={days} {...shared} />
        ) : (
          <>
            {weeksOf(days).map((week) => (
              <Lanes
                key={week[0]?.date}
                week={week}
                month={period === 'month' ? date.slice(0, 7) : null}
                mayCover={mayCover}
                describedBy={keysId}
                onTake={onTake}
                {...shared}
              />
            ))}
            <Legend />
          </>
        )}
      </div>
      {!isList && mayCover && (
        <Text id={keysId} size={200} className={styles.keys}>
          {say.keys}
        </Text>
      )}
    </>
  );
}

function NoRotations() {
  const styles = useStyles();
  const { shell, duty } = useWords();
  return (
    <>
      <PageHeader title={shell.pages.duty} about={duty.about} />
      <EmptyState icon={<CalendarPersonRegular />} title={duty.empty.title} text={duty.empty.text}>
        <pre className={styles.example} tabIndex={0}>
          {example}
        </pre>
        <Text size={200}>{duty.empty.docs}</Text>
      </EmptyState>
    </>
  );
}

/** The zone of the calendar: the browser's, or another that the reader chose in this browser. */
function useZone(): [zone: string, choose: (zone: string) => void] {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [zone, setZone] = useState(() => localStorage.getItem(ZONE) ?? mine);
  const choose = (next: string): void => {
    if (next === mine) localStorage.removeItem(ZONE);
    else localStorage.setItem(ZONE, next);
    setZone(next);
  };
  return [isZone(zone) ? zone : mine, choose];
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The zones to choose from. */
function zonesOf(
  duty: Duty | null,
  shown: string,
  say: ReturnType<typeof useWords>['duty']['zone'],
): { zone: string; text: string }[] {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const file = duty?.timeZone ?? (shown === mine ? null : shown);
  return [
    { zone: mine, text: say.mine({ zone: mine }) },
    ...(file === null || file === mine ? [] : [{ zone: file, text: say.file({ zone: file }) }]),
    ...(shown === mine || shown === file ? [] : [{ zone: shown, text: shown }]),
  ];
}

function dateIn(text: string | null): string | null {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
}

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(NARROW);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(NARROW).matches,
  );
}
