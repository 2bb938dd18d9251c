import type { Command, Limit } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { phraseAt, phraseAtEnd, phrases, type Phrase, type Word } from '../words.ts';

const theCall = '|the_call|this_call|my_call|this|it|calls|all_calls|the_conversation';

/** Wordings of a whole message. */
const limitWordings: Readonly<
  Record<Exclude<Limit, 'groupCall' | 'forwarding' | 'transfer'>, readonly Phrase[]>
> = {
  recording: phrases(`record ${theCall}`, 'start|begin recording |the_call|this_call', 'call recording'),
  transcription: phrases(
    `transcribe ${theCall}`,
    'start|begin transcription|transcribing |the_call|this_call',
  ),
  voicemail: phrases(
    'voicemail, voice mail, leave|leave_a voicemail|voice_mail, send|send_it|go to voicemail|voice_mail',
  ),
  pickup: phrases('pick_up|pickup|answer the|that|this call, group|call pickup, group call pickup'),
  simultaneousRinging: phrases(
    'simultaneous ring|ringing, ring|call |all|both my phones|devices, ring everywhere',
  ),
  video: phrases('video call, start|make a video call, turn_on|start video, share my screen, screen sharing'),
  skypeForBusiness: phrases('call |somebody|someone|people on skype|skype_for_business, skype for business'),
};

const limitOf = new Map(
  Object.entries(limitWordings).flatMap(([limit, wordings]) =>
    wordings.map((wording) => [wording.join(' '), limit] as const),
  ),
);

const isLimit = (name: string): name is keyof typeof limitWordings => name in limitWordings;

/** The words before and after the person that the message is about. */
const limitFrames: readonly (readonly [Limit, readonly Phrase[], readonly Phrase[]])[] = [
  ['groupCall', phrases('add|invite|bring'), phrases('to|into|in the|this|my call, in')],
  ['groupCall', phrases('group|conference call, start|make a group|conference call'), []],
  ['forwarding', phrases('forward |my|the|this|all call|calls to'), []],
  ['transfer', phrases('transfer |me|the_call|this_call|it|him|her|them to'), []],
];

export function parseLimit(words: readonly Word[]): Command | undefined {
  const keys = withoutClosing(words);
  const limit = limitOf.get(keys.map(({ key }) => key).join(' '));
  if (limit !== undefined && isLimit(limit)) return { kind: 'limit', limit };
  if (keys.length > 12) return undefined;
  for (const [framed, before, after] of limitFrames) {
    const start = phraseAt(keys, 0, before);
    if (start === 0) continue;
    const end = phraseAtEnd(keys, keys.length, after);
    if (after.length === 0 || (end > 0 && start + end < keys.length)) return { kind: 'limit', limit: framed };
  }
  return undefined;
}
