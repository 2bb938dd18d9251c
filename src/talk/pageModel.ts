import type { Disposition, Target } from '../calls/call.ts';
import type { Messages } from '../texts/messages.ts';

/** The messages between page and server. Types only, because the page is bundled for browsers. */

/** The texts of the page, filled in as far as the server knows the values. */
export type PageTexts = Filled<Messages['talk']['page']>;

type Filled<Group> = {
  [Name in keyof Group]: Group[Name] extends string | ((values: never) => string)
    ? string
    : Filled<Group[Name]>;
};

/** Problems that the person can do something about. */
export type TalkTrouble = keyof PageTexts['trouble'];

/** Embedded in the page as JSON. It contains no secrets: everybody with the link sees it. */
export interface PageModel {
  texts: PageTexts;
  /** Origin of the emulator; null if the page uses the real service. */
  emulator: string | null;
}

/** The answer to `POST /talk/{link}/join`. */
export interface JoinAnswer {
  target: Pick<Target, 'kind' | 'id'>;
  cloud: 'public' | 'gcch' | 'dod';
  displayName: string;
  token: string;
}

/** The body of `POST /talk/session/report`: the complete state of the call, each time. */
export interface Report {
  state: 'starting' | 'calling' | 'ringing' | 'connected' | 'hangingUp' | 'ended' | 'failed' | 'left';
  /** The service's result codes at the end; null if there are none. */
  code: number | null;
  subCode: number | null;
  recording: boolean;
  transcription: boolean;
  /** The id that Event Grid uses (`call.info.getServerCallId()`), and the id that support asks for (`call.id`). */
  serverCallId: string | null;
  callId: string | null;
}

/** What the page must do, and what the server knows from other sources. */
export interface ReportAnswer {
  hangUp: boolean;
  over: boolean;
  disposition: Disposition | null;
  recording: boolean;
  transcription: boolean;
}
