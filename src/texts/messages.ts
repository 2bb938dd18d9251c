import type { Verbatim } from './message.ts';

// Written by `npm run texts` from en.json.

type Text = string | Verbatim;

/** All texts: those without parameters as strings, the others as functions of their parameters. */
export interface Messages {
  speech: { locale: string };
  chat: { greeting: (values: { name: Text | null }) => string };
  cards: {};
  spoken: {};
  timeline: {};
  errors: {};
  talk: {};
}
