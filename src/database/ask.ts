import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from './schema.ts';

/** Expressions by the names of their results. */
export type Questions = Readonly<Record<string, RawBuilder<unknown>>>;
export type Answers = Readonly<Record<string, unknown>>;

/** Evaluates all of them in one statement. */
export async function ask(sql: Kysely<Schema>, questions: Questions): Promise<Answers> {
  const asked = Object.entries(questions).map(([name, question]) => raw`${question} AS ${raw.ref(name)}`);
  if (asked.length === 0) return {};
  const { rows } = await raw<Answers>`SELECT ${raw.join(asked)}`.execute(sql);
  return rows[0] ?? {};
}

/** A question about a key. `ask` gives an expression whose value is a JSON object with the answers by their keys. */
export interface KeyQuestion {
  key: string;
  ask: (keys: readonly string[]) => RawBuilder<unknown>;
}

/** One question for all that ask the same. `answerTo` finds the answer about a key; undefined if there is none. */
export function keyQuestions(all: readonly KeyQuestion[]): {
  questions: Questions;
  answerTo: (question: KeyQuestion | undefined, answers: Answers) => unknown;
} {
  const asked = [...Map.groupBy(all, ({ ask: own }) => own)];
  const questions = new Map(
    asked.map(([own, same], nth) => [`keys${nth}`, own(same.map(({ key }) => key))] as const),
  );
  return {
    questions: Object.fromEntries(questions),
    answerTo: (question, answers) => {
      const nth = asked.findIndex(([own]) => own === question?.ask);
      const found = answers[`keys${nth}`];
      const own: Readonly<Record<string, unknown>> = { ...(typeof found === 'object' ? found : null) };
      return question && own[question.key];
    },
  };
}
