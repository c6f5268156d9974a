import { expect } from "chai";
import { TypedDataEncoder, verifyTypedData, Wallet, type TypedDataField } from "ethers";
import { readFileSync } from "node:fs";

import { resultHashOf } from "../../../src/data/chunks.ts";
import { inputsContext } from "../../../src/data/contexts.ts";
import { taskInputs } from "../../../src/data/documents.ts";
import { openInputs, sealInputs, type InputsRequest } from "../../../src/data/inputs.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { openResult, sealResult } from "../../../src/data/results.ts";
import { seal } from "../../../src/data/sealing.ts";
import { abortTypes, domainOf, grantTypes, resultTypes, signAbort, verdictTypes } from "../../../src/eip712/index.ts";
import { keccak256, utf8 } from "../../../src/sgx/bytes.ts";
import {
  addressOf,
  attestedEnclave,
  CHAIN_ID,
  dataErrorOf,
  dataFaultOf,
  FakeChain,
  makeCsv,
} from "../../fixtures/data.ts";

const parameters = { epochs: 20, learningRate: 0.5, l2: 0.001 };

const program = { hash: `0x${"cd".repeat(32)}` as const };

describe("task inputs", () => {
  let chain: FakeChain;
  let request: InputsRequest;
  const requester = makePrivateKey("X25519");

  beforeEach(() => {
    chain = new FakeChain();
    chain.register(makeCsv(1, 20));
    chain.register(makeCsv(2, 20));
    const { escrow, grants, nodes, publicKey } = chain;
    const enclave = attestedEnclave(publicKey);
    const resultKey = publicKeyOf(requester);
    const asked = { datasetIds: [1n, 2n], program, parameters, resultKey };
    request = { chainId: CHAIN_ID, escrow, grants, nodes, nodeId: 1n, enclave, ...asked };
  });

  const use = (inputHash: string) => ({ chainId: CHAIN_ID, escrow: addressOf("escrow"), nodeId: 1n, inputHash });
  const refusal = async (changes: Partial<InputsRequest>) => dataFaultOf(() => sealInputs({ ...request, ...changes }));

  it("reach the enclave as they were, with the datasets that the chain has", async () => {
    const { sealed, inputHash } = await sealInputs(request);
    expect(inputHash).to.equal(keccak256(sealed));
    expect(openInputs(chain.enclave, sealed, use(inputHash))).to.deep.equal({
      grants: addressOf("grants"),
      datasets: [1n, 2n].map((datasetId) => ({ datasetId, ...chain.identity(datasetId) })),
      program,
      parameters,
      resultKey: publicKeyOf(requester),
    });
  });

  it("open for their own chain, escrow, node and hash only", async () => {
    const { sealed, inputHash } = await sealInputs(request);
    for (const [field, value] of Object.entries({ chainId: 1n, escrow: addressOf("other"), nodeId: 2n })) {
      const expected = { ...use(inputHash), [field]: value };
      const error = await dataErrorOf(() => openInputs(chain.enclave, sealed, expected));
      expect([error.code, error.fields]).to.deep.equal(["OTHER_CONTEXT", [field]]);
    }
    const other = use(`0x${"11".repeat(32)}`);
    expect(await dataFaultOf(() => openInputs(chain.enclave, sealed, other))).to.equal("SEALED_TAMPERED");
    const stranger = makePrivateKey("Secp256k1");
    expect(await dataFaultOf(() => openInputs(stranger, sealed, use(inputHash)))).to.equal("NOT_OPENED");
  });

  it("are not sealed unless the chain confirms node, enclave key, datasets and contracts", async () => {
    const of = (nodeId: bigint) => ({ nodeId, enclave: attestedEnclave(chain.publicKey, nodeId) });
    expect(await refusal(of(9n))).to.equal("UNKNOWN_NODE");
    expect(await refusal(of(2n))).to.equal("NODE_NOT_LIVE");
    expect(await refusal({ nodeId: 2n })).to.equal("OTHER_QUOTE");
    const foreign = attestedEnclave(publicKeyOf(makePrivateKey("Secp256k1")));
    expect(await refusal({ enclave: foreign })).to.equal("OTHER_ENCLAVE_KEY");
    expect(await refusal({ datasetIds: [1n, 3n] })).to.equal("UNKNOWN_DATASET");
    chain.grantsOfEscrow = addressOf("other");
    expect(await refusal({})).to.equal("OTHER_CONTRACTS");
    chain.grantsOfEscrow = addressOf("grants");
    chain.registryOfEscrow = addressOf("other");
    expect(await refusal({})).to.equal("OTHER_CONTRACTS");
  });

  it("are not sealed in a form that the enclave would not take", async () => {
    expect(await refusal({ resultKey: { scheme: "X25519", key: `0x${"00".repeat(32)}` } })).to.equal(
      "INVALID_PUBLIC_KEY",
    );
    expect(await refusal({ datasetIds: [2n, 1n] })).to.equal("CONTENT_FORMAT");
    expect(await refusal({ datasetIds: [1n, 1n] })).to.equal("CONTENT_FORMAT");
    for (let i = 0; i < 15; i++) chain.register(makeCsv(i, 1));
    const ids = Array.from({ length: 17 }, (_, i) => BigInt(i + 1));
    expect(await refusal({ datasetIds: ids })).to.equal("CONTENT_FORMAT");
    const { sealed, inputHash } = await sealInputs({ ...request, datasetIds: ids.slice(1) });
    expect(openInputs(chain.enclave, sealed, use(inputHash)).datasets.length).to.equal(16);
  });

  it("that are garbled say where, and never what", async () => {
    const seals = (text: string) => {
      const { publicKey, enclaveKey } = chain;
      const context = inputsContext({ chainId: CHAIN_ID, escrow: addressOf("escrow"), nodeId: 1n, enclaveKey });
      return seal(publicKey, context, utf8(text));
    };
    const resultKey = publicKeyOf(requester);
    const good = { grants: addressOf("grants"), datasets: [], program, parameters, resultKey };
    expect(taskInputs.safeParse(good).success).to.equal(true);
    for (const [text, place] of [
      ["SECRET", "not JSON"],
      [JSON.stringify({ ...good, resultKey: "SECRET" }), '"resultKey"'],
      [JSON.stringify({ ...good, SECRET: 1 }), '""'],
    ] as const) {
      const sealed = seals(text);
      const error = await dataErrorOf(() => openInputs(chain.enclave, sealed, use(keccak256(sealed))));
      expect(error.code).to.equal("CONTENT_FORMAT");
      expect(error.message).to.include(place).and.to.not.include("SECRET");
    }
  });
});

describe("results", () => {
  const use = { chainId: CHAIN_ID, escrow: addressOf("escrow"), taskId: 7n, inputHash: `0x${"ab".repeat(32)}` };
  const content = utf8('{"weights":[1,2]}');

  for (const scheme of ["X25519", "Secp256k1"] as const) {
    it(`sealed to a key of ${scheme} open for the task that they are of`, async () => {
      const key = makePrivateKey(scheme);
      const { sealed, resultHash } = sealResult(publicKeyOf(key), use, content);
      expect(resultHash).to.equal(resultHashOf(sealed));
      expect(openResult(key, sealed, { ...use, resultHash })).to.deep.equal(content);

      const others = { chainId: 1n, escrow: addressOf("x"), taskId: 8n, inputHash: `0x${"cd".repeat(32)}` };
      for (const [field, value] of Object.entries(others)) {
        const error = await dataErrorOf(() => openResult(key, sealed, { ...use, resultHash, [field]: value }));
        expect([error.code, error.fields]).to.deep.equal(["OTHER_CONTEXT", [field]]);
      }
      const cut = sealed.subarray(0, -1);
      expect(await dataFaultOf(() => openResult(key, cut, { ...use, resultHash }))).to.equal("SEALED_TAMPERED");
      const resealed = sealResult(publicKeyOf(key), use, content).sealed;
      expect(await dataFaultOf(() => openResult(key, resealed, { ...use, resultHash }))).to.equal("SEALED_TAMPERED");
    });
  }
});

describe("signed messages about data and tasks", () => {
  const encodedType = (types: Record<string, TypedDataField[]>): string => {
    const encoder = TypedDataEncoder.from(types);
    return encoder.encodeType(encoder.primaryType);
  };
  /** An interface's text without the line breaks of its comments. */
  const text = (file: string): string =>
    readFileSync(new URL(`../../../contracts/${file}`, import.meta.url), "utf8").replace(/\s+\/\/\/\s+/g, " ");

  it("have the types that the interfaces document", () => {
    const escrow = text("interfaces/ITaskEscrow.sol");
    for (const types of [resultTypes, abortTypes, verdictTypes]) {
      expect(escrow).to.include(`\`${encodedType(types)}\``);
    }
  });

  it("have the fields of GrantTerms, then content, nonce and deadline", () => {
    const struct = /struct GrantTerms \{([^}]*)\}/.exec(text("types/Dataset.sol"))?.[1] ?? "";
    const fields = struct
      .trim()
      .replace(/AttestationDemand/, "uint8")
      .split(/;\s*/)
      .filter(Boolean);
    expect(encodedType(grantTypes)).to.equal(
      `Grant(${[...fields, "bytes32 contentHash", "uint256 nonce", "uint256 deadline"].join()})`,
    );
  });

  it("are good for one contract on one chain", async () => {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    const message = { taskId: 1n, termsHash: `0x${"01".repeat(32)}` };
    const domain = domainOf("TaskEscrow", CHAIN_ID, addressOf("escrow"));
    const signature = await signAbort(wallet, domain, message);
    expect(verifyTypedData(domain, abortTypes, message, signature)).to.equal(wallet.address);
    for (const other of [
      domainOf("TaskEscrow", 1n, addressOf("escrow")),
      domainOf("TaskEscrow", CHAIN_ID, addressOf("grants")),
      domainOf("DataGrants", CHAIN_ID, addressOf("escrow")),
    ]) {
      expect(verifyTypedData(other, abortTypes, message, signature)).to.not.equal(wallet.address);
    }
  });
});
