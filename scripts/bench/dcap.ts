import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { DocumentName } from "../../src/collateral/documents.ts";
import { encodeEvidence, EvidenceKind } from "../../src/dcap/index.ts";
import { INTEL_ROOT_KEY, readCollateralFolder, type Collateral } from "../../src/sgx/index.ts";
import type { CollateralOptions } from "../../src/sgx/simulator/options.ts";
import { deployAttestedPlatform, type AttestedPlatform } from "../../test/fixtures/dcap/attestedPlatform.ts";
import { createStore } from "../../test/fixtures/sgx/collateralStore.ts";
import { createVerifier } from "../../test/fixtures/sgx/dcapVerifier.ts";
import { simulator, TIME } from "../../test/fixtures/sgx/simulation.ts";
import { gasOf, type Measured, type Measurements } from "./measured.ts";

/** As many serial numbers as Intel's list had at its longest, and text as long as that of its TCB info. */
const LONG_CRL = 129;
const TCB_INFO_SIZE = 6_600;

const MINUTE = 60n;

/** Gas of attesting a node with evidence that turns out to be of one kind. */
async function attestation(
  { attestOnChain }: AttestedPlatform,
  expected: keyof typeof EvidenceKind,
  ...node: Parameters<AttestedPlatform["attestOnChain"]>
): Promise<number> {
  const { sent, kind } = await attestOnChain(...node);
  if (kind !== expected)
    throw new Error(`Node ${node[0].toString()} was attested by evidence ${kind}, not ${expected}`);
  return gasOf(Promise.resolve(sent));
}

/** Attesting on chain: platforms that nobody has seen, and one that comes again and again. */
async function attestations(): Promise<Measurements> {
  const deployed = await deployAttestedPlatform();
  const platform = deployed.simulator.platform();
  await deployed.submit(platform.collateral());
  const nodeId = await deployed.declare();
  const first = await attestation(deployed, "New", nodeId, platform);
  const other = deployed.simulator.platform({ name: "another platform" });
  const steady = await attestation(deployed, "New", await deployed.declare(), other);
  const again = await attestation(deployed, "Cached", nodeId, platform);
  const reattest = await attestation(deployed, "Cached", nodeId, platform);
  // Intel revokes one platform more, so all others are judged anew.
  await deployed.submit(platform.collateral({ issueDate: deployed.simulator.time - MINUTE, crlEntries: 45 }));
  const known = await attestation(deployed, "Known", nodeId, platform);
  await deployed.connection.close();
  return {
    "dcap-register-new-pck": { steady, first },
    "dcap-reattest": { steady: reattest, first: again },
    "dcap-reattest-known": { steady: known },
  };
}

/** A document's gas, the first ever and then a newer one. */
async function document(name: DocumentName, options: CollateralOptions = {}): Promise<Measured> {
  const platform = simulator.platform();
  const { submit, fill, connection } = await createStore(TIME, simulator.root);
  const set: Collateral = platform.collateral(options);
  if (name === "tcbInfo" && set.tcbInfo.text.length < TCB_INFO_SIZE) {
    throw new Error(`TCB info of ${set.tcbInfo.text.length.toString()} bytes is shorter than Intel's`);
  }
  const before = ["rootCrl", "pckCa", "tcbSigning"] as const;
  await fill(set, before.slice(0, before.includes(name as "pckCa") ? before.indexOf(name as "pckCa") : undefined));
  const first = await gasOf(submit(name, set));
  const renewed = platform.collateral({
    ...options,
    issueDate: TIME - MINUTE,
    edits: { pckCa: (fields) => ({ ...fields, notBefore: fields.notBefore + 1n }) },
  });
  const steady = await gasOf(submit(name, renewed));
  await connection.close();
  return { steady, first };
}

/** The verifier alone on Intel's own quote, where DCAP_VECTORS names a folder that has it. */
async function realQuote(): Promise<Measurements> {
  const folder = join(process.env["DCAP_VECTORS"] ?? "", "v3-sgx-00606a-platform");
  if (process.env["DCAP_VECTORS"] === undefined || !existsSync(folder)) return {};
  const collateral = readCollateralFolder(folder);
  const quote = new Uint8Array(readFileSync(join(folder, "quote.bin")));
  const { connection, fill, verifier } = await createVerifier(1_755_500_000n, INTEL_ROOT_KEY);
  await fill(collateral);
  const verify = async (kind: EvidenceKind): Promise<number> => {
    const evidence = encodeEvidence({ kind, quote, collateral, caGeneration: 1 });
    return gasOf(verifier.verify(evidence, `0x${"00".repeat(32)}`));
  };
  const rows = {
    "dcap-verify-real-new-pck": { steady: await verify(EvidenceKind.New) },
    "dcap-verify-real-cached": { steady: await verify(EvidenceKind.Cached) },
  };
  await connection.close();
  return rows;
}

/** Measures what verifying quotes on chain costs, and keeping the collateral for it. */
export async function measureDcap(): Promise<Measurements> {
  return {
    ...(await attestations()),
    "collateral-tcb-info": await document("tcbInfo"),
    "collateral-crl-129": await document("pckCrl", { crlEntries: LONG_CRL }),
    "collateral-qe-identity": await document("qeIdentity"),
    "collateral-ca": await document("pckCa"),
    ...(await realQuote()),
  };
}
