import type { ContractTransaction } from "ethers";

import { numberIn, type Intent } from "./sender.ts";
import type { World } from "./world.ts";
import type { Model } from "../../modules/models.ts";
import { enumNumber } from "../../src/enums.ts";

/** A model in the catalog. */
export interface ListedModel extends Model {
  readonly modelId: bigint;
}

/** Has the governor schedule calls, waits out the delay, and has it execute them. */
async function govern(world: World, calls: readonly ContractTransaction[], what: string) {
  const { chain, sender, protocol, people } = world;
  const { governance } = protocol;
  const [first] = calls;
  if (first === undefined) return [];
  const by = people.governor;
  await chain.enrich([by.address]);
  const { delay } = await governance.canCall(by.address, first.to, first.data.slice(0, 10));
  const schedule = (call: ContractTransaction): Intent => ({
    ...{ by, what: `schedule to ${what}` },
    tx: governance.schedule.populateTransaction(call.to, call.data, 0),
  });
  await sender.send(calls.map(schedule));
  const execute = (call: ContractTransaction): Intent => ({
    ...{ by, what },
    tx: governance.execute.populateTransaction(call.to, call.data),
  });
  return sender.send(calls.map(execute), chain.now + delay + 1n);
}

/** Has governance add hardware models to the catalog that it does not have. Returns them in the same order. */
export async function listModels(world: World, models: readonly Model[]): Promise<ListedModel[]> {
  const { hardwareCatalog } = world.protocol;
  const count = await hardwareCatalog.modelCount();
  const ids = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  const known = await Promise.all(ids.map(async (modelId) => ({ modelId, ...(await modelOf(world, modelId)) })));
  const idOf = ({ name, hashRate }: Model): bigint | undefined =>
    known.find((each) => each.isListed && each.name === name && each.hashRate === hashRate)?.modelId;
  const missing = models.filter((model) => idOf(model) === undefined);
  const calls = await Promise.all(
    missing.map(async ({ kind, hashRate, name }) =>
      hardwareCatalog.addModel.populateTransaction(enumNumber("HardwareKind", kind), hashRate, name),
    ),
  );
  const receipts = await govern(world, calls, "add a hardware model");
  const added = receipts.map((receipt) => numberIn(receipt, hardwareCatalog, "ModelAdded", "modelId"));
  return models.map((model) => ({ ...model, modelId: idOf(model) ?? added[missing.indexOf(model)] ?? 0n }));
}

async function modelOf({ protocol }: World, modelId: bigint) {
  const { name, hashRate, listed } = await protocol.hardwareCatalog.getModel(modelId);
  return { name, hashRate, isListed: listed };
}

/** Leaves a change of governance scheduled, unless it is: the fee, three days from now, where the delay is no longer. */
export async function scheduleFee(world: World, feeBps: number): Promise<void> {
  const { chain, sender, protocol, people } = world;
  const { governance, orderEscrow } = protocol;
  const call = await orderEscrow.setFee.populateTransaction(feeBps);
  const by = people.governor;
  const operation = await governance.hashOperation(by.address, call.to, call.data);
  if ((await governance.getSchedule(operation)) !== 0n) return;
  const { delay } = await governance.canCall(by.address, call.to, call.data.slice(0, 10));
  const ahead = delay > THREE_DAYS ? delay : THREE_DAYS;
  const tx = governance.schedule.populateTransaction(call.to, call.data, chain.now + ahead + 60n);
  await sender.send([{ by, tx, what: "schedule another fee" }]);
}

const THREE_DAYS = 3n * 86_400n;
