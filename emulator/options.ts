import type { Clock } from './clock.ts';
import type { Timings } from './callAutomation/timings.ts';
import type { Exchange } from './http/requests.ts';
import type { PersonInput } from './people/person.ts';

export interface EmulatorOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** All time of the emulator comes from here; default the machine's. */
  clock?: Clock;
  /** Chance, for faults with a probability: 0 up to 1. */
  random?: () => number;
  /** Base64; default a new one. */
  accessKey?: string;
  /** The immutable id of the resource, audience of callback tokens. */
  resourceId?: string;
  tenantId?: string;
  /** Default: the built-in people. */
  people?: PersonInput[];
  /** The token that Graph wants; default a new one. */
  graphToken?: string;
  /** Whether a repeated Repeatability-Request-ID gets the first answer again; default true. */
  replayRepeatability?: boolean;
  timings?: Partial<Timings>;
  /**
   * The time that `x-ms-date` of signed requests is held against. Default the machine's, whatever `clock` is: the
   * SDKs stamp their requests with that.
   */
  signatureTime?: () => number;
  /** Sees every request with its answer. */
  onExchange?: (exchange: Exchange) => void;
}

/** Where everything is, once the emulator runs. */
export interface Addresses {
  /** Without a slash at the end, as all of these. */
  url: string;
  /** For the SDKs of Azure Communication Services. */
  connectionString: string;
  resourceId: string;
  tenantId: string;
  /** OpenID document with the keys of callback tokens. */
  openIdUrl: string;
  /** Issuer of callback tokens: the real service's, as `openIdUrl` says. */
  issuer: string;
  /** Graph's root; requests go to `/v1.0` under it. */
  graphUrl: string;
  graphToken: string;
  /** `serviceUrl` of the activities that the channel sends. */
  connectorUrl: string;
  /** OpenID document with the keys of the channel's own tokens. */
  botFrameworkOpenIdUrl: string;
  entraUrl: string;
  controlUrl: string;
  phonesUrl: string;
}
