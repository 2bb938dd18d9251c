import {
  teamsDarkTheme,
  teamsHighContrastTheme,
  teamsLightTheme,
  type Theme,
} from '@fluentui/react-components';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Host } from './host.ts';

export const appearances = ['system', 'light', 'dark', 'contrast'] as const;
/** What a person chose for this browser. In Teams, its theme counts. */
export type Appearance = (typeof appearances)[number];
type Look = Exclude<Appearance, 'system'>;

const themes: Readonly<Record<Look, Theme>> = {
  light: teamsLightTheme,
  dark: teamsDarkTheme,
  contrast: teamsHighContrastTheme,
};
const CHOSEN = 'ringdown.appearance';

function chosen(): Appearance {
  const known = localStorage.getItem(CHOSEN);
  return appearances.find((one) => one === known) ?? 'system';
}

function isTrue(query: string): () => boolean {
  return () => matchMedia(query).matches;
}

function useQuery(query: string): boolean {
  return useSyncExternalStore((listener) => {
    const list = matchMedia(query);
    list.addEventListener('change', listener);
    return () => list.removeEventListener('change', listener);
  }, isTrue(query));
}

/** The theme to show, and the setting behind it. `choose` is null in Teams. */
export function useLook({ teams, theme: first }: Host): {
  look: Look;
  theme: Theme;
  appearance: Appearance;
  choose: ((appearance: Appearance) => void) | null;
} {
  const [appearance, setAppearance] = useState(chosen);
  const [ofHost, setOfHost] = useState(first);
  useEffect(() => {
    teams?.app.registerOnThemeChangeHandler(setOfHost);
  }, [teams]);
  const dark = useQuery('(prefers-color-scheme: dark)');
  const contrast = useQuery('(forced-colors: active)');
  const ofSystem: Look = contrast ? 'contrast' : dark ? 'dark' : 'light';
  const look: Look =
    ofHost !== null
      ? ofHost === 'contrast' || ofHost === 'dark'
        ? ofHost
        : 'light'
      : appearance === 'system'
        ? ofSystem
        : appearance;
  useEffect(() => {
    // For what the browser draws: scrollbars, and the icons of date fields.
    document.documentElement.style.colorScheme = look === 'light' ? 'light' : 'dark';
  }, [look]);
  const choose = (next: Appearance): void => {
    localStorage.setItem(CHOSEN, next);
    setAppearance(next);
  };
  return { look, theme: themes[look], appearance, choose: teams === null ? choose : null };
}
