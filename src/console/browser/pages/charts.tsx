import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, DataBarVerticalRegular, TableRegular } from '@fluentui/react-icons';
import { useEffect, useState, type ReactNode } from 'react';
import { useLocation, useSearch as useQuery } from 'wouter';
import { csvOf } from '../csv.ts';
import type { Charts } from '../../model.ts';
import {
  acknowledgeSeries,
  COUNT_STEPS,
  dispositionSeries,
  TIME_STEPS,
  topOf,
  type AcknowledgeSeries,
} from '../chartSeries.ts';
import { useData } from '../live.ts';
import { Bars, Lines, PeopleBars } from '../parts/charts.tsx';
import { DataTable, type Column } from '../parts/dataTable.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Panel, Section } from '../parts/section.tsx';
import { ErrorState, Shown } from '../parts/states.tsx';
import { pages } from '../routes.ts';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';
import { duration } from '../times.ts';

/** More small charts than this tire; the table has all. */
const MOST_PICTURES = 12;
const MOST_PEOPLE = 20;

const useStyles = makeStyles({
  range: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'start',
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalXL,
  },
  day: { minWidth: '150px' },
  apply: { marginTop: '24px' },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  about: { display: 'block', color: tokens.colorNeutralForeground2, marginBottom: tokens.spacingVerticalM },
  pictures: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 260px), 1fr))',
    gap: `${tokens.spacingVerticalXXL} ${tokens.spacingHorizontalXXXL}`,
  },
  others: { display: 'block', color: tokens.colorNeutralForeground2, marginTop: tokens.spacingVerticalM },
});

/** Times to acknowledge, results of calls, and disturbed nights. The range stands in the address. */
export default function ChartsPage({ me }: PageProps) {
  const { shell, charts: words } = useWords();
  const [, navigate] = useLocation();
  const query = useQuery();
  const given = new URLSearchParams(query);
  const range = { from: given.get('from') ?? '', to: given.get('to') ?? '' };
  const wanted = Object.entries(range).filter(([, day]) => day !== '');
  const path = `/charts?${new URLSearchParams(wanted)}`;
  const loaded = useData<Charts>(path);
  return (
    <>
      <PageHeader title={shell.pages.charts} about={words.tests} />
      <Range
        range={range}
        choose={(next) => {
          const days = new URLSearchParams(Object.entries(next).filter(([, day]) => day !== ''));
          navigate(`${pages.charts}?${days}`);
        }}
      />
      {loaded.state === 'failed' ? (
        <ErrorState fault={loaded.fault} retry={loaded.reload} />
      ) : (
        <Shown loaded={loaded}>
          {(charts) => (
            <>
              {charts.acknowledgeTimes && <AcknowledgeTimes charts={charts} />}
              {charts.dispositions && <Dispositions charts={charts} />}
              <Nights charts={charts} own={!me.seesAll} zone={me.timeZone} />
            </>
          )}
        </Shown>
      )}
    </>
  );
}

interface RangeOfDays {
  from: string;
  to: string;
}

const YEAR_MS = 366 * 86_400_000;

function Range({ range, choose }: { range: RangeOfDays; choose: (range: RangeOfDays) => void }) {
  const styles = useStyles();
  const { charts: words } = useWords();
  const [draft, setDraft] = useState(range);
  const [tried, setTried] = useState(false);
  useEffect(() => setDraft({ from: range.from, to: range.to }), [range.from, range.to]);
  const to = draft.to === '' ? Date.now() : Date.parse(draft.to);
  const isWrong = draft.from !== '' && (Date.parse(draft.from) > to || to - Date.parse(draft.from) > YEAR_MS);
  return (
    <form
      className={styles.range}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!isWrong) choose(draft);
      }}
    >
      <Field label={words.fromDay} className={styles.day}>
        <Input
          type="date"
          value={draft.from}
          onChange={(_event, { value }) => setDraft({ ...draft, from: value })}
        />
      </Field>
      <Field
        label={words.untilDay}
        className={styles.day}
        {...(tried && isWrong ? { validationMessage: words.datesWrong } : {})}
      >
        <Input
          type="date"
          value={draft.to}
          onChange={(_event, { value }) => setDraft({ ...draft, to: value })}
        />
      </Field>
      <Button type="submit" className={styles.apply}>
        {words.show}
      </Button>
    </form>
  );
}

/** A chart with a table behind it, and both as a file. */
function Chart<Row>({
  title,
  about,
  file,
  picture,
  columns,
  rows,
  others = 0,
}: {
  title: string;
  about: string;
  /** The name of the CSV file. */
  file: string;
  picture: ReactNode;
  columns: readonly (Column<Row> & { csv: (row: Row) => string | number; csvTitle?: string })[];
  rows: readonly Row[];
  /** How many rows the picture leaves out. */
  others?: number;
}) {
  const styles = useStyles();
  const { charts: words } = useWords();
  const [asTable, setAsTable] = useState(false);
  const save = (): void => {
    const text = csvOf(
      columns.map(({ title: head, csvTitle }) => csvTitle ?? head),
      rows.map((row) => columns.map(({ csv }) => csv(row))),
    );
    download(file, text);
  };
  const tools = rows.length > 0 && (
    <div className={styles.tools}>
      <Button
        size="small"
        appearance="subtle"
        icon={asTable ? <DataBarVerticalRegular /> : <TableRegular />}
        aria-label={asTable ? words.chartOf({ title }) : words.tableOf({ title })}
        onClick={() => setAsTable(!asTable)}
      >
        {asTable ? words.chart : words.table}
      </Button>
      <Button
        size="small"
        appearance="subtle"
        icon={<ArrowDownloadRegular />}
        aria-label={words.csvOf({ title })}
        onClick={save}
      >
        {words.csv}
      </Button>
    </div>
  );
  return (
    <Section title={title} aside={tools}>
      <Text className={styles.about}>{about}</Text>
      {asTable ? (
        <DataTable label={title} columns={columns} rows={rows} keyOf={(row) => JSON.stringify(row)} />
      ) : (
        <Panel>
          {rows.length === 0 ? <Text>{words.nothing}</Text> : picture}
          {others > 0 && <Text className={styles.others}>{words.others({ count: others })}</Text>}
        </Panel>
      )}
    </Section>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Browsers read the file after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "30 Nov" for the Monday of a week. */
function weekName(week: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    Date.parse(week),
  );
}

function framesOf(weeks: readonly string[], locale: string) {
  const [first = '', last = first] = [weeks[0], weeks.at(-1)];
  return { firstWeek: weekName(first, locale), lastWeek: weekName(last, locale) };
}

function AcknowledgeTimes({ charts }: { charts: Charts }) {
  const styles = useStyles();
  const { charts: words, locale } = useWords();
  const { title, about, noPolicy, picture, ...heads } = words.acknowledge;
  const series = acknowledgeSeries(charts);
  const { weeks } = charts;
  const time = (seconds: number): string => duration(seconds, locale);
  const describe = ({ policy, points }: AcknowledgeSeries): string => {
    const medians = points.flatMap((point) => (point ? [point.median] : []));
    return picture({
      policy: policy ?? noPolicy,
      least: time(Math.min(...medians)),
      most: time(Math.max(...medians)),
      latest: time(medians.at(-1) ?? 0),
    });
  };
  return (
    <Chart
      title={title}
      about={about}
      file="time-to-acknowledge.csv"
      others={Math.max(0, series.length - MOST_PICTURES)}
      rows={charts.acknowledgeTimes ?? []}
      columns={[
        {
          key: 'week',
          title: words.week,
          cell: ({ week }) => weekName(week, locale),
          csv: ({ week }) => week,
        },
        {
          key: 'policy',
          title: heads.policy,
          cell: ({ policy }) => policy ?? noPolicy,
          csv: ({ policy }) => policy ?? '',
        },
        {
          key: 'count',
          title: heads.count,
          numeric: true,
          cell: ({ count }) => count.toLocaleString(locale),
          csv: ({ count }) => count,
        },
        {
          key: 'median',
          title: heads.median,
          csvTitle: heads.medianSeconds,
          numeric: true,
          cell: ({ medianSeconds }) => time(medianSeconds),
          csv: ({ medianSeconds }) => medianSeconds,
        },
        {
          key: 'p90',
          title: heads.p90,
          csvTitle: heads.p90Seconds,
          numeric: true,
          cell: ({ p90Seconds }) => time(p90Seconds),
          csv: ({ p90Seconds }) => p90Seconds,
        },
      ]}
      picture={
        <div className={styles.pictures}>
          {series.slice(0, MOST_PICTURES).map((one) => {
            const max = topOf(Math.max(...one.points.map((point) => point?.p90 ?? 0)), TIME_STEPS);
            const latest = one.points.findLast((point) => point !== null);
            return (
              <Lines
                key={one.policy ?? ''}
                {...framesOf(weeks, locale)}
                name={one.policy ?? noPolicy}
                value={latest ? time(latest.median) : ''}
                description={describe(one)}
                top={time(max)}
                max={max}
                points={one.points}
                titleOf={(index) => {
                  const point = one.points[index];
                  const week = words.weekOf({ date: weekName(weeks[index] ?? '', locale) });
                  if (!point) return week;
                  return `${week}\n${heads.median}: ${time(point.median)}\n${heads.p90}: ${time(point.p90)}`;
                }}
              />
            );
          })}
        </div>
      }
    />
  );
}

function Dispositions({ charts }: { charts: Charts }) {
  const styles = useStyles();
  const { charts: words, history, locale } = useWords();
  const { title, about, picture, ...heads } = words.dispositions;
  const { weeks } = charts;
  const number = (value: number): string => value.toLocaleString(locale);
  return (
    <Chart
      title={title}
      about={about}
      file="calls-by-result.csv"
      rows={charts.dispositions ?? []}
      columns={[
        {
          key: 'week',
          title: words.week,
          cell: ({ week }) => weekName(week, locale),
          csv: ({ week }) => week,
        },
        {
          key: 'disposition',
          title: heads.disposition,
          cell: ({ disposition }) => history.dispositions[disposition],
          csv: ({ disposition }) => disposition,
        },
        {
          key: 'count',
          title: heads.count,
          numeric: true,
          cell: ({ count }) => number(count),
          csv: ({ count }) => count,
        },
      ]}
      picture={
        <div className={styles.pictures}>
          {dispositionSeries(charts).map(({ name, total, counts }) => {
            const most = Math.max(...counts);
            const max = topOf(most, COUNT_STEPS);
            return (
              <Bars
                key={name}
                {...framesOf(weeks, locale)}
                name={history.dispositions[name]}
                value={number(total)}
                description={picture({
                  disposition: history.dispositions[name],
                  total,
                  most,
                  latest: counts.at(-1) ?? 0,
                })}
                top={number(max)}
                max={max}
                counts={counts}
                titleOf={(index) => {
                  const date = weekName(weeks[index] ?? '', locale);
                  return `${words.weekOf({ date })}: ${number(counts[index] ?? 0)}`;
                }}
              />
            );
          })}
        </div>
      }
    />
  );
}

function Nights({ charts: { nights }, own, zone }: { charts: Charts; own: boolean; zone: string }) {
  const { charts: words } = useWords();
  const { title, about, value, picture, ...heads } = words.nights;
  const shown = nights.slice(0, MOST_PEOPLE);
  const text = (row: Charts['nights'][number]): string => value({ nights: row.nights, calls: row.calls });
  return (
    <Chart
      title={title}
      about={own ? heads.own({ zone }) : about({ zone })}
      file="disturbed-nights.csv"
      others={nights.length - shown.length}
      rows={nights}
      columns={[
        {
          key: 'person',
          title: heads.person,
          cell: ({ person }) => person,
          csv: ({ person }) => person,
        },
        {
          key: 'nights',
          title: heads.nights,
          numeric: true,
          cell: (row) => row.nights,
          csv: (row) => row.nights,
        },
        {
          key: 'calls',
          title: heads.calls,
          numeric: true,
          cell: (row) => row.calls,
          csv: (row) => row.calls,
        },
      ]}
      picture={
        <PeopleBars
          rows={shown.map((row) => ({ name: row.person, value: row.nights, text: text(row) }))}
          description={picture({
            count: nights.length,
            people: shown.map((row) => `${row.person}: ${text(row)}`).join('; '),
          })}
        />
      }
    />
  );
}
