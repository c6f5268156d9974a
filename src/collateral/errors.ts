import { InputError } from "../inputError.ts";

/** Why a server's collateral cannot be had. */
export type FetchFault = "NETWORK" | "CERTIFICATE" | "TIMEOUT" | "CUT" | "REDIRECT" | "STATUS" | "TOO_LARGE" | "ANSWER";

/** A PCS or PCCS that does not answer, or not with collateral. */
export class CollateralFetchError extends InputError {
  readonly code: FetchFault;
  readonly url: string;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: FetchFault,
    place: { readonly url: string; readonly status?: number | undefined },
    what: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${what} (${place.url})`, remedy, options);
    this.code = code;
    this.url = place.url;
    this.status = place.status;
  }
}
