import type { ChildOptions } from "./channel/child.ts";

/** How long is waited for a program's answers. */
export interface EnclaveLimits {
  /** Milliseconds to wait for an answer to all but the requests below; a minute by default. */
  readonly timeout?: number | undefined;
  /** Milliseconds to wait for an answer to `believe`, `check`, `run` and `migrate`; an hour by default. */
  readonly taskTimeout?: number | undefined;
}

/** How the program is started and waited for. */
export interface EnclaveOptions extends ChildOptions, EnclaveLimits {}
