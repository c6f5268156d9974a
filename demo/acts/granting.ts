import { randomBytes } from "node:crypto";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { makePatients, toCsv, type Patient } from "../patients.ts";
import { eventOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import { quoteOf, type NodeMachine } from "./attesting.ts";
import type { EnclaveNode } from "./hosting.ts";
import { verifyEnclave } from "./trusting.ts";
import { formatTime, parseAmount } from "../../src/amounts.ts";
import type { GrantTermsStruct } from "../../src/bindings.ts";
import {
  DataError,
  decryptDataset,
  enclaveKeyOf,
  encryptDataset,
  makePrivateKey,
  openDataKey,
  publicKeyOf,
  safeTerms,
  sealDataKey,
  type AttestedEnclave,
  type EncryptedDataset,
  type OwnerTerms,
  type PublicKey,
  type SealedDataKey,
} from "../../src/data/index.ts";
import { domainOf, signGrant } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { toJson } from "../../src/json.ts";
import { utf8, type Hex } from "../../src/sgx/bytes.ts";

/** A registered dataset, and all that its owner knows. */
export interface OwnedData {
  readonly owner: Actor;
  readonly datasetId: bigint;
  /** Of each use. */
  readonly price: bigint;
  readonly patients: readonly Patient[];
  readonly encrypted: EncryptedDataset;
  /** The encrypted file, for anybody. */
  readonly file: string;
}

/** A dataset whose key is delivered to the enclave. */
export interface DeliveredData extends OwnedData {
  /** The sealed data key, for anybody. */
  readonly sealedKey: string;
}

/** Something that was refused, and by what name. */
export interface Refusal {
  readonly what: string;
  readonly error: string;
}

/** What the owners have: how many rows, at what price a use in tokens. */
const HOLDINGS = {
  hospital: { rows: 260, price: "6" },
  clinic: { rows: 140, price: "4" },
} as const;

const [HOUR, MONTH] = [3600n, 30n * 86_400n];

/** Somebody encrypts its table under a fresh key, and registers the file's hash with a price. */
export async function registerData(
  world: World,
  { workshop }: EnclaveNode,
  which: keyof typeof HOLDINGS,
  { say }: Narrator,
): Promise<OwnedData> {
  const { protocol, sender, actors, token } = world;
  const { dataGrants } = protocol;
  const owner = actors[which];
  const price = parseAmount(HOLDINGS[which].price, token.decimals);
  const patients = makePatients(which, HOLDINGS[which].rows);
  const encrypted = encryptDataset(utf8(toCsv(patients)));
  const uri = `https://${which}.example/patients.bin`;
  const tx = dataGrants.register.populateTransaction(encrypted.contentHash, price, uri);
  const receipt = await sender.send("dataset register", owner, tx);
  const datasetId = numberIn(eventOf(receipt, dataGrants, "DatasetRegistered"), "datasetId");
  const rows = `${String(patients.length)} rows`;
  say(
    `the ${owner.name} encrypts ${rows}: dataset ${datasetId.toString()}, ${tokens(price, token.decimals)} ${token.symbol} a use`,
    { gas: receipt.gasUsed },
  );
  const file = workshop.put(`dataset-${datasetId.toString()}.bin`, encrypted.file);
  return { owner, datasetId, price, patients, encrypted, file };
}

async function grantTerms({ clock }: World, node: EnclaveNode, { datasetId }: OwnedData): Promise<GrantTermsStruct> {
  return {
    datasetId,
    nodeId: node.nodeId,
    mrEnclave: node.mrEnclave,
    enclaveKey: node.enclave.address,
    until: (await clock.now()) + MONTH,
    demand: enumNumber("AttestationDemand", "Final"),
    free: false,
  };
}

async function checkGranted({ protocol }: World, { nodeId }: EnclaveNode, { datasetId }: OwnedData): Promise<void> {
  const what = `dataset ${datasetId.toString()} is granted to node ${nodeId.toString()}`;
  must(what, await protocol.dataGrants.isGranted(datasetId, nodeId));
}

/** An owner grants its dataset to the node itself. */
export async function grantDirectly(
  world: World,
  node: EnclaveNode,
  data: OwnedData,
  { say }: Narrator,
): Promise<void> {
  const { protocol, sender, clock } = world;
  const terms = await grantTerms(world, node, data);
  const tx = protocol.dataGrants.grant.populateTransaction(terms, data.encrypted.contentHash);
  const receipt = await sender.send("dataset grant", data.owner, tx);
  await checkGranted(world, node, data);
  const until = formatTime(BigInt(terms.until)).slice(0, 10);
  say(`the ${data.owner.name} grants it to node ${node.nodeId.toString()}'s enclave key until ${until}`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
}

/** An owner signs its grant, and somebody else carries it to the chain. */
export async function grantBySignature(
  world: World,
  node: EnclaveNode,
  data: OwnedData,
  { say }: Narrator,
): Promise<void> {
  const { protocol, book, chainId, sender, clock, actors } = world;
  const { dataGrants } = protocol;
  const terms = await grantTerms(world, node, data);
  const { nonce } = await dataGrants.getGrant(data.datasetId, node.nodeId);
  const deadline = (await clock.now()) + HOUR;
  const message = { ...terms, contentHash: data.encrypted.contentHash, nonce, deadline };
  const domain = domainOf("DataGrants", chainId, book.contracts.dataGrants);
  const signature = await signGrant(data.owner.signer, domain, message);
  const tx = dataGrants.grantFor.populateTransaction(terms, deadline, signature);
  const receipt = await sender.send("dataset grant, signed", actors.stranger, tx);
  await checkGranted(world, node, data);
  say(`the ${data.owner.name} signs its grant, and a ${actors.stranger.name} carries it to the chain`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
}

/** Seals a dataset's key to the enclave of a node, if the chain says that it may be. */
export async function seal(
  { protocol, chainId }: World,
  { datasetId, encrypted }: OwnedData,
  enclave: AttestedEnclave,
  terms: OwnerTerms = safeTerms,
): Promise<SealedDataKey> {
  const { dataGrants: grants, nodeRegistry: nodes, taskEscrow: escrow } = protocol;
  const { dataKey, file } = encrypted;
  const { nodeId } = enclave.node;
  return sealDataKey({ chainId, grants, escrow, nodes, nodeId, enclave, terms, datasetId, dataKey, file });
}

/** The owners deliver their keys to the enclave that they granted their data to. */
export async function deliverKeys(
  world: World,
  node: EnclaveNode,
  owned: readonly OwnedData[],
  { say }: Narrator,
): Promise<DeliveredData[]> {
  const delivered: DeliveredData[] = [];
  for (const data of owned) {
    const others = owned.filter((each) => each !== data);
    const joining = others.map(({ encrypted }) => encrypted.contentHash);
    const document = await seal(world, data, node.attested, { ...safeTerms, joining });
    const name = `dataset-${data.datasetId.toString()}.key.json`;
    delivered.push({ ...data, sealedKey: node.workshop.put(name, toJson(document)) });
  }
  say(
    "both verify the node's quote themselves, have the chain confirm node, key and grant, and seal their data keys to the enclave, for use beside each other's data and nobody else's",
  );
  return delivered;
}

/** The code of the error that some work must end with. */
async function refusalOf(what: string, expected: string, work: () => unknown): Promise<Refusal> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    mustEqual<string>(what, error.code, expected);
    return { what, error: error.code };
  }
  throw new Unmet(`It worked: ${what}`);
}

/** What does not work: delivery to a node without a grant, and opening what is public. */
export async function tryStealing(
  world: World,
  node: EnclaveNode,
  other: NodeMachine,
  data: OwnedData,
  { say }: Narrator,
): Promise<Refusal[]> {
  const { nodeId, datasetId } = { ...node, ...data };
  const { file, contentHash } = data.encrypted;
  const otherKey: PublicKey = { scheme: "Secp256k1", key: other.enclave.signingKey.compressedPublicKey as Hex };
  const otherEnclave = await verifyEnclave(world, other, otherKey, await quoteOf(world, other));
  const document = await seal(world, data, node.attested);
  const stranger = makePrivateKey("Secp256k1");
  const use = {
    chainId: world.chainId,
    grants: document.grants,
    datasetId,
    owner: document.owner,
    contentHash,
    nodeId,
  };
  const claimed = { ...document, enclaveKey: enclaveKeyOf(publicKeyOf(stranger)) };
  const attempts = [
    {
      what: `the key delivered to node ${other.nodeId.toString()}, live but without a grant`,
      expected: "NOT_GRANTED",
      work: async () => seal(world, data, otherEnclave),
    },
    {
      what: "the sealed key opened by a stranger",
      expected: "NOT_OPENED",
      work: () => openDataKey(stranger, claimed, use),
    },
    {
      what: "the file decrypted with a guessed key",
      expected: "WRONG_DATA_KEY",
      work: () => decryptDataset(file, randomBytes(32), contentHash),
    },
  ];
  const refusals: Refusal[] = [];
  for (const { what, expected, work } of attempts) {
    refusals.push(await refusalOf(what, expected, work));
    say(`- ${what}: refused, ${expected}`);
  }
  return refusals;
}
