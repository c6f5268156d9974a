import { z } from "zod";

import { outputForm, SAFE_OUTPUT } from "../../documents/conditions.ts";
import { forms } from "../../forms.ts";

/** A program that is run again where its inputs and its result are public. */
export const programConfig = z.strictObject({
  /** The measurement of the enclave that it runs in. */
  measurement: forms.hash,
  /** The sample program of this package, or a command with its arguments. */
  run: z.union([z.literal("sample"), z.array(z.string().min(1)).min(1)]).default("sample"),
  /**
   * The datasets that are public: their keys, which their owners have published, and where they are; where the chain says, when left out. Anybody can
   * register what is public again and let out something else of it, so a dataset counts as its owner's alone.
   */
  datasets: z
    .array(
      z.strictObject({
        contentHash: forms.hash,
        owner: forms.address,
        dataKey: forms.hash,
        from: z.string().min(1).optional(),
        /** What its owner lets out, as the sealed keys have it. */
        output: outputForm.prefault(SAFE_OUTPUT),
      }),
    )
    .default([]),
  /** Seconds that a run may take. */
  seconds: z.number().positive().max(3_600).default(300),
  /** Mebibytes of memory that it may reserve, of which Node takes some 600 for itself and a program of the sample 1,024. */
  megabytes: z.number().int().min(64).default(4_096),
  /** What a result is that differs: nothing is signed, or `Invalid`. */
  differing: z.enum(["abstain", "invalid"]).default("abstain"),
});

/** See {@link programConfig}. */
export type ProgramConfig = Readonly<z.infer<typeof programConfig>>;
