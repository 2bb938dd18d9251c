import { isGuid } from '../config/guids.ts';
import type { Directory } from '../directory/directory.ts';
import type { TargetSpec } from '../escalations/escalation.ts';
import { nullIfUnavailable } from '../permissions/known.ts';
import type { Texts } from '../texts/texts.ts';
import type { Round } from './view.ts';

/** Whom a step names, in words. People have their names, if the directory answers. */
export async function targetWords(
  target: TargetSpec,
  directory: Pick<Directory, 'find'>,
  round: Round,
  texts: Texts,
): Promise<string> {
  const words = texts.console.ladder;
  const nameOf = async (user: string): Promise<string> => {
    const found = await round.once(
      `name ${user}`,
      async () => await directory.find({ text: user }, null).catch(nullIfUnavailable),
    );
    if (found?.kind === 'one') return found.person.displayName;
    return isGuid(user) ? words.person : user;
  };
  if ('user' in target) return await nameOf(target.user);
  if ('rotation' in target) return words.rotation({ name: target.rotation });
  if ('managerOf' in target) return words.managerOf({ name: await nameOf(target.managerOf) });
  if ('voiceApp' in target) return await nameOf(target.voiceApp);
  if ('mobileOf' in target) return await nameOf(target.mobileOf);
  if ('phone' in target) return target.phone;
  return 'group' in target ? words.group : words.shifts;
}
