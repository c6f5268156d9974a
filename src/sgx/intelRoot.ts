import type { Hex } from "./bytes.ts";

/** Public key of Intel's SGX Root CA: x and y, 64 bytes. */
export const INTEL_ROOT_KEY: Hex =
  "0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394";
