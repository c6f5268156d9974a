import { z } from "zod";

/** How a service reaches the chain: the section `chain` of its configuration. */
export const chainConfig = z.strictObject({
  /** JSON-RPC endpoints in order of preference, over HTTP or WebSocket. */
  rpc: z.array(z.url({ protocol: /^(https?|wss?)$/ })).min(1),
  /** The deployment's address book, as `platform deploy` writes it. */
  addresses: z.string().min(1),
  /** Blocks behind the newest that news must lie before anything irreversible rests on it. */
  confirmations: z.number().int().nonnegative().default(3),
  /** Seconds after which an endpoint whose newest block is older is not believed. */
  maxBlockAge: z.number().int().positive().default(120),
});

/** How a service reaches the chain, checked, with every default filled in. */
export type ChainConfig = Readonly<z.infer<typeof chainConfig>>;
