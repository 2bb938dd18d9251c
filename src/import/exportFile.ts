import { DateTime } from 'luxon';
import { z } from 'zod';
import { missingOr } from '../config/rules.ts';

/** The file is not an export that can be read. The message says where and why, and repeats nothing secret. */
export class NotAnExport extends Error {
  override name = 'NotAnExport';
}

/** Text that may be empty. */
export const text = () => z.string({ error: missingOr('must be text') });
export const optionalText = () => text().nullish();
export const list = <T extends z.ZodType>(entry: T, advice = '') =>
  z.array(entry, {
    error: (issue) => `${missingOr('must be a list')(issue)}${advice === '' ? '' : `; ${advice}`}`,
  });
export const number = () => z.number({ error: missingOr('must be a number') });
export const boolean = () => z.boolean({ error: missingOr('must be true or false') });
export const group = <const T extends z.ZodRawShape>(shape: T) =>
  z.object(shape, { error: missingOr('must be a group of keys and values') });

/** A time as ISO 8601. */
export const time = () =>
  text().refine((value) => DateTime.fromISO(value).isValid, { error: 'must be a date and a time' });

/**
 * Reads the lists of an export: one JSON object, whose keys are the names of the API's lists. A list may also be given
 * as the API's answer (`{"results": […]}`, `{"data": […]}`, `{"users": […]}`), or as a list of such answers, one for
 * each page.
 *
 * @param schema the lists. Those that may be missing have a default
 * @throws NotAnExport
 */
export function readLists<Shape extends z.ZodRawShape>(
  source: string,
  schema: z.ZodObject<Shape>,
): z.output<z.ZodObject<Shape>> {
  const raw = parseJson(source);
  const names = Object.keys(schema.shape);
  const required = names.filter((name) => !z.safeParse(schema.shape[name] ?? z.never(), undefined).success);
  if (!isObject(raw)) {
    throw new NotAnExport(`it must be one JSON object with the lists ${required.join(', ')}`);
  }
  const missing = required.filter((name) => raw[name] === undefined);
  if (missing.length > 0) {
    const are = missing.length === 1 ? 'the list is' : 'the lists are';
    throw new NotAnExport(`${are} missing: ${missing.join(', ')}. An empty list is []`);
  }
  const lists = names.map((name) => [name, withoutRepeats(entriesOf(name, raw[name]))] as const);
  const parsed = schema.safeParse(Object.fromEntries(lists));
  if (!parsed.success) throw new NotAnExport(parsed.error.issues.slice(0, MAX_ISSUES).map(words).join('\n'));
  return parsed.data;
}

/** The faults that are listed; the others are mostly the same one. */
const MAX_ISSUES = 10;

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    // The message of JSON.parse quotes the file.
    const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
    if (position === undefined) throw new NotAnExport('it is not JSON: it ends too early');
    const before = source.slice(0, Number(position)).split('\n');
    throw new NotAnExport(
      `it is not JSON: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`,
    );
  }
}

/** The entries of a list, however it was put into the file. */
function entriesOf(name: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  const pages = pagesOf(name, value);
  if (pages === null) return value;
  if (saysMore(pages.at(-1))) {
    throw new NotAnExport(`${name}: the last page says that there are more entries. Export all pages`);
  }
  return pages.flatMap((page) => entriesOfPage(name, page) ?? []);
}

/** The pages of a list; null if the value is no page and no list of pages. */
function pagesOf(name: string, value: unknown): unknown[] | null {
  if (entriesOfPage(name, value) !== null) return [value];
  if (!Array.isArray(value) || value.length === 0) return null;
  return value.every((page) => entriesOfPage(name, page) !== null) ? value : null;
}

function entriesOfPage(name: string, page: unknown): unknown[] | null {
  if (!isObject(page) || 'id' in page) return null;
  const entries = page['results'] ?? page['data'] ?? page[name];
  return Array.isArray(entries) ? entries : null;
}

/** Grafana OnCall: `next`; Opsgenie: `paging.next`; PagerDuty: `more`. */
function saysMore(page: unknown): boolean {
  if (!isObject(page)) return false;
  const { next, paging, more } = page;
  return Boolean(next) || more === true || (isObject(paging) && Boolean(paging['next']));
}

/** If the export changed while its pages were read, an entry may be on two of them. */
function withoutRepeats(entries: unknown): unknown {
  if (!Array.isArray(entries)) return entries;
  const seen = new Set<unknown>();
  return entries.filter((entry: unknown) => {
    const id = isObject(entry) ? entry['id'] : undefined;
    if (id === undefined || !seen.has(id)) {
      seen.add(id);
      return true;
    }
    return false;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `schedules, entry 3, schedule_layers: is missing` */
function words({ path, message }: z.core.$ZodIssue): string {
  const place = path.map((step) => (typeof step === 'number' ? `entry ${step + 1}` : String(step)));
  return `${place.join(', ')}: ${message}`;
}
