import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Answers, Questions } from '../database/ask.ts';
import { apartFromRequests } from '../database/lanes.ts';
import { RingdownError } from '../errors.ts';
import type { StreamBody } from '../http/route.ts';
import type { Session } from './reader.ts';
import { Round, type View } from './view.ts';

interface Parts {
  clock: Clock;
  log: Logger;
  /** Evaluates what the open views watch, in one statement. */
  ask: (questions: Questions) => Promise<Answers>;
  /** How often to ask. */
  pollMs: number;
  /** Calls the listener after each commit of this process. */
  onCommit: (listener: () => void) => void;
}

interface Limits {
  /** Of one person, and of all in this process. */
  perPerson: number;
  total: number;
}

const LIMITS: Limits = { perPerson: 20, total: 2_000 };
/** Shorter than proxies keep a silent connection. */
const ALIVE_MS = 25_000;
/** Views also change with time: calls of the last hour, who is on duty. */
const RELOAD_MS = 60_000;
/** Rights are checked again this often. */
const RENEW_MS = 30_000;
/** The least time between two rounds of loading, and between two looks for changes. */
const REST_MS = 500;
const LOOK_MS = 100;
/** Streams that open within this time share what they load first. */
const SHARED_MS = 1_000;
/** Views that load at the same time. */
const AT_ONCE = 8;

/**
 * Streams of views. While one is open, this process looks for changes and loads again what its readers show. Equal
 * readers share one load, and each gets a line only if their view differs. Without streams it does nothing.
 */
export class Live {
  readonly #parts: Parts;
  readonly #limits: Limits;
  readonly #streams = new Set<Stream>();
  readonly #seen = new WeakMap<View, Seen>();
  #round = new Round();
  #roundAt = -Infinity;
  #loadedAt = -Infinity;
  #lookedAt = -Infinity;
  #timer: unknown = null;
  #isLooking = false;
  /** There was a commit since the last look began. */
  #isWanted = false;

  constructor(parts: Parts, limits: Partial<Limits> = {}) {
    this.#parts = parts;
    this.#limits = { ...LIMITS, ...limits };
    parts.onCommit(() => this.#lookSoon());
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Opens a stream of JSON lines: `{"view": …}` now and after changes, `{"alive": true}` so that the connection stays
   * open, and at the end `{"signIn": true}` if the token has expired or the reader may not see it any more.
   *
   * @throws RingdownError not_found; rate_limited if there are too many streams
   */
  async open(view: View, id: string, session: Session): Promise<StreamBody> {
    this.#requireRoom(session);
    const stream = new Stream(view, id, session);
    // Before the first load, so that no change is missed in between.
    this.#streams.add(stream);
    try {
      const first = await view.load(session.reader, id, this.#sharedRound());
      if (first === null) throw new RingdownError('not_found');
      stream.begin(JSON.stringify(first));
    } catch (error) {
      this.#streams.delete(stream);
      throw error;
    }
    return (over) => this.#lines(stream, over);
  }

  #requireRoom({ reader }: Session): void {
    const { objectId } = reader.requester;
    const own = [...this.#streams].filter((one) => one.session.reader.requester.objectId === objectId);
    if (own.length < this.#limits.perPerson && this.#streams.size < this.#limits.total) return;
    throw new RingdownError('rate_limited', {
      detail: 'Too many open pages.',
      extra: { retryInSeconds: 60 },
    });
  }

  async *#lines(stream: Stream, over: AbortSignal): AsyncGenerator<string> {
    const { clock } = this.#parts;
    const end = (): void => stream.end();
    over.addEventListener('abort', end);
    if (over.aborted) end();
    const { expiresAt } = stream.session;
    const alive = clock.setInterval(() => stream.alive(), ALIVE_MS);
    const renew = clock.setInterval(() => void this.#renew(stream), RENEW_MS);
    const expiry =
      expiresAt === null
        ? null
        : clock.setTimeout(() => stream.signIn(), Math.max(0, expiresAt - clock.now()));
    this.#pollLater();
    try {
      yield* stream.lines();
    } finally {
      over.removeEventListener('abort', end);
      clock.clearInterval(alive);
      clock.clearInterval(renew);
      clock.clearTimeout(expiry);
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#lookAfter(0);
    }
  }

  async #renew(stream: Stream): Promise<void> {
    const before = stream.key;
    try {
      stream.session = await stream.session.renew();
      if (stream.key !== before) await load([stream], new Round());
    } catch (error) {
      // While the directory or the database does not answer, the reader keeps their rights.
      if (!isRefusal(error)) return;
      stream.signIn();
    }
  }

  /** A round that began before the last noticed change is not shared. */
  #sharedRound(): Round {
    const now = this.#parts.clock.now();
    if (now - this.#roundAt >= SHARED_MS) this.#beginRound();
    return this.#round;
  }

  #beginRound(): Round {
    this.#round = new Round();
    this.#roundAt = this.#parts.clock.now();
    return this.#round;
  }

  #lookSoon(): void {
    if (this.#streams.size === 0) return;
    this.#isWanted = true;
    if (this.#isLooking) return;
    const rest = Math.max(this.#loadedAt + REST_MS, this.#lookedAt + LOOK_MS) - this.#parts.clock.now();
    this.#lookAfter(Math.max(0, rest));
  }

  #pollLater(): void {
    if (this.#timer === null && !this.#isLooking) this.#lookAfter(this.#parts.pollMs);
  }

  #lookAfter(ms: number): void {
    const { clock } = this.#parts;
    clock.clearTimeout(this.#timer);
    this.#timer = this.#streams.size === 0 ? null : clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = null;
    this.#isLooking = true;
    this.#isWanted = false;
    this.#lookedAt = this.#parts.clock.now();
    void apartFromRequests(async () => {
      try {
        await this.#reload();
      } catch (error) {
        // While the database is away, the pages keep what they show.
        this.#parts.log.debug({ err: error }, 'cannot load the views of the console');
      } finally {
        this.#isLooking = false;
        if (this.#isWanted) this.#lookSoon();
        else this.#pollLater();
      }
    });
  }

  async #reload(): Promise<void> {
    const { clock } = this.#parts;
    const open = [...Map.groupBy(this.#streams, ({ view }) => view)];
    const questions = open.map(([view]) => [view, view.watches()] as const);
    const answers = await this.#parts.ask(
      Object.fromEntries(questions.flatMap(([, watched]) => Object.entries(watched))),
    );
    const now = clock.now();
    const tokens = new Map(
      questions.map(([view, watched]) => [
        view,
        JSON.stringify(Object.keys(watched).map((name) => answers[name])),
      ]),
    );
    const due = open.filter(([view]) => isDue(this.#seen.get(view), tokens.get(view) ?? '', now));
    if (due.length === 0) return;
    this.#loadedAt = now;
    for (const [view] of due) this.#seen.set(view, { token: tokens.get(view) ?? '', loadedAt: now });
    const round = this.#beginRound();
    const waiting = due.flatMap(([, streams]) => [...Map.groupBy(streams, ({ key }) => key).values()]);
    const failed: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let group = waiting.pop(); group; group = waiting.pop()) {
        try {
          await load(group, round);
        } catch (error) {
          if (group[0]) this.#seen.delete(group[0].view);
          failed.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failed.length > 0) throw failed[0];
  }
}

/** The state that a view has shown. */
interface Seen {
  token: string;
  loadedAt: number;
}

function isDue(seen: Seen | undefined, token: string, now: number): boolean {
  return !seen || seen.token !== token || now - seen.loadedAt >= RELOAD_MS;
}

/** Loads a view once for streams whose readers are equal. Ends them if the readers may not see it any more. */
async function load(group: readonly Stream[], round: Round): Promise<void> {
  const [first] = group;
  if (!first) return;
  // Rights that change while it loads make a stream another reader's: it loads again by itself.
  const { key } = first;
  const shown = await first.view.load(first.session.reader, first.id, round).catch(nullIfRefused);
  const readers = group.filter((stream) => stream.key === key);
  if (shown === null) {
    for (const stream of readers) stream.end();
    return;
  }
  const text = JSON.stringify(shown);
  for (const stream of readers) stream.show(text);
}

/** @throws what is not a refusal */
function nullIfRefused(error: unknown): null {
  if (isRefusal(error)) return null;
  throw error;
}

function isRefusal(error: unknown): boolean {
  return error instanceof RingdownError && error.kind.status < 500;
}

/** What one page still has to get. Only the newest view is kept, however slowly the page reads. */
class Stream {
  readonly view: View;
  readonly id: string;
  session: Session;
  #shown = '';
  #next: string | null = null;
  #isAlive = false;
  #mustSignIn = false;
  #isOver = false;
  #wake = (): void => undefined;

  constructor(view: View, id: string, session: Session) {
    this.view = view;
    this.id = id;
    this.session = session;
  }

  /** Equal for streams that show the same. */
  get key(): string {
    const { requester, seesAll, operates, texts, timeZone } = this.session.reader;
    const { objectId, name } = requester;
    const { locale } = texts.format;
    return JSON.stringify([this.view.name, this.id, objectId, name, seesAll, operates, locale, timeZone]);
  }

  /** Shows what the first load has found, unless a later one was faster. */
  begin(text: string): void {
    if (this.#next === null) this.show(text);
  }

  show(text: string): void {
    this.#next = text === this.#shown ? null : text;
    if (this.#next !== null) this.#wake();
  }

  alive(): void {
    this.#isAlive = true;
    this.#wake();
  }

  signIn(): void {
    this.#mustSignIn = true;
    this.end();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *lines(): AsyncGenerator<string> {
    for (;;) {
      const line = this.#take();
      if (line !== null) yield line;
      else if (this.#isOver) return;
      else await this.#woken();
    }
  }

  #take(): string | null {
    if (this.#isOver) {
      const mustSignIn = this.#mustSignIn;
      this.#mustSignIn = false;
      return mustSignIn ? '{"signIn":true}\n' : null;
    }
    if (this.#next !== null) {
      this.#shown = this.#next;
      this.#next = null;
      this.#isAlive = false;
      return `{"view":${this.#shown}}\n`;
    }
    const isAlive = this.#isAlive;
    this.#isAlive = false;
    return isAlive ? '{"alive":true}\n' : null;
  }

  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
