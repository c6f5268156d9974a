import { signal } from "@preact/signals";

import type { Connected } from "./provider.ts";

/** Which wallet is connected now; undefined while none is. */
export const connected = signal<Connected | undefined>(undefined);
