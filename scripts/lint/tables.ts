import type { Schema } from '../../src/database/schema.ts';
import { pathOf, textOf, type Call, type Expression, type Rule, type TaggedTemplate } from './rule.ts';

/** The folder of src/ that owns each table. Only its owner may have SQL on a table. */
export const owners: Readonly<Record<keyof Schema, string>> = {
  alerts: 'alerts',
  all_covers: 'schedules',
  audit: 'permissions',
  calendars: 'schedules',
  calendar_links: 'schedules',
  call_events: 'calls',
  call_timeline: 'calls',
  calls: 'calls',
  card_deliveries: 'chat',
  cards: 'chat',
  chat_activities: 'chat',
  choices: 'chat',
  conversations: 'chat',
  cover_spans: 'schedules',
  covers: 'schedules',
  escalation_timeline: 'escalations',
  escalations: 'escalations',
  exchanges: 'schedules',
  grid_events: 'telephony',
  heartbeats: 'alerts',
  idempotency: 'http',
  intake: 'alerts',
  jobs: 'database',
  languages: 'languages',
  operator_notices: 'operations',
  opt_outs: 'permissions',
  pace: 'calls',
  processes: 'database',
  request_limits: 'http',
  request_times: 'http',
  settings: 'database',
  spoken_alerts: 'alerts',
  talk_identities: 'telephony',
  talk_links: 'talk',
  user_identities: 'telephony',
  webhook_deliveries: 'webhooks',
};

/** Files that still have SQL on tables of other rooms, with the reason. */
export const allowed: readonly { file: string; tables: readonly (keyof Schema)[]; because: string }[] = [
  {
    file: 'src/escalations/concerning.ts',
    tables: ['cards'],
    because: 'an escalation concerns the people who have its card',
  },
  {
    file: 'src/alerts/known.ts',
    tables: ['cards', 'conversations'],
    because: 'one statement finds what a person has seen or heard of an escalation',
  },
];

/** Kysely methods that take one table or several. */
const methods =
  /^((select|delete|merge)From|(insert|replace)Into|updateTable|(inner|left|right|full|cross)Join(Lateral)?|from|into|using|table)$/;
/** Kysely methods whose argument is always a table. */
const tablesOnly = /^((select|delete|merge)From|(insert|replace)Into|updateTable)$/;
/** Client methods that take SQL as a string. */
const statements = /^(query|exec|raw)$/;
/** What precedes a table in a statement. The last pattern is a list: `FROM one AS first, `. */
const before =
  /(?:\b(?:from|join|into|update|using|table|only)\s+|::|\b(?:from|using)\s(?:(?!\b(?:where|group|having|order|limit|on)\b)[\w\s".,])*,\s*)"?$/i;

const isTable = (name: string): name is keyof Schema => Object.hasOwn(owners, name);

function namedIn(sql: string): string[] {
  return [...sql.matchAll(/\w+/g)].flatMap(({ 0: word, index }) =>
    isTable(word.toLowerCase()) && before.test(sql.slice(0, index)) ? [word.toLowerCase()] : [],
  );
}

function namedBy(argument: Expression): string[] {
  if (argument.type === 'ArrayExpression')
    return argument.elements.flatMap((one) => (one === null ? [] : namedBy(one)));
  const text = textOf(argument);
  return text === null ? [] : [text.split(/\s/, 1)[0] ?? ''];
}

function methodOf({ callee }: Call): string {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return '';
  return callee.property.name;
}

/**
 * The oxlint rule: a room may use SQL only on its own tables. Checks Kysely's methods, sql`…`, and statement strings.
 */
export const tables: Rule = {
  create(context) {
    const file = pathOf(context);
    const room = /^src\/([^/]+)\//.exec(file)?.[1] ?? '';
    if (!file.startsWith('src/') || file.startsWith('src/database/migrations/')) return {};
    const spared = allowed.filter((one) => file === one.file).flatMap((one) => one.tables);
    const check = (node: Call | TaggedTemplate, names: readonly string[]): void => {
      for (const name of new Set(names)) {
        if (!isTable(name) || owners[name] === room || spared.includes(name)) continue;
        context.report({
          node,
          message: `the table ${name} belongs to src/${owners[name]}: no other room has SQL on it`,
        });
      }
    };
    return {
      TaggedTemplateExpression(node) {
        check(node, namedIn(node.quasi.quasis.map(({ value }) => value.raw).join(' ? ')));
      },
      CallExpression(node) {
        const method = methodOf(node);
        const [first] = node.arguments;
        if (first === undefined) return;
        if (statements.test(method)) check(node, namedIn(textOf(first) ?? ''));
        if (!methods.test(method)) return;
        check(node, namedBy(first));
        if (tablesOnly.test(method) && first.type === 'Identifier')
          context.report({
            node,
            message: 'write the table name as a literal, so that this check can read it',
          });
      },
    };
  },
};
