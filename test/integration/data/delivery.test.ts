import { expect } from "chai";
import { getBytes } from "ethers";

import { decryptDataset } from "../../../src/data/cipher.ts";
import { safeTerms } from "../../../src/data/conditions.ts";
import { openDataKey, sealDataKey, type Delivery } from "../../../src/data/delivery.ts";
import { sealedDataKeyDocument } from "../../../src/data/documents.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import type { DatasetIdentity, EscrowReader, GrantsReader, NodesReader } from "../../../src/data/readers.ts";
import { toJson } from "../../../src/json.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import type { IDataGrants } from "../../../types/ethers-contracts/interfaces/IDataGrants.ts";
import type { INodeRegistry } from "../../../types/ethers-contracts/interfaces/INodeRegistry.ts";
import type { ITaskEscrow } from "../../../types/ethers-contracts/interfaces/ITaskEscrow.ts";
import {
  addressOf,
  attestedEnclave,
  CHAIN_ID,
  dataErrorOf,
  dataFaultOf,
  FakeChain,
  makeCsv,
} from "../../fixtures/data.ts";

/** The generated bindings are what the functions take; checked by the compiler. */
export const bindingsFit = (
  grants: IDataGrants,
  nodes: INodeRegistry,
  escrow: ITaskEscrow,
): [GrantsReader, NodesReader, EscrowReader] => [grants, nodes, escrow];

describe("delivering data keys", () => {
  let chain: FakeChain;
  let delivery: Delivery;

  const use = () => ({
    chainId: CHAIN_ID,
    grants: addressOf("grants"),
    datasetId: 1n,
    ...(chain.identity(1n) as DatasetIdentity),
    nodeId: 1n,
  });

  beforeEach(() => {
    chain = new FakeChain();
    chain.register(makeCsv(1, 20));
    chain.register(makeCsv(2, 20));
    const { file, dataKey } = chain.dataset(1n);
    const { escrow, grants, nodes } = chain;
    const enclave = attestedEnclave(chain.publicKey);
    delivery = {
      chainId: CHAIN_ID,
      grants,
      escrow,
      nodes,
      terms: safeTerms,
      datasetId: 1n,
      nodeId: 1n,
      enclave,
      dataKey,
      file,
    };
  });

  it("gives the granted node's enclave the key, and shows it to nobody else", async () => {
    const document = await sealDataKey(delivery);
    const text = toJson(document);
    expect(text).to.not.include(Buffer.from(delivery.dataKey).toString("hex"));
    const read = sealedDataKeyDocument.parse(JSON.parse(text));
    expect(read).to.deep.equal(document);
    const { dataKey } = openDataKey(chain.enclave, read, use());
    expect(decryptDataset(delivery.file, dataKey, use().contentHash)).to.deep.equal(utf8(makeCsv(1, 20)));
    const stranger = makePrivateKey("Secp256k1");
    expect(await dataFaultOf(() => openDataKey(stranger, read, use()))).to.equal("OTHER_CONTEXT");
  });

  it("opens for nothing else than what it was sealed for, whatever the document says", async () => {
    const document = await sealDataKey(delivery);
    const others = {
      chainId: 1n,
      grants: addressOf("other"),
      datasetId: 2n,
      ...chain.identity(2n),
      nodeId: 2n,
    };
    for (const [field, value] of Object.entries(others)) {
      const expected = { ...use(), [field]: value };
      const told = await dataErrorOf(() => openDataKey(chain.enclave, document, expected));
      expect([told.code, told.fields]).to.deep.equal(["OTHER_CONTEXT", [field]]);
      const forged = { ...document, [field]: field === "chainId" ? 1 : value };
      const found = await dataErrorOf(() => openDataKey(chain.enclave, forged, expected));
      expect([found.code, found.fields]).to.deep.equal(["OTHER_CONTEXT", [field]]);
      expect(found.message).to.include("was sealed to this key");
    }
  });

  it("does not open with a bit turned", async () => {
    const document = await sealDataKey(delivery);
    const sealed = getBytes(document.sealed);
    for (let i = 0; i < sealed.length; i += 499) {
      const bad = Uint8Array.from(sealed);
      bad[i] = (bad[i] ?? 0) ^ 4;
      const hex = `0x${Buffer.from(bad).toString("hex")}` as const;
      expect(await dataFaultOf(() => openDataKey(chain.enclave, { ...document, sealed: hex }, use()))).to.equal(
        "NOT_OPENED",
      );
    }
  });

  it("takes documents of its own form only", async () => {
    const good = JSON.parse(toJson(await sealDataKey(delivery))) as Record<string, unknown>;
    expect(sealedDataKeyDocument.safeParse(good).success).to.equal(true);
    const wrongs = {
      kind: "x",
      chainId: "1",
      grants: "0x1",
      datasetId: "-1",
      owner: "0x1",
      contentHash: "0x12",
      sealed: "0x1",
      more: 1,
    };
    for (const [field, value] of Object.entries(wrongs)) {
      expect(sealedDataKeyDocument.safeParse({ ...good, [field]: value }).success, field).to.equal(false);
    }
  });

  describe("is refused", () => {
    const refusal = async (changes: Partial<Delivery>) => dataFaultOf(() => sealDataKey({ ...delivery, ...changes }));

    it("without the dataset", async () => {
      expect(await refusal({ datasetId: 0n })).to.equal("UNKNOWN_DATASET");
      expect(await refusal({ datasetId: 3n })).to.equal("UNKNOWN_DATASET");
    });

    it("with another file, a cut one, or another key", async () => {
      const other = chain.dataset(2n);
      expect(await refusal({ file: other.file })).to.equal("FILE_TAMPERED");
      expect(await refusal({ file: delivery.file.subarray(0, -1) })).to.equal("FILE_TRUNCATED");
      expect(await refusal({ dataKey: other.dataKey })).to.equal("WRONG_DATA_KEY");
    });

    it("without a grant that holds now, and says what to do", async () => {
      chain.granted.clear();
      const error = await dataErrorOf(() => sealDataKey(delivery));
      expect(error.code).to.equal("NOT_GRANTED");
      expect(error.message).to.include("Dataset 1 is not granted to node 1 now. Grant the dataset to the node first");
    });

    it("without the node, or while it is not live", async () => {
      const of = (nodeId: bigint) => ({ nodeId, enclave: attestedEnclave(chain.publicKey, nodeId) });
      expect(await refusal(of(0n))).to.equal("UNKNOWN_NODE");
      expect(await refusal(of(3n))).to.equal("UNKNOWN_NODE");
      expect(await refusal(of(2n))).to.equal("NODE_NOT_LIVE");
      chain.live = false;
      expect(await refusal({})).to.equal("NODE_NOT_LIVE");
    });

    it("to an enclave that was verified for another node, registry or chain", async () => {
      expect(await refusal({ enclave: attestedEnclave(chain.publicKey, 2n) })).to.equal("OTHER_QUOTE");
      expect(await refusal({ chainId: 1n })).to.equal("OTHER_QUOTE");
      chain.registry = addressOf("another");
      chain.registryOfGrants = addressOf("another");
      expect(await refusal({})).to.equal("OTHER_QUOTE");
    });

    it("to a public key that the registry does not confirm", async () => {
      const enclave = attestedEnclave(publicKeyOf(makePrivateKey("Secp256k1")));
      expect(await refusal({ enclave })).to.equal("OTHER_ENCLAVE_KEY");
      chain.enclaveKey = addressOf("somebody else");
      expect(await refusal({})).to.equal("OTHER_ENCLAVE_KEY");
    });

    it("with a registry that the grants do not rest on", async () => {
      chain.registryOfGrants = addressOf("other");
      expect(await refusal({})).to.equal("OTHER_CONTRACTS");
    });
  });
});
