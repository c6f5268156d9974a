import type { Provider } from "ethers";

import { InputError } from "../../src/inputError.ts";
import type { ProofNetwork } from "../../src/view/network.ts";

const isSending = (provider: Provider): provider is Provider & ProofNetwork => "send" in provider;

/** The network of a command, as proofs are asked of it. */
export function proofNetworkOf(provider: Provider): ProofNetwork {
  if (isSending(provider)) return { send: async (method, params) => provider.send(method, params) };
  throw new InputError("The network gives no proofs", "Name one that is reached by JSON-RPC.");
}
