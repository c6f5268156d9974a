import { expect } from "chai";

import { dataKeyContext, secretContext, type SecretUse } from "../../../src/data/contexts.ts";
import { DataError } from "../../../src/data/errors.ts";
import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { seal } from "../../../src/data/sealing.ts";
import { MAX_SECRET_SIZE, openSecret, sealSecret } from "../../../src/data/secrets.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import { toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { addressOf, attestedEnclave } from "../../fixtures/data.ts";
import { enclaveErrorOf } from "../../fixtures/enclave/enclaveTask.ts";

describe("secrets of applications", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  const enclaveKey = enclaveKeyOf(publicKey);
  const enclave = attestedEnclave(publicKey);
  const use = {
    ...{ chainId: 31_337n, orderEscrow: addressOf("escrow"), nodeId: 1n, orderId: 7n, terms: `0x${"ab".repeat(32)}` },
    ...{ name: "db", key: "password", version: 1 },
  };
  const nodes = (registered: string) => ({
    getAddress: () => Promise.resolve(addressOf("registry")),
    nodeCount: () => Promise.resolve(1n),
    isLive: () => Promise.resolve(true),
    getNode: () => Promise.resolve({ enclaveKey: registered }),
  });
  const request = (changes: Partial<Omit<SecretUse, "enclaveKey">>, sealed: Uint8Array) =>
    ({ id: 0, request: "openSecret", use: { ...use, ...changes } as never, sealed: toHex(sealed) }) as const;

  it("are sealed to the key that the chain confirms, and opened for what they were sealed for", async () => {
    const value = utf8("a secret");
    const sealed = await sealSecret({ ...use, nodes: nodes(enclaveKey), enclave, value });
    expect(openSecret(key, use, sealed)).to.deep.equal(value);
    expect(new EnclaveProgram(key).answer(request({}, sealed))).to.deep.equal({ value: toHex(value) });
  });

  it("are sealed to no other key, and not when they are too large", async () => {
    const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "nothing",
        (error: unknown) => (error as DataError).code,
      );
    const value = new Uint8Array(MAX_SECRET_SIZE + 1);
    expect(await codeOf(sealSecret({ ...use, nodes: nodes(enclaveKey), enclave, value }))).to.equal("SEALED_TOO_LARGE");
    const foreign = sealSecret({ ...use, nodes: nodes(addressOf("other")), enclave, value: utf8("x") });
    expect(await codeOf(foreign)).to.equal("OTHER_ENCLAVE_KEY");
  });

  it("open for no other use", async () => {
    const sealed = await sealSecret({ ...use, nodes: nodes(enclaveKey), enclave, value: utf8("a secret") });
    const program = new EnclaveProgram(key);
    const others: Partial<Omit<SecretUse, "enclaveKey">>[] = [
      { chainId: 1n },
      { orderEscrow: addressOf("another") },
      { nodeId: 2n },
      { orderId: 8n },
      { terms: `0x${"cd".repeat(32)}` },
      { name: "other" },
      { key: "other" },
      { version: 2 },
    ];
    for (const other of others) {
      expect(() => program.answer(request(other, sealed)), Object.keys(other)[0])
        .to.throw(DataError)
        .with.property("code", "OTHER_CONTEXT");
    }
    expect(Object.keys(Object.assign({}, ...others) as object).sort()).to.deep.equal(Object.keys(use).sort());
  });

  it("are the only thing that is opened so: a data key stays closed", () => {
    const context = dataKeyContext({
      ...{
        chainId: 31_337n,
        grants: addressOf("grants"),
        datasetId: 1n,
        owner: addressOf("owner"),
        contentHash: `0x${"00".repeat(32)}`,
      },
      ...{ nodeId: 1n, enclaveKey },
    });
    const sealed = seal(publicKey, context, new Uint8Array(32));
    expect(() => new EnclaveProgram(key).answer(request({}, sealed)))
      .to.throw(DataError)
      .with.property("code", "OTHER_CONTEXT");
  });

  it("are opened by the program as a process, through its client", async () => {
    const client = await EnclaveClient.start({ believes: "host" });
    try {
      const { publicKey: to, enclaveKey: address } = await client.identify();
      const value = new Uint8Array(MAX_SECRET_SIZE).fill(7);
      const sealed = seal(to, secretContext({ ...use, enclaveKey: address }), value);
      expect(await client.openSecret(use, sealed)).to.deep.equal(value);
      expect((await enclaveErrorOf(client.openSecret({ ...use, version: 2 }, sealed))).code).to.equal("OTHER_CONTEXT");
      expect(client.log).not.to.contain("07070707");
    } finally {
      await client.close();
    }
  });
});
