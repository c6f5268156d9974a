import { readFileSync } from "node:fs";

import type { Narrator } from "../narrator.ts";
import { PARAMETERS, RANGE, recovered, recoverRows, tableOf, type Row, type ToldModel } from "../rowRecovery.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual } from "../unmet.ts";
import { whole } from "../words.ts";
import type { World } from "../world.ts";
import { grantDirectly, seal, type OwnedData, type Refusal } from "./granting.ts";
import type { EnclaveNode } from "./hosting.ts";
import { encodeKey, type DataConditions } from "../../src/data/conditions.ts";
import { dataKeyContext, inputsContext } from "../../src/data/contexts.ts";
import { sealedDataKeyDocument } from "../../src/data/documents.ts";
import {
  encryptDataset,
  makePrivateKey,
  openResult,
  publicKeyOf,
  safeTerms,
  type PrivateKey,
} from "../../src/data/index.ts";
import { seal as sealFor } from "../../src/data/sealing.ts";
import { EnclaveClient, EnclaveError, programHash, type TaskFiles, type TaskTerms } from "../../src/enclave/index.ts";
import type { Table } from "../../src/enclave/table.ts";
import { toJson } from "../../src/json.ts";
import { keccak256, toHex, utf8, type Hex } from "../../src/sgx/bytes.ts";

/** The attack has 504 where it works, and then finds most rows; here it is refused from the first on. */
const QUESTIONS = 24;
const ROWS = 24;

/** Ids that no task has. */
const FIRST_INVENTED = 1_000_000n;

/** What came of inventing tasks. */
export interface Invented {
  readonly questions: number;
  readonly rows: number;
  readonly recovered: number;
  readonly refusals: readonly Refusal[];
}

/** Somebody else's rows: a number each, and a label. */
const theRows = (): Row[] =>
  Array.from({ length: ROWS }, (_, i) => ({ value: (i * 41_999 + 7_919) % RANGE, label: (i * 7) % 3 === 0 ? 1 : 0 }));

const csvOf = ({ values }: Table): string =>
  Array.from({ length: values.length / 2 }, (_, i) => `${String(values[2 * i])},${String(values[2 * i + 1])}\n`).join(
    "",
  );

/** The hospital grants a small dataset to the node, and delivers its key on the usual conditions. */
async function grantSmall(world: World, node: EnclaveNode, rows: readonly Row[]): Promise<Delivered> {
  const { protocol, sender, actors } = world;
  const owner = actors.hospital;
  const encrypted = encryptDataset(utf8(csvOf(tableOf(rows))));
  const tx = protocol.dataGrants.register.populateTransaction(
    encrypted.contentHash,
    1n,
    "https://hospital.example/small",
  );
  const receipt = await sender.send("dataset register", owner, tx);
  const datasetId = numberIn(eventOf(receipt, protocol.dataGrants, "DatasetRegistered"), "datasetId");
  const file = node.workshop.put("small.bin", encrypted.file);
  const data: OwnedData = { owner, datasetId, price: 1n, patients: [], encrypted, file };
  await grantDirectly(world, node, data, { say: () => undefined, tell: () => undefined });
  const sealedKey = node.workshop.put("small.key.json", toJson(await seal(world, data, node.attested)));
  return { ...data, sealedKey };
}

interface Delivered extends OwnedData {
  readonly sealedKey: string;
}

/** The host: it seals inputs and bait itself, names tasks that do not exist, and has its own enclave program do them. */
class Inventor {
  readonly refusals = new Map<string, number>();
  readonly #world: World;
  readonly #node: EnclaveNode;
  readonly #data: Delivered;
  readonly #program: EnclaveClient;
  readonly #resultKey: PrivateKey = makePrivateKey("X25519");
  #asked = 0;

  constructor(world: World, node: EnclaveNode, data: Delivered, program: EnclaveClient) {
    [this.#world, this.#node, this.#data, this.#program] = [world, node, data, program];
  }

  get asked(): number {
    return this.#asked;
  }

  /** Has a model trained on bait beside the other's rows. */
  async ask(bait: Table): Promise<ToldModel> {
    this.#asked += 1;
    const { terms, files } = this.#task(bait);
    const out = this.#node.workshop.path("stolen.bin");
    try {
      const answer = await this.#program.run(terms, files, out);
      if (answer.outcome === "abort") return this.#refused(answer.reason);
      const content = openResult(this.#resultKey, readFileSync(out), { ...terms, resultHash: answer.resultHash });
      const { values, metrics } = JSON.parse(new TextDecoder().decode(content)) as {
        values: number[];
        metrics?: number[];
      };
      return { weights: values.slice(0, -1), bias: values.at(-1) ?? NaN, accuracy: metrics?.[1] ?? NaN };
    } catch (error) {
      if (!(error instanceof EnclaveError)) throw error;
      return this.#refused(error.code);
    }
  }

  #refused(code: string): ToldModel {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    return { weights: [NaN], bias: NaN, accuracy: NaN };
  }

  /** A task over the other's dataset and bait, with all its files. */
  #task(bait: Table): { readonly terms: TaskTerms; readonly files: TaskFiles } {
    const { chainId, book, actors } = this.#world;
    const { nodeId, workshop, attested, enclave } = this.#node;
    const { datasetId, encrypted, owner, file, sealedKey } = this.#data;
    const { publicKey } = attested;
    const grants = book.contracts.dataGrants as Hex;
    const escrow = book.contracts.taskEscrow as Hex;
    const own = encryptDataset(utf8(csvOf(bait)));
    const baitUse = {
      ...{ chainId, grants, nodeId, enclaveKey: enclave.address },
      ...{ datasetId: FIRST_INVENTED, owner: actors.host.signer.address, contentHash: own.contentHash },
    };
    const conditions: DataConditions = {
      ...{ version: 1, registry: book.contracts.nodeRegistry, escrow, grantNonce: 0n },
      ...{ ...safeTerms, joining: "all" },
    };
    const content = encodeKey({ dataKey: own.dataKey, conditions });
    const document = sealedDataKeyDocument.parse({
      ...(JSON.parse(readFileSync(sealedKey, "utf8")) as object),
      ...{ datasetId: FIRST_INVENTED.toString(), owner: baitUse.owner, contentHash: own.contentHash },
      sealed: toHex(sealFor(publicKey, dataKeyContext(baitUse), content)),
    });
    const datasets = [
      { datasetId, owner: owner.signer.address, contentHash: encrypted.contentHash },
      { datasetId: FIRST_INVENTED, owner: baitUse.owner, contentHash: own.contentHash },
    ];
    const inputs = {
      ...{ grants, datasets, program: { hash: programHash("logistic-regression") }, parameters: PARAMETERS },
      resultKey: publicKeyOf(this.#resultKey),
    };
    const use = { chainId, escrow, nodeId, enclaveKey: enclave.address };
    const sealed = sealFor(publicKey, inputsContext(use), utf8(toJson(inputs)));
    const terms: TaskTerms = {
      ...{ chainId, escrow, grants, taskId: FIRST_INVENTED + BigInt(this.#asked), nodeId },
      ...{ dealHash: keccak256(utf8("no deal")), inputHash: keccak256(sealed), datasets },
    };
    const places = [
      { datasetId, file, sealedKey },
      {
        ...{ datasetId: FIRST_INVENTED, file: workshop.put("bait.bin", own.file) },
        sealedKey: workshop.put("bait.key.json", toJson(document)),
      },
    ];
    return { terms, files: { inputs: workshop.put("invented.bin", sealed), datasets: places } };
  }
}

/** The program as a node's has to be: it believes the chain alone, whose validators it knows. */
async function believing({ chainId, book, actors, protocol, provider }: World, { workshop }: EnclaveNode) {
  const { viewJudge, validatorSet, taskEscrow, nodeRegistry } = book.contracts;
  const validators = await Promise.all(
    actors.validators.map(async ({ signer: { address } }) => {
      const { stake } = await protocol.validatorSet.getValidator(address);
      return { account: address, key: address, stake };
    }),
  );
  const trust = {
    ...{ kind: "chain-trust", chainId, contracts: { viewJudge, validatorSet, taskEscrow, nodeRegistry } },
    ...{ height: BigInt(await provider.getBlockNumber()), validators },
  };
  const file = workshop.put("chain.trust.json", toJson(trust));
  return EnclaveClient.start({ believes: { trust: file, state: workshop.path("belief") } });
}

/** The host makes up tasks to find out the rows of somebody's dataset, one by one. */
export async function inventTasks(world: World, node: EnclaveNode, { say, tell }: Narrator): Promise<Invented> {
  const { name } = world.actors.host;
  const rows = theRows();
  tell("the host makes up tasks");
  const data = await grantSmall(world, node, rows);
  say(
    `the ${world.actors.hospital.name} grants ${whole(rows.length)} more rows. No chain stops the ${name} from asking its own program for tasks that do not exist:`,
  );
  const inventor = new Inventor(world, node, data, node.workshop.program);
  const found: Row[] = [];
  while (inventor.asked < QUESTIONS) {
    const left = QUESTIONS - inventor.asked;
    found.push(...(await recoverRows(async (bait) => inventor.ask(bait), rows.length, left)));
  }
  const count = recovered(rows, found);
  mustEqual("The rows that the host recovered", count, 0);
  mustEqual("How often the bait was refused", inventor.refusals.get("JOINING_NOT_ALLOWED") ?? 0, QUESTIONS);
  say(
    `- ${whole(QUESTIONS)} invented tasks over the data beside bait of the ${name}'s own: JOINING_NOT_ALLOWED, ${whole(inventor.refusals.get("JOINING_NOT_ALLOWED") ?? 0)} times`,
  );
  const strict = await believing(world, node);
  let code: string;
  try {
    const other = new Inventor(world, node, data, strict);
    await other.ask(tableOf(rows));
    code = [...other.refusals.keys()].join();
  } finally {
    await strict.close();
  }
  must("a program that believes the chain alone refuses a task that it does not show", code === "NO_EVIDENCE");
  say(`- one of them, with a program that believes the chain alone: ${code}, before it opens anything`);
  say(`rows recovered: ${whole(count)} of ${whole(rows.length)}`);
  const refusals = [
    { what: "an invented task over granted data beside bait", error: "JOINING_NOT_ALLOWED" },
    { what: "an invented task, with a program that believes the chain alone", error: code },
  ];
  return { questions: QUESTIONS, rows: rows.length, recovered: count, refusals };
}
