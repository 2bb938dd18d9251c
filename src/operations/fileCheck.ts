import type { Logger } from 'pino';
import { openSources, type OpenSource } from '../alerts/upkeep.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact } from '../database/transaction.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import type { SkipReason } from '../escalations/escalation.ts';
import { findNow } from '../escalations/findNow.ts';
import { openLadders, type OpenLadder } from '../escalations/upkeep.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Notice } from './notice.ts';
import { goneFrom, namedIn, type Named } from './fileNames.ts';

interface Parts {
  transact: Transact;
  jobs: Pick<Jobs, 'handle'>;
  clock: Pick<Clock, 'now'>;
  log: Pick<Logger, 'warn'>;
  /** A directory without a cache: people reload the file right after they have fixed a name. */
  openDirectory: () => Directory;
  /** The current ringdown.yaml. */
  ringdown: () => RingdownYaml;
  /** Keys of the environment. */
  apiKeys: readonly { name: string }[];
  /** What open escalations use of the file. */
  uses: () => Promise<Open>;
  /** Tells the operators. Every replica checks at its start; a notice that is already waiting is not added twice. */
  tell: (subject: string, notice: Notice) => Promise<void>;
}

const USES = 'file.uses';
const NAMES = 'file.names';
/** Pause if the directory does not answer. */
const RETRY_MS = 10 * 60_000;
const AT_A_TIME = 8;
const NOT_LOOKED_UP = 'cannot look up the people of ringdown.yaml in the directory';
/** A notice names at most this many places. */
const PLACES = 3;
/**
 * Reasons that mean a fault in the file. Licences and shifts change without it, and are reported when somebody is
 * called.
 */
const wrongInFile: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'notFound',
  'ambiguous',
  'emptyGroup',
  'noManager',
]);

/**
 * Tells the log and the operators what is wrong in ringdown.yaml: people whom the directory does not know, and names
 * that open escalations use but the file no longer has. Checked when Ringdown starts and when the file is reloaded.
 */
export class FileCheck {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(USES, { run: async () => await this.#tellGone() });
    parts.jobs.handle(NAMES, { run: async () => await this.#tellUnknown() });
  }

  /** Enqueues the check. It runs in the background, and is retried if the directory does not answer. */
  async want(): Promise<void> {
    await this.#parts.transact((work) => {
      for (const name of [USES, NAMES] as const) work.enqueue({ name, data: {} });
    });
  }

  async #tellGone(): Promise<void> {
    const { uses, ringdown, apiKeys, log, tell } = this.#parts;
    const open = await uses();
    const file = ringdown();
    for (const use of goneFrom(file, [...file.apiKeys, ...apiKeys], open)) {
      log.warn({ ...use }, 'ringdown.yaml lacks a name that open escalations use');
      await tell(`gone ${use.what} ${use.name}`, { kind: 'gone', ...use });
    }
  }

  async #tellUnknown(): Promise<void> {
    const { log, ringdown, tell } = this.#parts;
    const directory = this.#parts.openDirectory();
    const named = namedIn(ringdown());
    let unanswered = 0;
    for (let at = 0; at < named.length; at += AT_A_TIME) {
      const some = named.slice(at, at + AT_A_TIME);
      const found = await Promise.all(
        some.map(async (one) => ({ ...one, why: await this.#wrongWith(one.spec, directory) })),
      );
      const silent = found.filter(({ why }) => why === 'directoryUnavailable');
      unanswered += silent.length;
      if (at === 0 && silent.length === some.length) {
        log.warn({ unanswered: named.length }, NOT_LOOKED_UP);
        throw new TryAgainLater(RETRY_MS);
      }
      for (const { spec, places, why } of found) {
        if (why === null || why === 'directoryUnavailable') continue;
        const where = places.slice(0, PLACES).join(', ');
        // People's names are in the file and the database, not in the log.
        log.warn({ where: places, why }, 'the directory does not know somebody whom ringdown.yaml names');
        const [name = ''] = Object.values(spec);
        await tell(`not in directory ${where} ${why}`, { kind: 'notInDirectory', where, name, why });
      }
    }
    // The others were checked; these need a permission that is missing, which the doctor names.
    if (unanswered > 0) log.warn({ unanswered }, NOT_LOOKED_UP);
  }

  async #wrongWith(spec: Named['spec'], directory: Directory): Promise<SkipReason | null> {
    try {
      const { skipped } = await findNow(spec, directory, this.#parts.clock.now());
      return skipped.find(({ reason }) => wrongInFile.has(reason))?.reason ?? null;
    } catch (error) {
      const isAway = error instanceof RingdownError && error.code === 'directory_unavailable';
      if (isAway) return 'directoryUnavailable';
      throw error;
    }
  }
}

interface Open {
  ladders: OpenLadder[];
  sources: OpenSource[];
}

/** What open and acknowledged escalations use of ringdown.yaml. */
export async function usesOfOpen(sql: Sql): Promise<Open> {
  return { ladders: await openLadders(sql), sources: await openSources(sql) };
}
