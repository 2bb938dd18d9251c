import { readRingdownYaml } from '../config/ringdownYaml.ts';
import { carry, type Carried } from './carry.ts';
import { NotAnExport } from './exportFile.ts';
import type { Source, System } from './source.ts';
import { writeYaml } from './writeYaml.ts';

/** In place of the addresses, which are in the environment of Ringdown and not here. */
const ANY_CALENDAR = 'https://calendar.example/duty.ics';

export interface Converted {
  yaml: string;
  carried: Carried;
}

/**
 * Turns an export into the text of a ringdown.yaml that Ringdown accepts.
 *
 * @param read the reader of the system
 * @param text the export
 * @param now epoch milliseconds
 * @throws NotAnExport also if there is nothing to carry over
 * @throws ConfigFaults if Ringdown would refuse the file: a fault in this program
 */
export function convert(
  system: System,
  read: (text: string, now: number) => Source,
  text: string,
  now: number,
): Converted {
  const carried = carry(system, read(text, now), now);
  if (carried.rotations.length === 0 && carried.policies.length === 0) {
    const losses = carried.losses.map(({ about, why }) => `\n${about}: ${why}`);
    throw new NotAnExport(`it has no schedule and no policy that can be carried over${losses.join('')}`);
  }
  const yaml = writeYaml(system, carried, now);
  const variables = carried.rotations.flatMap(({ duty }) => (duty.kind === 'calendar' ? duty.variable : []));
  readRingdownYaml(yaml, Object.fromEntries(variables.map((name) => [name, ANY_CALENDAR])));
  return { yaml, carried };
}
