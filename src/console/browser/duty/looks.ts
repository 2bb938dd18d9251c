import { makeStyles, shorthands, tokens, type AvatarProps } from '@fluentui/react-components';
import type { Duty } from '../../model.ts';

/** Colours of people: those of Fluent's avatars, without the reds, which mean gaps. */
const colors = [
  'lavender',
  'teal',
  'peach',
  'steel',
  'forest',
  'pink',
  'cornflower',
  'gold',
  'plum',
  'seafoam',
  'brown',
  'blue',
] as const satisfies AvatarProps['color'][];

export type PersonColor = (typeof colors)[number];

export const usePersonStyles = makeStyles({
  lavender: {
    backgroundColor: tokens.colorPaletteLavenderBackground2,
    color: tokens.colorPaletteLavenderForeground2,
    ...shorthands.borderColor(tokens.colorPaletteLavenderBorderActive),
  },
  teal: {
    backgroundColor: tokens.colorPaletteTealBackground2,
    color: tokens.colorPaletteTealForeground2,
    ...shorthands.borderColor(tokens.colorPaletteTealBorderActive),
  },
  peach: {
    backgroundColor: tokens.colorPalettePeachBackground2,
    color: tokens.colorPalettePeachForeground2,
    ...shorthands.borderColor(tokens.colorPalettePeachBorderActive),
  },
  steel: {
    backgroundColor: tokens.colorPaletteSteelBackground2,
    color: tokens.colorPaletteSteelForeground2,
    ...shorthands.borderColor(tokens.colorPaletteSteelBorderActive),
  },
  forest: {
    backgroundColor: tokens.colorPaletteForestBackground2,
    color: tokens.colorPaletteForestForeground2,
    ...shorthands.borderColor(tokens.colorPaletteForestBorderActive),
  },
  pink: {
    backgroundColor: tokens.colorPalettePinkBackground2,
    color: tokens.colorPalettePinkForeground2,
    ...shorthands.borderColor(tokens.colorPalettePinkBorderActive),
  },
  cornflower: {
    backgroundColor: tokens.colorPaletteCornflowerBackground2,
    color: tokens.colorPaletteCornflowerForeground2,
    ...shorthands.borderColor(tokens.colorPaletteCornflowerBorderActive),
  },
  gold: {
    backgroundColor: tokens.colorPaletteGoldBackground2,
    color: tokens.colorPaletteGoldForeground2,
    ...shorthands.borderColor(tokens.colorPaletteGoldBorderActive),
  },
  plum: {
    backgroundColor: tokens.colorPalettePlumBackground2,
    color: tokens.colorPalettePlumForeground2,
    ...shorthands.borderColor(tokens.colorPalettePlumBorderActive),
  },
  seafoam: {
    backgroundColor: tokens.colorPaletteSeafoamBackground2,
    color: tokens.colorPaletteSeafoamForeground2,
    ...shorthands.borderColor(tokens.colorPaletteSeafoamBorderActive),
  },
  brown: {
    backgroundColor: tokens.colorPaletteBrownBackground2,
    color: tokens.colorPaletteBrownForeground2,
    ...shorthands.borderColor(tokens.colorPaletteBrownBorderActive),
  },
  blue: {
    backgroundColor: tokens.colorPaletteBlueBackground2,
    color: tokens.colorPaletteBlueForeground2,
    ...shorthands.borderColor(tokens.colorPaletteBlueBorderActive),
  },
});

/** Gives each person a colour: as a rule always the same, and different ones while there are enough. */
export function colorsFor({ rows }: Pick<Duty, 'rows'>): ReadonlyMap<string, PersonColor> {
  const names = new Set(
    rows.flatMap(({ now, spans }) => [now, ...spans].flatMap(({ people }) => people.map(({ name }) => name))),
  );
  const given = new Map<string, PersonColor>();
  for (const name of [...names].toSorted()) {
    const taken = new Set(given.values());
    const first = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7);
    const order = colors.map((_, index) => colors[(first + index) % colors.length] ?? colors[0]);
    given.set(name, order.find((color) => !taken.has(color)) ?? order[0] ?? colors[0]);
  }
  return given;
}
