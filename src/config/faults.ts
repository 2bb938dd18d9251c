/** One wrong setting. No field contains the value: it may be a secret. */
export interface ConfigFault {
  /** The variable, or a place in the file: `ringdown.yaml:12:5 policies.payments.steps[0].tries`. */
  name: string;
  problem: string;
  /** A valid value, as it would be written. Empty if an example does not help. */
  example: string;
}

/** The configuration is invalid. Lists every fault at once. */
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
