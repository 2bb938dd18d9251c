import { found, passed, type Finding } from './findings.ts';

/** Tokens and signatures tolerate more, but a clock that is off by this much will drift further. */
const MOST_SKEW_MS = 60_000;
/** `Date` has whole seconds, and the answer took some time. */
const RESOLUTION_MS = 2_000;

/** The time that a service reports, and our own time when the answer arrived. Epoch milliseconds. */
export interface TimeHeard {
  from: string;
  said: number;
  at: number;
}

export function timeIn(from: string, asked: { headers: Headers; at: number }): TimeHeard[] {
  const said = Date.parse(asked.headers.get('date') ?? '');
  return Number.isNaN(said) ? [] : [{ from, said, at: asked.at }];
}

/** Compares this machine's clock with those of the services. */
export function checkClock(others: readonly TimeHeard[], database: TimeHeard | null): Finding[] {
  const findings: Finding[] = [];
  const skewOf = ({ said, at }: TimeHeard): number => at - said;
  const worst = [...others].toSorted((a, b) => Math.abs(skewOf(b)) - Math.abs(skewOf(a)))[0];
  if (worst !== undefined && Math.abs(skewOf(worst)) > MOST_SKEW_MS + RESOLUTION_MS) {
    findings.push(
      found(
        'clockWrong',
        `The clock of this machine is ${words(skewOf(worst))} compared with ${worst.from}. If it is off by minutes, tokens and signatures are refused.`,
        'timedatectl set-ntp true   (or the host’s own way to keep time)',
      ),
    );
  } else if (worst !== undefined) {
    findings.push(passed('clock', `This machine’s clock agrees with ${worst.from} within a minute.`));
  }
  if (database !== null && Math.abs(skewOf(database)) > MOST_SKEW_MS) {
    findings.push(
      found(
        'databaseClockWrong',
        `The clock of this machine is ${words(skewOf(database))} compared with the database. Deadlines will be early or late.`,
        'timedatectl set-ntp true   on the machine whose time is wrong',
      ),
    );
  }
  return findings;
}

function words(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const size = seconds < 600 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${size} ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
