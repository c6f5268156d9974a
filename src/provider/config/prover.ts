import { z } from "zod";

/** How a node's answers are searched. */
export const proverConfig = z.strictObject({
  /** `auto` takes the fastest engine that computes correctly here; or an engine's name, such as `native`, `wasm`, `webgpu`, `remote`. */
  engine: z.string().min(1).default("auto"),
  /** Threads of an engine for processors; as many as the machine runs at once when left out. */
  threads: z.number().int().min(1).max(1024).optional(),
  /** How much searching gives way to other work, as `nice` has it. */
  niceness: z.number().int().min(0).max(19).default(0),
  /** Percent of the time that each thread works at most. */
  cpuShare: z.number().int().min(1).max(100).default(100),
  /** Native code: `build` compiles it where that has not been done, `load` takes what was compiled before, `off` does without. */
  native: z
    .strictObject({ use: z.enum(["build", "load", "off"]).default("build"), folder: z.string().min(1).optional() })
    .prefault({}),
  /** The NATS servers at which workers on other machines are found; none when left out. */
  workers: z
    .strictObject({
      /** Such as "tls://nats.example:4222"; several of one cluster separated by commas. */
      servers: z.string().min(1),
      /** Files of what the servers know this user by, and of the certificates that theirs must come from. */
      credentials: z.string().min(1).optional(),
      certificates: z.string().min(1).optional(),
    })
    .optional(),
});
/** See {@link proverConfig}. */
export type ProverConfig = z.infer<typeof proverConfig>;
