import { z } from 'zod';
import { storable } from '../../database/storable.ts';
import { RingdownError } from '../../errors.ts';

/** Validation rules of the API. Each message says in one sentence what a value must be, and never repeats the value. */

const missingOr = (problem: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is missing' : problem;

/** Text that is not blank, in a form that the database can store. */
export const words = (most: number) => {
  const error = missingOr(`must be text of 1 to ${most} characters`);
  return z.string({ error }).overwrite(storable).max(most, { error }).regex(/\S/, { error });
};

export const wholeNumber = (least: number, most: number) => {
  const error = missingOr(`must be a whole number from ${least} to ${most}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** A whole number in a query string. `otherwise` is the default. */
export const numberInQuery = (least: number, most: number, otherwise: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return (
    z
      .string({ error })
      .regex(/^\d{1,9}$/, { error })
      .transform(Number)
      .pipe(z.int({ error }).min(least, { error }).max(most, { error }))
      .default(otherwise)
      // OpenAPI describes the value as a number; that query strings carry text does not matter there.
      .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most })
      .describe(`Default: ${otherwise}.`)
  );
};

export const oneOfWords = <const Words extends readonly string[]>(values: Words) =>
  z.enum(values, { error: missingOr(`must be one of ${values.join(', ')}`) });

/** An object that rejects unknown members. */
export const only = <const Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is unknown; known members: ${Object.keys(shape).join(', ')}`
        : missingOr('must be an object')(issue),
  });

interface Problem {
  /** `steps[0].targets`; empty for the whole value. */
  at: string;
  problem: string;
}

const MOST_PROBLEMS = 20;

/**
 * Parses a value with a schema.
 *
 * @param what names the whole value: `The body`
 * @throws RingdownError bad_request, listing every invalid member
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

/** One problem for each unknown member. For a union, the problems of the option that was meant. */
function flatten(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ at: pathWords([...issue.path, key]), problem: issue.message }));
  }
  if (issue.code === 'invalid_union') {
    // The option with the fewest faults is the one that was meant. If several are equal, none was.
    const fewest = Math.min(...issue.errors.map(({ length }) => length));
    const [meant, ...others] = issue.errors.filter(({ length }) => length === fewest);
    if (meant !== undefined && others.length === 0) {
      return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [{ at: pathWords(issue.path), problem: issue.message }];
}

/** Member names come from the sender, so limit their length. */
function pathWords(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 100);
}
