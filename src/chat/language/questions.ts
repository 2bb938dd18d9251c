/**
 * A question never acts: "ack?" asks whether somebody has it. Only "could you call Adele?" is a wish in the form of a
 * question, and not even that silences an alert or lets calls go. Asked of every command, in whatever language it was
 * read. Pure.
 */
import type { Command } from './command.ts';

/** How a command was put. */
export type Mood = 'plain' | 'request' | 'question';

/** Marks of a question. */
const marks = /[?？﹖؟՞፧⁇⁈⁉‽¿❓❔🤔]/u;
/** Greek ends a question with what Unicode makes a semicolon; in other languages that is punctuation like any other. */
const greekMark = /[;\u037E]\s*$/u;
const greek = /\p{Script=Greek}/u;

/**
 * @param said the words without the message that is to be spoken: a question in that is for the callee.
 * @param isRequest "could you …", "…, would you?"
 */
export function moodOf(said: string, isRequest: boolean): Mood {
  if (isRequest) return 'request';
  return marks.test(said) || (greek.test(said) && greekMark.test(said)) ? 'question' : 'plain';
}

/** The same words without what makes a question of them. */
export function withoutMarks(said: string): string {
  return said
    .replace(new RegExp(`[\\s("]*${marks.source}[!)]*`, 'gu'), '')
    .replace(greekMark, '')
    .trim();
}

/** Which moods a command is carried out in; those that change nothing in all of them. */
const carriedOut: Readonly<Record<Command['kind'], 'always' | 'requested' | 'plain'>> = {
  call: 'requested',
  callSeveral: 'requested',
  escalate: 'requested',
  test: 'requested',
  cover: 'requested',
  stopCallingMe: 'requested',
  allowCalls: 'requested',
  forgetMe: 'requested',
  // What these do is done to others: an alert falls silent, or phones of many begin.
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

/** Asks for nothing, or only to be told something. */
export const changesNothing = ({ kind }: Command): boolean => carriedOut[kind] === 'always';

export function isCarriedOut({ kind }: Command, mood: Mood): boolean {
  const rule = carriedOut[kind];
  return mood === 'plain' || rule === 'always' || (mood === 'request' && rule === 'requested');
}
