import type { CalendarNotice } from '../schedules/calendarNotices.ts';

/** What operators are told, because nobody else would notice it. */
export type Notice =
  | { kind: 'intakeRejected'; sender: string; code: string; detail: string }
  /** A request to the alert intake had no valid key, or its address does not exist. */
  | { kind: 'intakeOfStrangers' }
  | { kind: 'intakeFailed'; sender: string }
  | { kind: 'policyMissing'; sender: string; policy: string }
  | { kind: 'exhausted'; policy: string; summary: string; id: string }
  /** `why`: a disposition or a skip reason. */
  | { kind: 'unreachable'; policy: string; name: string; why: string }
  /** Too many wrong PINs on somebody's phone. */
  | { kind: 'pinRefused'; policy: string; name: string }
  | { kind: 'webhookFailing'; host: string; problem: string }
  | { kind: 'webhookGivenUp'; host: string; event: string; id: string }
  | { kind: 'paused' | 'resumed'; by: string }
  /** A name in ringdown.yaml does not work. `where`: places in the file; `why`: a skip reason. */
  | { kind: 'notInDirectory'; where: string; name: string; why: string }
  /** Open escalations use something that was removed from ringdown.yaml. */
  | { kind: 'gone'; what: GoneFromFile; name: string; escalations: number }
  /** A new ringdown.yaml was rejected. */
  | { kind: 'fileRefused'; faults: number }
  /** A background job keeps failing. */
  | { kind: 'jobStuck'; job: string; minutes: number }
  | CalendarNotice;

export type GoneFromFile = 'policy' | 'rotation' | 'voiceApp' | 'apiKey' | 'integration' | 'heartbeat';
