import type { Calls } from './callAutomation/calls.ts';
import type { Captures } from './callAutomation/captures.ts';
import type { Repeatability } from './callAutomation/repeatability.ts';
import type { Timings } from './callAutomation/timings.ts';
import type { Changes } from './changes.ts';
import type { Channel } from './connector/channel.ts';
import type { Grants } from './entra/grants.ts';
import type { SigningKeys } from './entra/signingKeys.ts';
import type { EventGrid } from './eventGrid/eventGrid.ts';
import type { EventFaultPlan } from './faults/eventFaults.ts';
import type { FaultPlan } from './faults/faultPlan.ts';
import type { Graph } from './graph/graph.ts';
import type { Requests } from './http/requests.ts';
import type { Identities } from './identity/identities.ts';
import type { Addresses } from './options.ts';
import type { People } from './people/people.ts';
import type { Phone } from './phones/phone.ts';
import type { Phones } from './phones/phones.ts';

/** Emulates Azure Communication Services, Microsoft Graph, Entra's keys and Teams, over HTTP on one port. */
export interface Emulator {
  start(): Promise<Addresses>;
  /** Closes every connection and cancels every timer. */
  stop(): Promise<void>;
  /** Resolves when no request is in progress and no callback is being sent. Waiting timers do not count. */
  idle(): Promise<void>;
  readonly busy: boolean;
  readonly addresses: Addresses;
  readonly people: People;
  /** Records of all calls, for assertions in tests. */
  readonly calls: Pick<Calls, 'list' | 'record' | 'live'>;
  /** Recording and transcription of a call, started by somebody other than the application. */
  readonly captures: Captures;
  readonly eventGrid: EventGrid;
  /** A person's phone, by id, user principal name, mail or display name: to answer, decline and press keys by hand. */
  phone(idOrName: string): Phone;
  readonly phones: Phones;
  readonly requests: Requests;
  readonly faults: FaultPlan;
  readonly eventFaults: EventFaultPlan;
  readonly graph: Graph;
  readonly identities: Identities;
  /** The telephone numbers of the resource, E.164, which calls to phone numbers may come from. */
  readonly phoneNumbers: Set<string>;
  /** Teams, as a bot sees it. */
  readonly channel: Channel;
  /** May be changed while the emulator runs. */
  readonly timings: Timings;
  readonly repeatability: Repeatability;
  readonly keys: SigningKeys;
  /** Who is signed in at Entra's login page, and how long tokens are valid. */
  readonly grants: Grants;
  readonly changes: Changes;
}
