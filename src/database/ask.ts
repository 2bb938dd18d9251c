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
