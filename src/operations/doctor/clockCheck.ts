import { found, right, type Finding } from './findings.ts';

/** Tokens and signatures allow for more; but the next minute of drift is on its way by then. */
const MOST_SKEW_MS = 60_000;
/** `Date` is in whole seconds, and the answer was under way. */
const RESOLUTION_MS = 2_000;

/** What some service says the time is, and when we heard it by our own clock. Epoch milliseconds. */
export interface TimeHeard {
  from: string;
  said: number;
  at: number;
}

export function timeIn(from: string, asked: { headers: Headers; at: number }): TimeHeard[] {
  const said = Date.parse(asked.headers.get('date') ?? '');
  return Number.isNaN(said) ? [] : [{ from, said, at: asked.at }];
}

/** Holds this machine's clock against those of others. */
export function checkClock(others: readonly TimeHeard[], database: TimeHeard | null): Finding[] {
  const findings: Finding[] = [];
  const skewOf = ({ said, at }: TimeHeard): number => at - said;
  const worst = [...others].toSorted((a, b) => Math.abs(skewOf(b)) - Math.abs(skewOf(a)))[0];
  if (worst !== undefined && Math.abs(skewOf(worst)) > MOST_SKEW_MS + RESOLUTION_MS) {
    findings.push(
      found(
        'clockWrong',
        `The clock of this machine is ${words(skewOf(worst))} compared with ${worst.from}. Tokens and signatures are refused when it is off by minutes.`,
        'timedatectl set-ntp true   (or the host’s own way to keep time)',
      ),
    );
  } else if (worst !== undefined) {
    findings.push(right('clock', `This machine’s clock agrees with ${worst.from} to the minute.`));
  }
  if (database !== null && Math.abs(skewOf(database)) > MOST_SKEW_MS) {
    findings.push(
      found(
        'databaseClockWrong',
        `The clock of this machine is ${words(skewOf(database))} compared with the database. Deadlines come early or late.`,
        'timedatectl set-ntp true   on the one of the two whose time is wrong',
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
