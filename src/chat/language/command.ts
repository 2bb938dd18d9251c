import type { limitKinds, nearKinds } from '../../texts/commands/commandPhrases.ts';

/**
 * A person as named in chat. `text` is a name, UPN, mail address, object id or raw id as typed. A `doubtful` name could
 * also be part of a sentence ("An Li", "you two"), so it matches only people with exactly this name.
 */
export type PersonQuery =
  | { readonly by: 'text'; readonly text: string; readonly doubtful?: true }
  | { readonly by: 'mention'; readonly id: string; readonly name: string }
  /** A phone number as typed, with `+`. Whether it may be called is decided later. */
  | { readonly by: 'phone'; readonly text: string }
  | { readonly by: 'self' };

/** The command that an unknown message was probably meant to be. */
export type NearCommand = (typeof nearKinds)[number];

/** What people ask for that calls to Teams users do not support (docs/limits.md). */
export type Limit = (typeof limitKinds)[number];

/** The name of `language auto`, in every language: follow the client. */
export const AUTOMATIC = 'auto';

export type Command =
  /** `call Adele`, `call Adele: …`. The message keeps its own wording. */
  | { readonly kind: 'call'; readonly person: PersonQuery; readonly message?: string }
  /** `call Adele and Alex: …`. A call has one callee, so the bot asks which of them. */
  | {
      readonly kind: 'callSeveral';
      readonly people: readonly PersonQuery[];
      readonly message?: string;
    }
  /** `escalate payments: …`, `escalate Adele, Alex: …`. Whether a text names a policy or a person is decided later. */
  | { readonly kind: 'escalate'; readonly targets: readonly PersonQuery[]; readonly message: string }
  /** `test payments` */
  | { readonly kind: 'test'; readonly policy: string }
  /** `ack` */
  | { readonly kind: 'acknowledge' }
  /** `resolve` */
  | { readonly kind: 'resolve' }
  /** `hang up`, `cancel` */
  | { readonly kind: 'hangUp' }
  /** `status` */
  | { readonly kind: 'status' }
  /** `history` */
  | { readonly kind: 'history' }
  /** `who is Adele` */
  | { readonly kind: 'whoIs'; readonly person: PersonQuery }
  /** `on call payments` */
  | { readonly kind: 'onCall'; readonly policy: string }
  /** `cover payments until 18:00`; `until` in the writer's own words. */
  | { readonly kind: 'cover'; readonly policy: string; readonly until: string }
  /** `swap payments with Alex on Friday`; `when` in the writer's own words. */
  | {
      readonly kind: 'swap';
      readonly policy: string;
      readonly person: PersonQuery;
      readonly when: string;
    }
  /** `stop calling me` */
  | { readonly kind: 'stopCallingMe' }
  /** `allow calls` */
  | { readonly kind: 'allowCalls' }
  /** `forget me` */
  | { readonly kind: 'forgetMe' }
  /** `my calendar`: a link to subscribe to. */
  | { readonly kind: 'myCalendar' }
  /** `my calendar off` */
  | { readonly kind: 'myCalendarOff' }
  /** `language French`; `name` in the writer's own words, or {@link AUTOMATIC}. */
  | { readonly kind: 'language'; readonly name: string }
  /** `language`: which one it is, and which there are. */
  | { readonly kind: 'languages' }
  /** `pause`: the operator's stop. */
  | { readonly kind: 'pause' }
  /** `resume` */
  | { readonly kind: 'resume' }
  /** `help` */
  | { readonly kind: 'help' }
  /** `hi`, or only the bot's name. */
  | { readonly kind: 'greeting' }
  /** `thanks` */
  | { readonly kind: 'thanks' }
  /** `2`, `call 2`: the answer to a choice, from 1. */
  | { readonly kind: 'choice'; readonly number: number }
  /** A command that lacks a required part. */
  | {
      readonly kind: 'incomplete';
      readonly of: 'call' | 'escalate' | 'test' | 'whoIs' | 'onCall' | 'cover' | 'swap';
      readonly missing: 'person' | 'message' | 'targets' | 'policy' | 'until' | 'when';
    }
  /** `call 112`, `call 030 …`, `call the police`: emergency services, and numbers without a country code. */
  | { readonly kind: 'outsideTeams' }
  /** `record the call`, `add Megan to the call`, …: something that a call to a Teams user cannot do. */
  | { readonly kind: 'limit'; readonly limit: Limit }
  | { readonly kind: 'empty' }
  | { readonly kind: 'tooLong' }
  /** `ack?`, `call Adele?`: a command phrased as a question does nothing. `say` is the wording that would act. */
  | { readonly kind: 'question'; readonly say: string }
  /** `say` is the wording that would act, such as `call Adele: the build is red` if only the colon is missing. */
  | { readonly kind: 'unknown'; readonly near?: NearCommand; readonly say?: string };

export interface ParseOptions {
  /** The writer's language (BCP 47), which decides between languages that share a phrase. */
  readonly locale?: string | undefined;
  /** Names that address the bot without a mention; `Ringdown` by default. */
  readonly botNames?: readonly string[];
  /** Names of voice apps. They may be words that would not pass as a person's name: `call the help desk`. */
  readonly voiceApps?: readonly string[];
}
