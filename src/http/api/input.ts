import { z } from 'zod';
import { storable } from '../../database/storable.ts';
import { RingdownError } from '../../errors.ts';

/** Rules for what comes in through the API; each says in one sentence what a value must be, and never repeats it. */

const missingOr = (problem: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is missing' : problem;

/** Text that is not blank, as the database can keep it. */
export const words = (most: number) => {
  const error = missingOr(`must be text of 1 to ${most} characters`);
  return z.string({ error }).overwrite(storable).max(most, { error }).regex(/\S/, { error });
};

export const wholeNumber = (least: number, most: number) => {
  const error = missingOr(`must be a whole number from ${least} to ${most}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** A whole number as a query string has it; `otherwise` when it is not given. */
export const numberInQuery = (least: number, most: number, otherwise: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return (
    z
      .string({ error })
      .regex(/^\d{1,9}$/, { error })
      .transform(Number)
      .pipe(z.int({ error }).min(least, { error }).max(most, { error }))
      .default(otherwise)
      // As OpenAPI has it: what a number looks like in an address is its own affair.
      .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most })
      .describe(`${otherwise} if it is not given.`)
  );
};

export const oneOfWords = <const Words extends readonly string[]>(values: Words) =>
  z.enum(values, { error: missingOr(`must be one of ${values.join(', ')}`) });

/** An object that knows its members. */
export const only = <const Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known; known are ${Object.keys(shape).join(', ')}`
        : missingOr('must be an object')(issue),
  });

interface Problem {
  /** `steps[0].targets`; empty for the whole. */
  at: string;
  problem: string;
}

const MOST_PROBLEMS = 20;

/**
 * What the schema makes of a value.
 *
 * @param what names the whole: `The body`
 * @throws RingdownError bad_request, which names every member that is wrong
 */
export function parse<Output>(schema: z.ZodType<Output>, value: unknown, what: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = [...new Map(parsed.error.issues.flatMap(flatten).map((one) => [one.at, one])).values()];
  const shown = problems.slice(0, MOST_PROBLEMS);
  throw new RingdownError('bad_request', {
    detail: shown.map(({ at, problem }) => `${at || what} ${problem}`).join('; '),
    extra: { errors: shown },
  });
}

/** One problem for each unknown member; of several possible forms, what is wrong with the one that was meant. */
function flatten(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ at: pathWords([...issue.path, key]), problem: issue.message }));
  }
  if (issue.code === 'invalid_union') {
    // The form that was meant has fewer faults than the others; with several alike, none was.
    const fewest = Math.min(...issue.errors.map(({ length }) => length));
    const [meant, ...others] = issue.errors.filter(({ length }) => length === fewest);
    if (meant !== undefined && others.length === 0) {
      return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [{ at: pathWords(issue.path), problem: issue.message }];
}

/** Members are named by the sender: what they are called is cut. */
function pathWords(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 100);
}
