import type { Page } from 'playwright-core';
import * as z from 'zod';

/*
 * The Playground shows cards like Teams in its light theme on wide screens. Here the same renderer gets its colours
 * as CSS variables, so that existing cards can be viewed in each Teams theme, and at the width of a phone.
 */

/** The width of a card on a phone of 360 px, minus the avatar and the paddings of the message. */
export const PHONE_CARD_PX = 288;

export const looks = ['light', 'dark', 'contrast'] as const;
export type Look = (typeof looks)[number];

const hostConfig = z.looseObject({
  containerStyles: z.record(z.string(), z.looseObject({})),
  separator: z.looseObject({ lineColor: z.string() }),
});

/** From Microsoft's host configuration for the dark theme (samples/HostConfig/microsoft-teams-dark.json). */
const dark = {
  default: { default: '#ffffffff', subtle: '#bfffffff' },
  dark: { default: '#ff201f1f', subtle: '#ff2d2c2c' },
  light: { default: '#ffffffff', subtle: '#bfffffff' },
  accent: { default: '#ffa6a7dc', subtle: '#ff8b8cc7' },
  good: { default: '#ff92c353', subtle: '#e592c353' },
  warning: { default: '#fff8d22a', subtle: '#e5f8d22a' },
  attention: { default: '#ffd74654', subtle: '#e5d74654' },
};
/** On the pale backgrounds of the other styles. */
const onPale = { ...dark, default: dark.dark };
const darkStyles = {
  default: { foregroundColors: dark, backgroundColor: '#ff2d2c2c' },
  emphasis: { foregroundColors: dark, backgroundColor: '#ff292828' },
  accent: { foregroundColors: onPale, backgroundColor: '#C7DEF9' },
  good: { foregroundColors: onPale, backgroundColor: '#CCFFCC' },
  attention: { foregroundColors: onPale, backgroundColor: '#FFC5B2' },
  warning: { foregroundColors: onPale, backgroundColor: '#FFE2B2' },
};

/**
 * Black, white, yellow for links, cyan for focus: Fluent's high contrast theme, which Teams uses. Microsoft publishes
 * no host configuration for it, so assume the worst: that no colour carries meaning.
 */
const contrast = { ground: '#000000', ink: '#ffffff', link: '#ffff00', focus: '#1aebff' };
/** Nor does the background of a container differ from the card's. */
const contrastOf = (name: string): string =>
  name.endsWith('backgroundColor')
    ? contrast.ground
    : /-accent-(default|subtle)$/.test(name)
      ? contrast.link
      : contrast.ink;

const around = `
  [data-look='dark'] .fai-OutputCard { background: #1f1f1f !important; }
  [data-look='contrast'] .fai-OutputCard {
    background: ${contrast.ground} !important;
    border: 1px solid ${contrast.ink} !important;
  }
  [data-look='contrast'] .ac-adaptiveCard :is(button, input, textarea) {
    background: ${contrast.ground} !important;
    color: ${contrast.ink} !important;
    border: 1px solid ${contrast.ink} !important;
  }
  [data-look='contrast'] .ac-adaptiveCard a { color: ${contrast.link} !important; }
  [data-look='contrast'] .ac-adaptiveCard :focus-visible { outline: 2px solid ${contrast.focus} !important; }
  .phone .ac-adaptiveCard { width: ${PHONE_CARD_PX}px; }
`;

/** Applied from the next load of the page. */
export async function inLooks(page: Page): Promise<void> {
  await page.route(/\/static\/js\/main\.[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: withLooks(await response.text()) });
  });
}

/** Shows all cards this way from now on. */
export async function wear(page: Page, look: Look, width: 'narrow' | 'wide'): Promise<void> {
  await page.evaluate(`{
    const { dataset, classList } = document.documentElement;
    dataset.look = '${look}';
    classList.toggle('phone', ${width === 'narrow'});
  }`);
}

function withLooks(script: string): string {
  const found = /JSON\.parse\('(\{"choiceSetInputValueSeparator".*?\})'\)/s.exec(script);
  if (!found?.[1]) throw new Error('The Playground no longer has the look of its cards where it was.');
  const read = hostConfig.parse(JSON.parse(found[1].replaceAll("\\'", "'")));
  const coloured = {
    containerStyles: read.containerStyles,
    separator: { lineColor: read.separator.lineColor },
  };
  const light = coloursOf(coloured);
  const inDark = coloursOf({ containerStyles: darkStyles });
  const rule = (look: Look, colours: Iterable<[string, string]>): string =>
    `[data-look='${look}'] { ${[...colours].map(([name, colour]) => `${name}: ${css(colour)};`).join(' ')} }`;
  const style = [
    rule('light', light),
    rule('dark', [...light, ...inDark]),
    rule(
      'contrast',
      [...light.keys()].map((name) => [name, contrastOf(name)]),
    ),
    around,
  ].join('\n');
  const { containerStyles, separator } = z
    .object({ containerStyles: z.unknown(), separator: z.object({ lineColor: z.string() }) })
    .parse(asVariables(coloured));
  const changed = { ...read, containerStyles, separator: { ...read.separator, ...separator } };
  return script.replace(
    found[0],
    () => `(document.documentElement.dataset.look = 'light',
      document.head.append(Object.assign(document.createElement('style'), { textContent: ${JSON.stringify(style)} })),
      ${JSON.stringify(changed)})`,
  );
}

/** All colours in a value, each under the name of a variable for its path. */
function coloursOf(value: unknown, name = '-'): Map<string, string> {
  if (typeof value === 'string') return new Map([[name, value]]);
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(value));
  return new Map(entries.flatMap(([key, inner]) => [...coloursOf(inner, `${name}-${key}`)]));
}

/** The same value with a variable in place of each colour. */
function asVariables(value: unknown, name = '-'): unknown {
  if (typeof value === 'string') return `var(${name})`;
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(value));
  return Object.fromEntries(entries.map(([key, inner]) => [key, asVariables(inner, `${name}-${key}`)]));
}

/** The opacity comes first in a host configuration, and last in a style sheet. */
function css(colour: string): string {
  return colour.length === 9 ? `#${colour.slice(3)}${colour.slice(1, 3)}` : colour;
}
