import { z } from "zod";

import { outputForm } from "../../documents/conditions.ts";

/** What a program is asked on its standard input: to do a task again. Files are relative to its working folder. */
export const rerunQuestion = z.strictObject({
  chainId: z.string(),
  escrow: z.string(),
  taskId: z.string(),
  /** What the enclave has sealed, opened. */
  result: z.string(),
  /** The task's datasets as the chain has them, the file of each, decrypted, and what its owner lets out. */
  datasets: z.array(
    z.strictObject({
      ...{ datasetId: z.string(), owner: z.string(), contentHash: z.string(), file: z.string() },
      output: outputForm,
    }),
  ),
});

/** See {@link rerunQuestion}. */
export type RerunQuestion = z.infer<typeof rerunQuestion>;
