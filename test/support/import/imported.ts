import assert from 'node:assert/strict';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import type { RingdownYaml } from '../../../src/config/ringdownSchema.ts';
import { convert } from '../../../src/import/convert.ts';
import { systems } from '../../../src/import/systems.ts';
import type { TurnRotation } from '../../../src/schedules/onDuty.ts';

/** The time of the import. */
const NOW = Date.parse('2026-11-30T12:00:00Z');

/**
 * What the command makes of an export: the text, the file as Ringdown reads it, and the list of losses
 * (`about: why`). `rotations` are those whose members take turns.
 */
export function imported(
  key: string,
  content: object | string,
  now = NOW,
): { yaml: string; file: RingdownYaml; rotations: Record<string, TurnRotation>; losses: string[] } {
  const found = systems.find(({ system }) => system.key === key);
  assert.ok(found);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const { yaml, carried } = convert(found.system, found.read, text, now);
  const losses = carried.losses.map(({ about, why }) => `${about}: ${why}`);
  for (const loss of losses) assert.ok(yaml.includes(`# - ${loss}.`), loss);
  const calendars = Object.fromEntries(
    [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [name, 'https://calendar.example/a.ics']),
  );
  const file = readRingdownYaml(yaml, calendars);
  const rotations: Record<string, TurnRotation> = {};
  for (const [name, one] of Object.entries(file.rotations)) {
    if ('members' in one) rotations[name] = { ...one, timeZone: one.timeZone ?? file.timeZone };
  }
  return { yaml, file, rotations, losses };
}
