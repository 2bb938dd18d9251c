import type { Disposition, Target } from '../calls/call.ts';
import type { TalkPageTexts } from '../texts/talkTexts.ts';

/** What the page and the server say to each other. Types only: the page is bundled for browsers. */

/** Stands in the page as JSON. Nothing in it is secret: whoever has the link sees it. */
export interface PageModel {
  callee: string;
  /** `{callee}` in them stands for the name. */
  texts: TalkPageTexts;
  /** Where the emulator is; null: the page talks to the real service. */
  emulator: string | null;
}

/** Answer to `POST /talk/{link}/join`. */
export interface JoinAnswer {
  target: Pick<Target, 'kind' | 'id'>;
  cloud: 'public' | 'gcch' | 'dod';
  displayName: string;
  token: string;
}

/** Body of `POST /talk/session/report`: how the call stands, all of it each time. */
export interface Report {
  state: 'starting' | 'calling' | 'ringing' | 'connected' | 'hangingUp' | 'ended' | 'failed' | 'left';
  /** Of the end; null where the service told none. */
  code: number | null;
  subCode: number | null;
  recording: boolean;
  transcription: boolean;
  /** What Event Grid names the call by (`call.info.getServerCallId()`), and what support asks for (`call.id`). */
  serverCallId: string | null;
  callId: string | null;
}

/** What the page has to do, and what others have told of the call. */
export interface ReportAnswer {
  hangUp: boolean;
  over: boolean;
  disposition: Disposition | null;
  recording: boolean;
  transcription: boolean;
}
