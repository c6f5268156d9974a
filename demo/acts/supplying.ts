import type { Narrator } from "../narrator.ts";
import { must, mustEqual } from "../unmet.ts";
import { whole } from "../words.ts";
import type { World } from "../world.ts";
import { formatTime } from "../../src/amounts.ts";
import { documentTitles, evaluationNumberOf, type DocumentName } from "../../src/collateral/documents.ts";
import { caNumberOf } from "../../src/collateral/family.ts";
import { planSubmissions } from "../../src/collateral/plan.ts";
import { familyOfCollateral } from "../../src/collateral/source.ts";
import { INTEL_ROOT_KEY, type Collateral } from "../../src/sgx/index.ts";
import { createSimulator, type SgxSimulator } from "../../src/sgx/simulator/simulator.ts";

/** Intel and its machines, simulated. */
export interface SimulatedIntel {
  readonly simulator: SgxSimulator;
  /** The documents by which all its quotes are judged. */
  readonly collateral: Collateral;
  /** What it cost to bring each to the chain. */
  readonly gas: readonly { readonly document: DocumentName; readonly gas: bigint }[];
}

/** The verifier must trust the simulator's root and no other. Returns that root. */
async function trustedRoot({ protocol }: World): Promise<string> {
  const [x, y] = await protocol.collateralStore.rootKey();
  const root = `${x}${y.slice(2)}`;
  must("the verifier of the demo does not trust Intel's root", root !== INTEL_ROOT_KEY);
  return root;
}

function sizeOf(collateral: Collateral, document: DocumentName): number {
  const { [document]: content } = collateral;
  return "text" in content ? content.text.length : content.length;
}

/** Somebody who has no part in anything submits the collateral that quotes are judged by. */
export async function supplyCollateral(world: World, { say, tell }: Narrator): Promise<SimulatedIntel> {
  const { protocol, book, sender, actors, clock } = world;
  const now = await clock.now();
  const simulator = createSimulator({ time: now });
  mustEqual<string>("The root that the verifier trusts", await trustedRoot(world), simulator.root);
  say("SGX is simulated: the verifier trusts the simulator's root, not Intel's. It checks all that");
  say("it checks of Intel's quotes, but what it accepts says nothing about real hardware");

  const collateral = simulator.platform().collateral();
  const plan = await planSubmissions({ store: protocol.collateralStore, fromBlock: book.fromBlock }, collateral, now);
  mustEqual("The number of documents that the chain lacks", plan.length, Object.keys(collateral).length);
  say(`a ${actors.stranger.name} submits the collateral: who signed it counts, not who brings it`);
  const gas: { document: DocumentName; gas: bigint }[] = [];
  for (const { document, title, tx } of plan) {
    tell(title);
    const receipt = await sender.send(
      `submit ${documentTitles[document].replace(" certificate", "")}`,
      actors.stranger,
      Promise.resolve(tx),
    );
    gas.push({ document, gas: receipt.gasUsed });
    say(`- ${documentTitles[document]}, ${whole(sizeOf(collateral, document))} bytes`, { gas: receipt.gasUsed });
  }

  const family = familyOfCollateral(collateral);
  const number = evaluationNumberOf(collateral);
  const key = [caNumberOf(family), 1, family.fmspc, family.pceId, number] as const;
  const { validUntil } = await protocol.collateralStore.collateralOf(...key);
  must("the collateral is in force", validUntil > now);
  say(`platforms of FMSPC ${family.fmspc.slice(2)} can be judged until ${formatTime(validUntil).slice(0, 10)}`, {
    ...(await clock.stamp()),
    gas: gas.reduce((sum, each) => sum + each.gas, 0n),
  });
  return { simulator, collateral, gas };
}
