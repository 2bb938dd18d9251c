import assert from 'node:assert/strict';
import { builtInPeople } from '../../../emulator/people/builtIn.ts';
import { plainIn } from './plain.ts';

/** What people wrote, and their names: both are shown as they are. */
export const foreign = [
  ...builtInPeople.map(({ displayName }) => displayName),
  'Engineer',
  'Payments',
  'Retail Manager',
  'Nadia',
  'ci',
  'tests',
  'payments',
  'website',
  'empty',
  'The build is red',
  'Checkout errors over 5 %',
  'Checkout errors',
  'Since 02:58; 312 failed payments.',
  'dashboard',
  'Restarted it',
  'red',
];

/** Everything shown comes from a catalogue, except what people wrote. */
export function isWhole(shown: unknown, what: string): void {
  assert.deepEqual(plainIn(shown, foreign), [], what);
}
