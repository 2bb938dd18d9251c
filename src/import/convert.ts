import { readRingdownYaml } from '../config/ringdownYaml.ts';
import { carry, type Carried } from './carry.ts';
import { NotAnExport } from './exportFile.ts';
import type { Source, System } from './source.ts';
import type { TurnRotation } from './turns.ts';
import { writeYaml } from './writeYaml.ts';

const ANY_ROTATION: TurnRotation = {
  members: ['adele@contoso.example'],
  every: 604_800_000,
  handover: { weekday: 1, hour: 9, minute: 0 },
  timeZone: 'UTC',
};

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
  // The schema does not know {ical: …} yet, so the file is checked with another rotation in its place.
  const standIn = carried.rotations.map((one) =>
    one.duty.kind === 'calendar' ? { ...one, duty: { kind: 'turns' as const, rotation: ANY_ROTATION } } : one,
  );
  readRingdownYaml(writeYaml(system, { ...carried, rotations: standIn }, now), {});
  return { yaml: writeYaml(system, carried, now), carried };
}
