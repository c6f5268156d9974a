import { type AdapterDescription } from "./adapters.ts";
import { type Job } from "./layout.ts";

/** What a device's process is asked to do. */
export type Request =
  /** Says which adapters there are. */
  | { readonly kind: "list"; readonly module: string }
  /** Opens an adapter and finds out how it works best. Comes before any search. */
  | {
      readonly kind: "open";
      readonly module: string;
      readonly adapter: string;
      readonly niceness: number;
      readonly hitCapacity: number;
    }
  /** Tries some nonces. Two may be asked for at a time, so that the device always has one to go on with. */
  | { readonly kind: "search"; readonly job: Job };

/** What it answers. */
export type Answer =
  | { readonly kind: "adapters"; readonly adapters: readonly AdapterDescription[]; readonly hasLoader: boolean }
  | { readonly kind: "opened"; readonly batch: number }
  /** The hits, in no order, and how many nonces the device tries in the time that a run should take. */
  | { readonly kind: "found"; readonly nonces: readonly bigint[]; readonly batch: number };

/** A request on its way. */
export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

/** An answer on its way: `failure` says why there is none. */
export type Reply =
  { readonly id: number; readonly answer: Answer } | { readonly id: number | undefined; readonly failure: string };
