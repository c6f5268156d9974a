import type { Narrator } from "../narrator.ts";
import { rowsOf, toCsv } from "../patients.ts";
import { eventOf, eventsOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens, whole } from "../words.ts";
import type { Search } from "../workshop.ts";
import type { World } from "../world.ts";
import type { Refusal } from "./granting.ts";
import { acceptTask, checkStatus, publishTask, type Study } from "./publishing.ts";
import { leaksIn } from "../leaks.ts";
import { utf8 } from "../../src/sgx/bytes.ts";

/** What came of a task without a result. */
export interface FailedTask {
  readonly taskId: bigint;
  readonly stakeLock: bigint;
  /** Out of the lock. */
  readonly owners: readonly { readonly name: string; readonly amount: bigint }[];
  readonly toTreasury: bigint;
  /** To the requester, out of the escrow. */
  readonly refunded: bigint;
}

/** A task is accepted, its node goes dark, and after the deadline anybody ends it at the node's expense. */
export async function failTask(world: World, study: Study, { say, tell }: Narrator): Promise<FailedTask> {
  const { protocol, sender, clock, actors, token } = world;
  const { taskEscrow, stakeVault } = protocol;
  const { host, researcher, stranger, treasury, hospital, clinic } = actors;
  const show = (amount: bigint): string => tokens(amount, token.decimals);

  tell("the researcher publishes another task");
  const task = await publishTask(world, study);
  const { taskId } = task.terms;
  const accepted = await acceptTask(world, study.node, task);
  say(`the ${researcher.name} publishes task ${taskId.toString()}, and the ${host.name} accepts`, {
    ...(await clock.stamp()),
    gas: accepted.gasUsed,
  });
  await study.node.workshop.stop();
  say("the node is switched off, and no result comes");

  const { escrowed, stakeLock } = task.fees;
  const owners = [hospital, clinic];
  const stakes = async (): Promise<bigint[]> =>
    Promise.all([host, treasury, ...owners].map(async ({ signer }) => (await stakeVault.stakeOf(signer)).stake));
  const before = await stakes();
  const credit = await taskEscrow.balanceOf(researcher.signer);
  await clock.travelTo(task.resultBy + 1n);
  const receipt = await sender.send("task expire", stranger, taskEscrow.expire.populateTransaction(taskId));
  await checkStatus(world, taskId, "Late");
  const compensated = eventsOf(receipt, taskEscrow, "OwnerCompensated").map((event, i) => {
    mustEqual("Whom the lock pays", String(event.args.getValue("owner")), owners[i]?.signer.address ?? "nobody");
    return { name: owners[i]?.name ?? "", amount: numberIn(event, "amount") };
  });
  const changes = (await stakes()).map((stake, i) => stake - (before[i] ?? 0n));
  const toTreasury = stakeLock - compensated.reduce((sum, { amount }) => sum + amount, 0n);
  const expected = [-stakeLock, toTreasury, ...task.fees.owners.map(({ amount }) => amount)];
  mustEqual("What host, treasury and owners gained in stake", changes.join(), expected.join());
  const refunded = numberIn(eventOf(receipt, taskEscrow, "TaskEnded"), "refunded");
  mustEqual("What the requester got back", (await taskEscrow.balanceOf(researcher.signer)) - credit, escrowed);
  mustEqual("What the event says of it", refunded, escrowed);
  say(`its time is over: a ${stranger.name} ends it, and the ${show(stakeLock)} ${token.symbol} locked are lost`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
  const parts = compensated.map(({ name, amount }) => `${show(amount)} to the ${name}`).join(", ");
  say(`${parts}, ${show(toTreasury)} to the treasury; the ${researcher.name} gets all ${show(refunded)} back`);
  return { taskId, stakeLock, owners: compensated, toTreasury, refunded };
}

/** An owner revokes between a task's publication and its acceptance, which is refused. */
export async function revokeGrant(world: World, study: Study, { say, tell }: Narrator): Promise<Refusal> {
  const { protocol, sender, clock, actors } = world;
  const { taskEscrow, dataGrants } = protocol;
  const { host, researcher, clinic } = actors;
  const datasetId = study.data.find(({ owner }) => owner === clinic)?.datasetId ?? 0n;
  const { contentHash } = await dataGrants.getDataset(datasetId);
  const enclaveKey = study.node.enclave.address;

  tell("the clinic revokes its grant");
  const { terms, fees } = await publishTask(world, study);
  const { taskId, nodeId } = terms;
  const id = taskId.toString();
  const revoke = dataGrants.revoke.populateTransaction(datasetId, contentHash, nodeId, enclaveKey);
  const revoked = await sender.send("dataset revoke", clinic, revoke);
  mustEqual("Whether the grant still holds", await dataGrants.isGranted(datasetId, nodeId), false);
  say(`the ${clinic.name} revokes its grant, after task ${id} was published`, {
    ...(await clock.stamp()),
    gas: revoked.gasUsed,
  });
  const what = `the ${host.name} accepts task ${id}`;
  const termsHash = await taskEscrow.termsHashOf(taskId);
  const accept = taskEscrow.accept.populateTransaction(taskId, termsHash, enclaveKey);
  const { name } = await sender.sendRefused(what, host, accept, "DataGrantsNotGranted");
  say(`- ${what} without it: refused, ${name}`);
  const cancel = taskEscrow.cancel.populateTransaction(taskId, termsHash);
  const cancelled = await sender.send("task cancel", researcher, cancel);
  await checkStatus(world, taskId, "Cancelled");
  const refunded = numberIn(eventOf(cancelled, taskEscrow, "TaskEnded"), "refunded");
  mustEqual("What cancelling gave back", refunded, fees.escrowed);
  const amount = `${tokens(refunded, world.token.decimals)} ${world.token.symbol}`;
  say(`the ${researcher.name} cancels it and has its ${amount} back`, { gas: cancelled.gasUsed });
  return { what, error: name };
}

/** Looks for the owners' rows and keys in all that the program has printed and all that lies in its folder. */
export function searchForData({ node, data }: Study, { say }: Narrator): Search {
  const secrets = new Map<string, Uint8Array>();
  for (const { owner, patients, encrypted } of data) {
    secrets.set(`data key of the ${owner.name}`, encrypted.dataKey);
    for (const [i, row] of rowsOf(patients).entries()) secrets.set(`row ${String(i)} of the ${owner.name}`, utf8(row));
  }
  const tables = utf8(data.map(({ patients }) => toCsv(patients)).join(""));
  mustEqual("The rows that a search of the tables finds", leaksIn(tables, secrets).length, secrets.size - data.length);
  const search = node.workshop.search(secrets);
  mustEqual("What was found of the data", search.found.join(), "");
  const where = `${whole(search.bytes)} bytes of output and files`;
  say(`nothing of the data in ${where}: no row or key, plain, hex or base64`);
  return search;
}
