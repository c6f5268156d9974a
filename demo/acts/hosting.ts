import { getBytes } from "ethers";

import type { Narrator } from "../narrator.ts";
import { must } from "../unmet.ts";
import { short } from "../words.ts";
import type { Workshop } from "../workshop.ts";
import type { World } from "../world.ts";
import { bindingOf, freshen, listNode, verifyOnChain, type KeyedNode, type Verified } from "./attesting.ts";
import { verifyEnclave } from "./trusting.ts";
import { parseAmount, parseRate } from "../../src/amounts.ts";
import type { AttestedEnclave } from "../../src/data/index.ts";
import type { Hex } from "../../src/sgx/index.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";

/** A node whose enclave is the sample program, running. */
export interface EnclaveNode extends KeyedNode {
  readonly workshop: Workshop;
  /** What data keys and inputs are sealed to, as whoever seals has verified it. */
  readonly attested: AttestedEnclave;
  readonly mrEnclave: Hex;
  readonly verified: Verified;
}

const STAKE = "1500";
const UNITS = 2n;
const PRICE_PER_UNIT = "3.6/h";

/** The simulated machine that the enclave program runs on. */
export const PLATFORM = "machine of the host";

/** The host declares a node for the program's key, and has it attested by the program's own quote. */
export async function hostEnclave(world: World, workshop: Workshop, narrator: Narrator): Promise<EnclaveNode> {
  const { protocol, book, chainId, actors, clock, token } = world;
  const { say, tell } = narrator;
  const { host } = actors;
  const { enclaveKey, publicKey, simulated } = await workshop.program.identify();
  must("the program says that it is not an enclave", simulated.includes("not in an SGX enclave"));
  say(`the ${host.name} starts the enclave program, a process of its own that makes key ${short(enclaveKey)}`);
  say("it is simulated: no SGX hides this process, and whoever runs the machine could look into it");

  const declaration = {
    stake: parseAmount(STAKE, token.decimals),
    units: UNITS,
    ratePerUnit: parseRate(PRICE_PER_UNIT, token.decimals),
    url: "https://node-3.example",
  };
  const quiet = { ...narrator, say: () => undefined };
  const nodeId = await listNode(world, host, book.contracts.taskEscrow, declaration, quiet);
  const node = { nodeId, owner: host, enclave: { address: enclaveKey } };

  tell("the program quotes its key");
  await freshen(world, host);
  const binding = await bindingOf(world, nodeId);
  const registry = await protocol.nodeRegistry.getAddress();
  const answer = await workshop.program.quote({ chainId, registry, provider: host.signer.address, ...binding });
  const quoted = { binding, reportData: answer.reportData, quote: getBytes(answer.quote) };
  const { verified, until } = await verifyOnChain(world, node, quoted, "New");
  say(`node ${nodeId.toString()} is attested on chain by the program's own quote, until ${until}`, {
    ...(await clock.stamp()),
    gas: verified.gas,
  });
  const attested = await verifyEnclave(world, node, publicKey, quoted);
  return { ...node, workshop, attested, mrEnclave: simulatedEnclave().mrEnclave, verified };
}
