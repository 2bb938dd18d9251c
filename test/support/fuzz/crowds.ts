import fc from 'fast-check';

/** How many are sent at once. */
const SIZE = 25;

/**
 * A property of requests that are sent many at once: one after another, most of the time would be spent waiting. If a
 * batch fails, each request is tried alone, and the failing one is shrunk.
 *
 * @param numRuns the total number of requests, besides the examples
 */
export async function inCrowds<Case>(
  one: fc.Arbitrary<Case>,
  { numRuns, examples = [] }: { numRuns: number; examples?: readonly Case[] },
  send: (crowd: Case[]) => Promise<void>,
): Promise<void> {
  const first = Array.from({ length: Math.ceil(examples.length / SIZE) }, (_, at): [Case[]] => [
    examples.slice(at * SIZE, (at + 1) * SIZE),
  ]);
  await fc.assert(fc.asyncProperty(new Crowd(one), send), {
    numRuns: first.length + Math.ceil(numRuns / SIZE),
    examples: first,
  });
}

class Crowd<Case> extends fc.Arbitrary<Case[]> {
  readonly #one: fc.Arbitrary<Case>;

  constructor(one: fc.Arbitrary<Case>) {
    super();
    this.#one = one;
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<Case[]> {
    return crowdOf(Array.from({ length: SIZE }, () => this.#one.generate(random, bias)));
  }

  canShrinkWithoutContext(value: unknown): value is Case[] {
    return Array.isArray(value) && value.length > 1;
  }

  shrink(crowd: Case[], made: unknown): fc.Stream<fc.Value<Case[]>> {
    const contexts: readonly unknown[] = Array.isArray(made) ? made : [];
    const members = crowd.map((member, at) => new fc.Value(member, contexts[at]));
    const [only] = members;
    if (!only || members.length > 1) return fc.stream(members.map((member) => crowdOf([member])).values());
    return this.#one.shrink(only.value, only.context).map((smaller) => crowdOf([smaller]));
  }
}

/** Shrinking needs to know how each was generated. */
function crowdOf<Case>(members: readonly fc.Value<Case>[]): fc.Value<Case[]> {
  return new fc.Value(
    members.map(({ value }) => value),
    members.map(({ context }) => context),
  );
}
