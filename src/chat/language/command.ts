import type { Limit } from '../../texts/texts.ts';

/**
 * A person as named in chat; `text` is a name, UPN, mail address, object id or raw id as it was typed. What is
 * `doubtful` reads like a piece of a sentence too ("An Li", "you two"): only somebody of this very name is meant.
 */
export type PersonQuery =
  | { readonly by: 'text'; readonly text: string; readonly doubtful?: true }
  | { readonly by: 'mention'; readonly id: string; readonly name: string }
  | { readonly by: 'self' };

/** A command that an unknown message comes near to. */
export type NearCommand =
  | 'call'
  | 'escalate'
  | 'test'
  | 'acknowledge'
  | 'resolve'
  | 'hangUp'
  | 'status'
  | 'history'
  | 'whoIs'
  | 'onCall'
  | 'cover'
  | 'stopCallingMe'
  | 'allowCalls'
  | 'forgetMe'
  | 'pause'
  | 'resume'
  | 'help';

export type Command =
  /** `call Adele`, `call Adele: …`. The message keeps its own wording. */
  | { readonly kind: 'call'; readonly person: PersonQuery; readonly message?: string }
  /** `call Adele and Alex: …`: asked which of them, because a call has one callee. */
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
  /** `stop calling me` */
  | { readonly kind: 'stopCallingMe' }
  /** `allow calls` */
  | { readonly kind: 'allowCalls' }
  /** `forget me` */
  | { readonly kind: 'forgetMe' }
  /** `pause`: the operator's stop. */
  | { readonly kind: 'pause' }
  /** `resume` */
  | { readonly kind: 'resume' }
  /** `help` */
  | { readonly kind: 'help' }
  /** `hi`, or nothing but the bot's name. */
  | { readonly kind: 'greeting' }
  /** `thanks` */
  | { readonly kind: 'thanks' }
  /** `2`, `call 2`: the answer to a choice, from 1. */
  | { readonly kind: 'choice'; readonly number: number }
  /** A command without the part that it cannot do without. */
  | {
      readonly kind: 'incomplete';
      readonly of: 'call' | 'escalate' | 'test' | 'whoIs' | 'onCall' | 'cover';
      readonly missing: 'person' | 'message' | 'targets' | 'policy' | 'until';
    }
  /** `call 112`, `call +49 30 …`, `call the police`: telephone numbers and emergency services cannot be called. */
  | { readonly kind: 'outsideTeams' }
  /** `record the call`, `add Megan to the call`, …: what a call to a Teams user does not offer. */
  | { readonly kind: 'limit'; readonly limit: Limit }
  | { readonly kind: 'empty' }
  | { readonly kind: 'tooLong' }
  /** `ack?`, `call Adele?`: a command put as a question, which does nothing; `say` is how it would be one. */
  | { readonly kind: 'question'; readonly say: string }
  /** `say`: how it would be one, as in `call Adele: the build is red` for what lacks the colon. */
  | { readonly kind: 'unknown'; readonly near?: NearCommand; readonly say?: string };

export interface ParseOptions {
  /** Names by which the bot is spoken to without a mention; `Ringdown` by default. */
  readonly botNames?: readonly string[];
  /** Names of voice applications. They are taken whole where a person's name would be doubted: `call the help desk`. */
  readonly voiceApps?: readonly string[];
}
