import { Document, isMap, isScalar, isSeq, Scalar } from 'yaml';
import type { Pair } from 'yaml';
import type { Carried, CarriedRotation, CarriedStep } from './carry.ts';
import type { System } from './source.ts';
import type { TurnRotation } from '../schedules/onDuty.ts';
import { DAY_MS, WEEK_MS } from './turns.ts';

const HOUR_MS = 3_600_000;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LINE_WIDTH = 110;

/**
 * The file: readable, with comments where somebody should look. Addresses of calendars are read from the environment.
 *
 * @param now epoch milliseconds
 */
export function writeYaml(system: System, { rotations, policies, losses }: Carried, now: number): string {
  const document = new Document({
    ...(rotations.length > 0
      ? { rotations: Object.fromEntries(rotations.map(({ name, duty }) => [name, dutyOf(duty)])) }
      : {}),
    ...(policies.length > 0
      ? {
          policies: Object.fromEntries(
            policies.map(({ name, steps, repeat }) => [name, { steps: steps.map(stepOf), repeat }]),
          ),
        }
      : {}),
  });
  separateSections(document);
  comment(document.get('rotations'), rotations);
  comment(document.get('policies'), policies);
  document.commentBefore = [
    `Written by \`npm run import -- ${system.key}\` from an export of ${system.name}, ${new Date(now).toISOString().slice(0, 10)}.`,
    'Read it before you use it; docs/import.md explains it. A pause begins when the calls of its step have ended;',
    `in ${system.name} the time runs while the phones ring. \`tries\` says how often a step calls each person.`,
    ...(losses.length > 0 ? ['', 'Not carried over, or to be checked:', ...losses.map(lossLine)] : []),
  ]
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
  return document.toString({
    lineWidth: LINE_WIDTH,
    flowCollectionPadding: false,
    commentString: commentLines,
  });
}

export function lossLine({ about, why }: Carried['losses'][number]): string {
  return `- ${about}: ${why}.`;
}

/** Every line of a comment, also empty ones. */
function commentLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `#${line}`)
    .join('\n');
}

function dutyOf(duty: CarriedRotation['duty']): object {
  if (duty.kind === 'calendar') {
    const address = new Scalar(`\${${duty.variable}}`);
    address.type = Scalar.QUOTE_DOUBLE;
    return { ical: address };
  }
  const { members, every, handover, timeZone } = duty.rotation;
  return { members, every: durationOf(every), handover: handoverWords(handover), timeZone };
}

function stepOf({ targets, mode, pauseSeconds }: CarriedStep): object {
  return {
    targets,
    ...(targets.length > 1 || mode === 'parallel' ? { mode } : {}),
    tries: 1,
    ...(pauseSeconds > 0 ? { pauseSeconds } : {}),
  };
}

/** Whole hours in the largest unit: `2w`, `1d`, `12h`. */
function durationOf(ms: number): string {
  if (ms % WEEK_MS === 0) return `${ms / WEEK_MS}w`;
  return ms % DAY_MS === 0 ? `${ms / DAY_MS}d` : `${ms / HOUR_MS}h`;
}

function handoverWords({ weekday, hour, minute }: TurnRotation['handover']): string {
  const [hours, minutes] = [hour, minute].map((number) => String(number).padStart(2, '0'));
  return `${weekdays[weekday - 1] ?? ''} ${hours}:${minutes}`;
}

/** A blank line between `rotations` and `policies`. */
function separateSections({ contents }: Document): void {
  if (!isMap(contents)) return;
  for (const pair of contents.items.slice(1)) {
    const key = new Scalar(isScalar(pair.key) ? pair.key.value : pair.key);
    key.spaceBefore = true;
    pair.key = key;
  }
}

/** Adds the notes of each entry above it, and writes lists of people and targets on one line if they fit. */
function comment(section: unknown, entries: readonly { name: string; notes: readonly string[] }[]): void {
  if (!isMap(section)) return;
  // JavaScript puts names that are numbers first.
  const notesOf = new Map(entries.map(({ name, notes }) => [name, notes]));
  for (const [index, pair] of section.items.entries()) {
    const key = new Scalar(isScalar(pair.key) ? pair.key.value : pair.key);
    const notes = notesOf.get(String(key.value)) ?? [];
    if (notes.length > 0) key.commentBefore = notes.map((note) => ` ${note}`).join('\n');
    key.spaceBefore = index > 0;
    pair.key = key;
    onOneLine(pair);
  }
}

function onOneLine({ value }: Pair): void {
  if (!isMap(value)) return;
  const members = value.get('members', true);
  if (isSeq(members)) members.flow = true;
  const steps: unknown = value.get('steps', true);
  if (!isSeq(steps)) return;
  for (const step of steps.items) {
    const targets: unknown = isMap(step) ? step.get('targets', true) : undefined;
    if (isSeq(targets)) targets.flow = true;
  }
}
