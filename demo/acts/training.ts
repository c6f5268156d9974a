import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import type { LogDescription } from "ethers";
import { z } from "zod";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { makePatients, shareOfCommoner, shareRight } from "../patients.ts";
import { eventOf, eventsOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { short, tokens, whole } from "../words.ts";
import type { World } from "../world.ts";
import { acceptTask, checkStatus, LEAST_DURATION, publishTask, type PublishedTask, type Study } from "./publishing.ts";
import { openResult, resultHashOf } from "../../src/data/index.ts";
import { domainOf } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { signVerdictOnce } from "../../src/journal/index.ts";

/** What the requester got, and how good it is, which the demo knows by knowing all data. */
export interface Trained {
  /** Rows that the model was trained on, and the share of them whose answer it says. */
  readonly rows: number;
  readonly accuracy: number;
  /** The share for which the commoner answer would be right. */
  readonly guessing: number;
  /** People that were in no dataset. */
  readonly unseen: { readonly rows: number; readonly accuracy: number };
}

/** What somebody was paid. */
export interface Payment {
  readonly name: string;
  readonly amount: bigint;
}

/** What came of a task that was judged valid. */
export interface JudgedTask {
  readonly taskId: bigint;
  readonly escrowed: bigint;
  readonly stakeLock: bigint;
  readonly paid: {
    readonly owners: readonly Payment[];
    readonly node: bigint;
    readonly validators: readonly Payment[];
  };
  readonly model: Trained;
}

/** What is read of the result that the enclave sealed: the weights, then the bias. */
const resultForm = z.object({
  values: z.array(z.number()),
});

/** People of the requester's own, to try the model on. */
const UNSEEN = 200;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The program trains, and the host brings the sealed result's hash with the enclave's signature. Returns where the result is. */
async function train(world: World, { node }: Study, task: PublishedTask, { say, tell }: Narrator): Promise<string> {
  const { protocol, sender, clock } = world;
  const { taskEscrow } = protocol;
  const { terms, files } = task;
  tell("the enclave program trains");
  const out = node.workshop.path(`result-${terms.taskId.toString()}.bin`);
  const answer = await node.workshop.program.run(terms, files, out);
  if (answer.outcome !== "result") throw new Unmet(`The enclave gave up: ${answer.explanation}`);
  await clock.travelTo((await clock.now()) + LEAST_DURATION);
  const uri = pathToFileURL(out).href;
  const tx = taskEscrow.submit.populateTransaction(terms.taskId, answer.resultHash, uri, answer.signature);
  const receipt = await sender.send("task submit", node.owner, tx);
  const submitted = eventOf(receipt, taskEscrow, "ResultSubmitted");
  say(`the program trains and signs the result's hash ${short(answer.resultHash)}; the host submits`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
  return String(submitted.args.getValue("resultUri"));
}

/** A validator looks whether the file is the one that the enclave signed, and signs that it is. */
async function judge(world: World, { signer }: Actor, taskId: bigint, uri: string) {
  const { protocol, book, chainId, journal } = world;
  const { resultHash, vouchedAttestation, verdictBy } = await protocol.taskEscrow.getTask(taskId);
  const termsHash = await protocol.taskEscrow.fixedTermsHashOf(taskId);
  mustEqual<string>("The hash of the sealed result", resultHashOf(readFileSync(new URL(uri))), resultHash);
  mustEqual("Whether a quorum vouched for the node", vouchedAttestation, 0n);
  const verdict = enumNumber("TaskStatus", "Valid");
  const message = { taskId, termsHash, resultHash, vouchedAttestation, verdict, deadline: verdictBy };
  const domain = domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
  return { validator: signer.address, signature: await signVerdictOnce(journal, signer, domain, message) };
}

const sum = (payments: readonly Payment[]): bigint => payments.reduce((total, { amount }) => total + amount, 0n);

const listed = (payments: readonly Payment[]): string =>
  payments.map(({ name, amount }) => `${name} ${amount.toString()}`).join();

/** What a finalized task paid, from its events. */
function paidBy(
  { actors }: World,
  { fees }: PublishedTask,
  credited: readonly LogDescription[],
  given: LogDescription,
): JudgedTask["paid"] {
  const people = [...actors.validators, actors.hospital, actors.clinic, actors.host];
  const nameOf = (account: unknown): string =>
    people.find(({ signer }) => signer.address === account)?.name ?? String(account);
  const credits = credited.map((event) => ({
    name: nameOf(event.args.getValue("account")),
    amount: numberIn(event, "amount"),
  }));
  const [signers, shares] = [given.args.getValue("signers"), given.args.getValue("shares")] as [string[], bigint[]];
  const validators = signers.map((signer, i) => ({ name: nameOf(signer), amount: shares[i] ?? 0n }));
  const owners = credits.filter(({ name }) => name !== actors.host.name);
  const node = sum(credits.filter(({ name }) => name === actors.host.name));
  mustEqual("What the owners got", listed(owners), listed(fees.owners));
  mustEqual("What the node got", node, fees.node);
  mustEqual("What the validators got", sum(validators), fees.validators);
  mustEqual("What was paid of the escrow", sum(owners) + node + sum(validators), fees.escrowed);
  return { owners, node, validators };
}

/** A quorum's verdict ends the task and pays everybody. */
async function finalize(
  world: World,
  task: PublishedTask,
  uri: string,
  { say, tell }: Narrator,
): Promise<JudgedTask["paid"]> {
  const { protocol, book, actors, sender, clock, token } = world;
  const { taskEscrow, stakeVault } = protocol;
  const { taskId } = task.terms;
  const signatures = [];
  for (const validator of actors.validators) {
    tell(`${validator.name} looks at the sealed result`);
    signatures.push(await judge(world, validator, taskId, uri));
  }
  signatures.sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1));
  const tx = taskEscrow.finalize.populateTransaction(taskId, enumNumber("TaskStatus", "Valid"), signatures);
  const receipt = await sender.send("task finalize", actors.stranger, tx);
  await checkStatus(world, taskId, "Valid");
  mustEqual("What the finished task holds in escrow", await taskEscrow.escrowOf(taskId), 0n);
  const { locked } = await stakeVault.allowanceOf(actors.host.signer, book.contracts.taskEscrow);
  mustEqual("What is still locked of the host's stake", locked, 0n);
  say(`${String(signatures.length)} validators check that the sealed file is the one signed for: a quorum, valid`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
  const given = eventOf(receipt, taskEscrow, "VerdictGiven");
  const paid = paidBy(world, task, eventsOf(receipt, taskEscrow, "FeeCredited"), given);
  const amounts = [
    ...paid.owners.map(({ name, amount }) => `${tokens(amount, token.decimals)} to the ${name}`),
    `${tokens(paid.node, token.decimals)} to the ${actors.host.name}`,
    `${tokens(sum(paid.validators), token.decimals)} to the ${String(signatures.length)} validators`,
  ];
  say(`paid of ${tokens(task.fees.escrowed, token.decimals)} ${token.symbol}: ${amounts.join(", ")}`);
  return paid;
}

/** The requester opens the sealed result, and tries the model on people of its own. */
async function open(
  world: World,
  { data }: Study,
  task: PublishedTask,
  uri: string,
  { say }: Narrator,
): Promise<Trained> {
  const { terms, resultKey } = task;
  const { resultHash } = await world.protocol.taskEscrow.getTask(terms.taskId);
  const content = openResult(resultKey, readFileSync(new URL(uri)), { ...terms, resultHash });
  const { values } = resultForm.parse(JSON.parse(new TextDecoder().decode(content)));
  const model = { weights: values.slice(0, -1), bias: values.at(-1) ?? NaN };
  const patients = data.flatMap((each) => each.patients);
  const guessing = shareOfCommoner(patients);
  const [rows, accuracy] = [patients.length, shareRight(patients, model)];
  must("the model says more than the commoner answer", accuracy > guessing);
  const own = makePatients("researcher", UNSEEN);
  const unseen = { rows: own.length, accuracy: shareRight(own, model) };
  say(
    `the ${world.actors.researcher.name} opens it. It does not learn so, but it is right for ${percent(accuracy)} of the ${whole(rows)} rows`,
  );
  const outside = `${percent(unseen.accuracy)} of ${whole(unseen.rows)} people in no dataset`;
  say(`and for ${outside}; the commoner answer would be right for ${percent(guessing)}`);
  return { rows, accuracy, guessing, unseen };
}

/** A task from its publication to the model in its requester's hands. */
export async function trainAndPay(world: World, study: Study, narrator: Narrator): Promise<JudgedTask> {
  const { actors, clock, token } = world;
  const { say, tell } = narrator;
  tell("the researcher publishes a task");
  const task = await publishTask(world, study);
  const { taskId } = task.terms;
  const { escrowed, stakeLock } = task.fees;
  const cost = `${tokens(escrowed, token.decimals)} ${token.symbol}`;
  const { name } = actors.researcher;
  say(`the ${name} seals inputs and publishes task ${taskId.toString()} by permit: ${cost} escrowed`, {
    ...(await clock.stamp()),
    gas: task.receipt.gasUsed,
  });
  const accepted = await acceptTask(world, study.node, task);
  const lock = `${tokens(stakeLock, token.decimals)} ${token.symbol}`;
  say(`the program has all in hand: the ${actors.host.name} accepts, ${lock} of its stake locked`, {
    ...(await clock.stamp()),
    gas: accepted.gasUsed,
  });
  const uri = await train(world, study, task, narrator);
  const paid = await finalize(world, task, uri, narrator);
  return { taskId, escrowed, stakeLock, paid, model: await open(world, study, task, uri, narrator) };
}
