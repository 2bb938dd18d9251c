import type { Target } from '../../calls/call.ts';
import type { Cloud } from '../../config/clouds.ts';
import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Directory, Found, Person } from '../../directory/directory.ts';
import { voiceAppNamed, type VoiceApps } from '../../directory/voiceApps.ts';
import { RingdownError } from '../../errors.ts';
import { isGuid } from '../../config/guids.ts';
import { readPhone } from '../../config/phoneNumbers.ts';
import { textsFor } from '../../texts/texts.ts';
import type { Callee } from './callSchemas.ts';

interface Parts {
  directory: Pick<Directory, 'find'>;
  voiceApps: () => VoiceApps;
  cloud: Pick<Cloud, 'identifierPrefixes'>;
  /** Whether there is a number to call phone numbers from. */
  phonesAreOn: boolean;
}

/**
 * Resolves the callee of a request. There must be exactly one match.
 *
 * @throws RingdownError target_not_found, target_ambiguous, target_not_callable, directory_unavailable
 */
export async function resolveCallee(callee: Callee, parts: Parts): Promise<Target> {
  if ('phone' in callee) return phone(callee.phone, parts);
  if ('communicationUser' in callee) return communicationUser(callee.communicationUser, parts.cloud);
  if ('voiceApp' in callee) return await voiceApplication(callee.voiceApp, parts);
  const { user } = callee;
  return one(await parts.directory.find({ text: user }, null), user);
}

function phone(text: string, { phonesAreOn }: Parts): Target {
  const { number, problem } = readPhone(text, null);
  const words = textsFor('en').errors.phone;
  const refused = (reason: string, detail: string): RingdownError =>
    new RingdownError('target_not_callable', { detail, extra: { reason } });
  if (number === null) {
    const sentence = words[problem === 'country' ? 'invalid' : problem];
    throw refused(problem, typeof sentence === 'string' ? sentence : sentence({ number: text }));
  }
  if (!phonesAreOn) throw refused('phonesOff', words.notSetUp);
  return { kind: 'phone', id: number.e164, displayName: number.shown };
}

function communicationUser(id: string, { identifierPrefixes }: Parts['cloud']): Target {
  const prefix = identifierPrefixes.communicationUser;
  if (!id.toLowerCase().startsWith(prefix) || !/^[\w:.-]+$/.test(id)) {
    throw new RingdownError('target_not_callable', {
      detail: `In this cloud the id of a communication user begins with ${prefix}`,
      extra: { reason: 'otherCloud' },
    });
  }
  return { kind: 'communicationUser', id, displayName: id };
}

async function voiceApplication(name: string, { directory, voiceApps, cloud }: Parts): Promise<Target> {
  const known = voiceAppNamed(name, voiceApps());
  if (known) return { kind: 'voiceApp', id: known.id, displayName: known.name };
  if (!isGuid(name)) {
    throw new RingdownError('target_not_found', { detail: `voiceApps in ringdown.yaml has no “${name}”.` });
  }
  // With the prefix the directory treats it as a voice app, even if Graph does not show that it is one.
  return one(await directory.find({ text: `${cloud.identifierPrefixes.teamsApp}${name}` }, null), name);
}

function one(found: Found, asked: string): Target {
  switch (found.kind) {
    case 'one': {
      const callable = callableOf(found.person);
      if (callable.callable) return toTarget(found.person);
      const { reason } = callable;
      throw new RingdownError('target_not_callable', {
        detail: textsFor('en').errors.notCallable[reason]({ callee: found.person.displayName }),
        extra: { reason },
      });
    }
    case 'several':
      throw new RingdownError('target_ambiguous', {
        detail: `Several people match “${asked}”. Name the person by id or user principal name.`,
        extra: { candidates: found.people.map(candidate), more: found.more },
      });
    case 'none':
      if (found.because === 'communicationUser') {
        throw new RingdownError('target_not_found', {
          detail: 'Use {"communicationUser": "8:acs:…"} for this id.',
        });
      }
      throw new RingdownError('target_not_found', {
        detail: `Nobody matches “${asked}”.`,
        extra: { suggestions: found.suggestions.map(candidate) },
      });
  }
}

function candidate({ id, displayName, userPrincipalName, jobTitle, department }: Person): object {
  return { id, displayName, userPrincipalName, jobTitle, department };
}
