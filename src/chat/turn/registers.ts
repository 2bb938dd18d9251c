import type { Choices } from '../choices/choices.ts';
import type { Handlers } from './handlers.ts';
import type { Presses } from './presses.ts';

/** Where each subject registers its commands, the answers to its questions, and its buttons. */
export interface Registers {
  handlers: Handlers;
  choices: Choices;
  presses: Presses;
}
