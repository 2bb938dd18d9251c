/**
 * Questions never act: "ack?" asks whether somebody has acknowledged. A polite request such as "could you call Adele?"
 * does act, but not even that silences an alert, ends a call or resumes calls. This holds for commands in every
 * language. Pure.
 */
import type { Command } from './command.ts';

/** How a command was phrased. */
export type Mood = 'plain' | 'request' | 'question';

/** Question marks. */
const marks = /[?？﹖؟՞፧⁇⁈⁉‽¿❓❔🤔]/u;
/** The Greek question mark, which Unicode normalises to a semicolon. It counts only in Greek text. */
const greekMark = /[;\u037E]\s*$/u;
const greek = /\p{Script=Greek}/u;

/**
 * @param said the words without the message to speak: a question in the message is for the callee.
 * @param isRequest "could you …", "…, would you?"
 */
export function moodOf(said: string, isRequest: boolean): Mood {
  if (isRequest) return 'request';
  return marks.test(said) || (greek.test(said) && greekMark.test(said)) ? 'question' : 'plain';
}

/** Removes the question marks. */
export function withoutMarks(said: string): string {
  return said
    .replace(new RegExp(`[\\s("]*${marks.source}[!)]*`, 'gu'), '')
    .replace(greekMark, '')
    .trim();
}

/** The moods in which each command is carried out. Commands that change nothing are carried out in all of them. */
const carriedOut: Readonly<Record<Command['kind'], 'always' | 'requested' | 'plain'>> = {
  call: 'requested',
  callSeveral: 'requested',
  escalate: 'requested',
  test: 'requested',
  cover: 'requested',
  swap: 'requested',
  stopCallingMe: 'requested',
  allowCalls: 'requested',
  forgetMe: 'requested',
  myCalendar: 'requested',
  myCalendarOff: 'requested',
  language: 'requested',
  // These affect others: an alert goes silent, or many phones ring.
  acknowledge: 'plain',
  resolve: 'plain',
  hangUp: 'plain',
  pause: 'plain',
  resume: 'plain',
  choice: 'plain',
  status: 'always',
  history: 'always',
  whoIs: 'always',
  onCall: 'always',
  languages: 'always',
  help: 'always',
  greeting: 'always',
  thanks: 'always',
  incomplete: 'always',
  outsideTeams: 'always',
  limit: 'always',
  empty: 'always',
  tooLong: 'always',
  question: 'always',
  unknown: 'always',
};

/** Marks of an item on a list that is done or dropped: "call Adele ✅", "~~call Adele~~". */
const ticks = /[✅☑✓✔❌✖❎🚫]|~~/u;
const calls: ReadonlySet<Command['kind']> = new Set(['call', 'callSeveral', 'escalate', 'test']);

/** @param said the words without the message to speak */
export const isTickedOff = ({ kind }: Command, said: string): boolean => calls.has(kind) && ticks.test(said);

/** Whether a command only asks for information, or for nothing. */
export const changesNothing = ({ kind }: Command): boolean => carriedOut[kind] === 'always';

export function isCarriedOut({ kind }: Command, mood: Mood): boolean {
  const rule = carriedOut[kind];
  return mood === 'plain' || rule === 'always' || (mood === 'request' && rule === 'requested');
}
