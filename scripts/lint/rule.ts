import { relative, sep } from 'node:path';
import type { RuleTester } from 'oxlint/plugins-dev';

/** An oxlint rule, as JS plugins define them. */
export type Rule = Exclude<Parameters<RuleTester['run']>[1], { createOnce: unknown }>;
type Context = Parameters<Rule['create']>[0];
type Visitor = ReturnType<Rule['create']>;
type NodeOf<Name extends keyof Visitor> = Parameters<NonNullable<Visitor[Name]>>[0];
export type Call = NodeOf<'CallExpression'>;
export type TaggedTemplate = NodeOf<'TaggedTemplateExpression'>;
export type Expression = Call['arguments'][number];

/** The file's path, relative to the folder that oxlint was started in: `src/calls/call.ts`. */
export function pathOf({ cwd, filename }: Context): string {
  return relative(cwd, filename).replaceAll(sep, '/');
}

/** The value of a string literal; null if the string is computed. */
export function textOf(node: Expression): string | null {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return null;
  return node.quasis[0]?.value.raw ?? null;
}
