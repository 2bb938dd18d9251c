import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { catalogueOf } from '../src/texts/catalogue.ts';
import { formatsFor } from '../src/texts/formats.ts';
import { parseMessage, type ParameterKind } from '../src/texts/message.ts';
import { BASE, type Catalogue } from '../src/texts/textsIn.ts';

/*
 * `npm run texts`: writes the types of all texts, taken from the English ones, to src/texts/messages.ts.
 * `npm run texts -- --check` only says whether that file is current; `npm run check` does this.
 */
const FILE = fileURLToPath(new URL('../src/texts/messages.ts', import.meta.url));
const TYPES: Record<ParameterKind, string> = {
  text: 'Text',
  number: 'number',
  flag: 'boolean',
  optional: 'Text | null',
  word: 'string',
};
const formats = formatsFor(BASE);

function typeOf(texts: Catalogue): string {
  const members = Object.entries(texts).map(([name, text]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    return `${key}: ${typeof text === 'string' ? typeOfSentence(text) : typeOf(text)};`;
  });
  return `{${members.join('\n')}}`;
}

function typeOfSentence(text: string): string {
  const { parameters } = parseMessage(text, formats);
  if (parameters.size === 0) return 'string';
  const members = [...parameters].map(([name, kind]) => `${name}: ${TYPES[kind]}`);
  return `(values: {${members.join('; ')}}) => string`;
}

const source = `import type { Verbatim } from './message.ts';

// Written by \`npm run texts\` from ${BASE}.json.

type Text = string | Verbatim;

/** All texts: those without parameters as strings, the others as functions of their parameters. */
export interface Messages ${typeOf(catalogueOf(BASE))}
`;
const written = await format(source, { ...(await resolveConfig(FILE)), parser: 'typescript' });
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, written);
} else if (readFileSync(FILE, 'utf8') !== written) {
  console.log(`src/texts/messages.ts is not that of ${BASE}.json: run \`npm run texts\``);
  process.exitCode = 1;
}
