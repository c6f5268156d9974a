import { hexlify } from "ethers";

import type { World } from "../world.ts";
import type { KeyedNode, Quoted } from "./attesting.ts";
import { AttestedEnclave, safePolicy, type PublicKey } from "../../src/data/index.ts";
import type { Hex } from "../../src/sgx/index.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../src/sgx/simulator/simulator.ts";

/**
 * What owners and researchers do before they seal anything: they verify the node's quote themselves, for the code that they have reviewed.
 * The root is the simulator's, and so is the collateral.
 */
export async function verifyEnclave(
  { book, chainId, clock }: World,
  { nodeId, owner, enclave }: KeyedNode,
  publicKey: PublicKey,
  { binding, reportData, quote }: Quoted,
): Promise<AttestedEnclave> {
  const time = await clock.now();
  const simulator = createSimulator({ time });
  const [registry, provider] = [book.contracts.nodeRegistry, owner.signer.address];
  const document = {
    ...{
      kind: "sgx-quote" as const,
      chainId: Number(chainId),
      registry,
      nodeId,
      enclaveKey: enclave.address,
      provider,
    },
    ...{ reportData, quote: hexlify(quote), binding: { ...binding, blockHash: binding.blockHash as Hex } },
  };
  const evidence = { quote: document, collateral: simulator.platform().collateral(), publicKey };
  const policy = safePolicy({ chainId, registry }, [simulatedEnclave().mrEnclave]);
  return AttestedEnclave.verify(evidence, {
    ...{ chainId, registry, nodeId, provider, root: simulator.root, time, policy },
  });
}
