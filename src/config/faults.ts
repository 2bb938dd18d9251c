/** One wrong setting. None of the words holds the value itself: it may be a secret. */
export interface ConfigFault {
  /** The variable, or for a file `ringdown.yaml:12:5 policies.payments.steps[0].tries`. */
  name: string;
  problem: string;
  /** A right value, as it would be written. Empty where none helps. */
  example: string;
}

/** The configuration is wrong: everything that is wrong in it, at once. */
export class ConfigFaults extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(
      ({ name, problem, example }) =>
        `  ${name}: ${problem}${example === '' ? '' : `, for example: ${example}`}`,
    );
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    super(`The configuration has ${count}:\n${lines.join('\n')}`);
    this.name = 'ConfigFaults';
    this.faults = faults;
  }
}
