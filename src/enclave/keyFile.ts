import { z } from "zod";

import { forms } from "../forms.ts";

/** The key of an enclave that is only simulated. A real one never leaves its enclave. */
export const enclaveKeyDocument = z.strictObject({
  kind: z.literal("simulated-enclave-key"),
  address: forms.address,
  privateKey: forms.bytes32,
});
