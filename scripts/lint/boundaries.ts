import { posix } from 'node:path';
import { pathOf, textOf, type Expression, type Rule } from './rule.ts';

/**
 * Who may import what. `from` and `to` match paths in the repository (`src/calls/call.ts`); a package is
 * `npm:<name>`, a built-in module `node:<name>`. oxlint's own no-restricted-imports ignores `import()`, and does not
 * resolve relative paths.
 */
export interface Boundary {
  rule: string;
  from: RegExp;
  /** Files that the rule does not apply to. */
  except?: RegExp;
  to: RegExp;
  /** Allow `import type` and `export type … from`: they load nothing at runtime. */
  typesAllowed?: true;
}

const code = /^(src|emulator|demo|bench|scripts)\//;
const pure =
  /^src\/(config\/(lookUp|clouds|guids|teamsLinks|phone(Numbers|Library))|calls\/(call|callee|captures|dispositions|callAgain|telephony|timeline|timelineCatalogue|(lifecycle|purposes)\/.+)|escalations\/(escalation|possibleActs|timeline|ladder\/.+|words|disturbances|optOuts|phoneTargets|mobileNumber)|chat\/(language\/(?!times\.)|cards\/renderers\/).+|directory\/(matching|nameFit|textQuery|folding|callable|presence|spellings)|permissions\/rules|privacy\/anonymise|languages\/names|alerts\/(signal|prometheusGroup|alertmanager|grafana|azureMonitor|azureContexts|azureWords|heartbeatGrace|pagerDuty|formats|bundling|episodes|overview)|texts\/.+)\.ts$/;

export const boundaries: readonly Boundary[] = [
  {
    rule: 'only src/chat imports botbuilder, so that it can be replaced in one folder',
    from: code,
    except: /^(src\/chat|bench\/peers)\//,
    to: /^npm:(botbuilder|botframework-)/,
  },
  {
    rule: 'within src/chat only connector/ and turn/ load botbuilder',
    from: /^src\/chat\//,
    except: /^src\/chat\/(connector|turn)\//,
    to: /^npm:(botbuilder|botframework-)/,
    typesAllowed: true,
  },
  {
    rule: 'only src/http imports restify',
    from: code,
    except: /^(src\/http|bench\/peers)\//,
    to: /^npm:restify(-|$)/,
  },
  {
    rule: 'code for browsers loads of the server only what is pure: the readers of texts',
    from: /^src\/(talk|console)\/browser\//,
    to: /^(node:|src\/(?!(talk|console)\/browser\/|texts\/(formats|textsIn)\.ts$))/,
    typesAllowed: true,
  },
  {
    rule: 'the server loads nothing that is for browsers: it serves the built files',
    from: /^src\//,
    except: /^src\/(talk|console)\/browser\//,
    to: /^src\/(talk|console)\/browser\//,
  },
  {
    rule: 'only two files import OpenTelemetry, and they are loaded only if tracing is on',
    from: code,
    except: /^src\/operations\/tracing\/(openTelemetry|applicationInsights)\.ts$/,
    to: /^npm:@(opentelemetry\/|azure\/monitor-opentelemetry-exporter)/,
  },
  {
    rule: 'OpenTelemetry is loaded only by the file that checks whether tracing is on',
    from: code,
    except: /^src\/operations\/tracing\/(tracing|openTelemetry)\.ts$/,
    to: /^src\/operations\/tracing\/(openTelemetry|applicationInsights)\.ts$/,
  },
  {
    rule: 'emulator/ stands alone: it imports nothing from src/',
    from: /^emulator\//,
    to: /^(src|demo|test|bench|scripts)\//,
  },
  {
    rule: 'src/ imports nothing from the emulator, the tests or the scripts',
    from: /^src\//,
    to: /^(emulator|demo|test|bench|scripts)\//,
  },
  {
    rule: 'src/calls publishes events and imports none of its subscribers',
    from: /^src\/calls\//,
    to: /^src\/(escalations|chat|http|telephony|directory)\//,
  },
  {
    rule: 'pure files import only types, other pure files, zod, lru-cache and the reader of ICU messages',
    from: pure,
    // They read parts of the program: the files of texts and phrases, and the rules of telephone numbers.
    except: /^src\/(texts\/languageFiles|config\/phoneLibrary)\.ts$/,
    to: new RegExp(
      `^(?!npm:(?:zod|lru-cache|intl-messageformat|@formatjs/icu-messageformat-parser)$)(?!${pure.source.slice(1)})`,
    ),
    typesAllowed: true,
  },
  {
    rule: 'imports run one way: calls, directory, languages, permissions and schedules import nothing from the rooms above them',
    from: /^src\/(calls|directory|languages|permissions|schedules)\//,
    to: /^src\/(alerts|escalations|chat|http|telephony|talk|webhooks|operations|console)\//,
  },
  {
    rule: 'imports run one way: alerts and escalations import nothing from the rooms above them',
    from: /^src\/(alerts|escalations)\//,
    to: /^src\/(chat|http|telephony|talk|webhooks|operations|console)\//,
  },
  {
    rule: 'nothing below src/console imports it',
    from: /^src\/(?!app\/)[^/]+\//,
    except: /^src\/console\//,
    to: /^src\/console\//,
  },
  {
    rule: 'src/import reads exports and writes text; only src/import.ts touches files',
    from: /^src\/import\//,
    to: /^(?!npm:(zod|luxon|yaml)$|src\/(import\/|config\/(ringdownYaml|rules)\.ts$|schedules\/onDuty\.ts$))/,
    typesAllowed: true,
  },
  {
    rule: 'nothing imports src/import but its command',
    from: /^src\//,
    except: /^src\/import(\.ts$|\/)/,
    to: /^src\/import\//,
  },
  {
    rule: 'imports run one way within src/chat: only types come from calls, commands and escalations',
    from: /^src\/chat\/(connector|language|cards|turn|choices|people)\//,
    to: /^src\/chat\/(calls|commands|escalations|bot\.ts|dispatch\.ts)/,
    typesAllowed: true,
  },
  {
    rule: 'imports run one way: config imports nothing from other rooms but the list of languages',
    from: /^src\/config\//,
    to: /^src\/(?!config\/|texts\/catalogue\.ts$)/,
  },
  {
    rule: 'imports run one way: database imports from other rooms only types',
    from: /^src\/database\//,
    to: /^src\/(?!(database|config)\/)[^/]+\//,
    typesAllowed: true,
  },
  {
    rule: 'files shared by all rooms import only types from them',
    from: /^src\/[^/]+$/,
    except: /^src\/(app|main|run|doctor|record|import)\.ts$/,
    to: /^src\/[^/]+\//,
    typesAllowed: true,
  },
  {
    rule: 'app.ts and app/ wire the parts: no part imports them',
    from: /^src\//,
    except: /^src\/(app(\/.+)?|main|run|doctor|record|import)\.ts$/,
    to: /^src\/(app(\/.+)?|main|run|doctor|record|import)\.ts$/,
  },
];

const unreadable = 'write the module name of import() as a literal, so that this check can read it';

/** `src/calls/call.ts`, `npm:zod`, `npm:@azure/identity` or `node:fs`. */
function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return `npm:${specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')}`;
}

/** The oxlint rule. Checks every import and re-export, `import()`, `require()`, and `import('…')` in types. */
export const imports: Rule = {
  create(context) {
    const file = pathOf(context);
    const concerning = boundaries.filter(
      ({ from, except }) => from.test(file) && except?.test(file) !== true,
    );
    if (!code.test(file)) return {};
    const check = (source: Expression | null, typeOnly: boolean): void => {
      if (source === null) return;
      const specifier = textOf(source);
      if (specifier === null) {
        context.report({ node: source, message: unreadable });
        return;
      }
      const target = targetOf(file, specifier);
      for (const { rule, to, typesAllowed } of concerning) {
        if (to.test(target) && !(typeOnly && typesAllowed)) context.report({ node: source, message: rule });
      }
    };
    return {
      // `import { type A } from` still loads the module.
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source, true),
      CallExpression: (node) => {
        const [source] = node.arguments;
        if (node.callee.type === 'Identifier' && node.callee.name === 'require' && source)
          check(source, false);
      },
    };
  },
};
