import type { World } from '../world.ts';
import { page, type Page } from './pages.ts';

/** Somebody who reads the console in English and UTC. @param name as the emulator's directory has it */
export function consolePerson(world: World, name: string): Page {
  return page(world, name, { 'accept-language': 'en', 'x-time-zone': 'UTC' });
}
