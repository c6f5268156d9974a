import { expect } from "chai";
import { computeAddress, SigningKey } from "ethers";
import fc from "fast-check";
import { createDecipheriv, createECDH, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import { ECIES_CONFIG, encrypt } from "eciesjs";
import { Config } from "eciesjs/config";

import { dataKeyContext, inputsContext, resultContext, type Context } from "../../../src/data/contexts.ts";
import {
  checkedPublicKey,
  enclaveKeyOf,
  makePrivateKey,
  publicKeyOf,
  type PrivateKey,
  type PublicKey,
  type Scheme,
} from "../../../src/data/keys.ts";
import { MAX_SEALED_CONTENT, MAX_SEALED_SIZE, seal, unseal } from "../../../src/data/sealing.ts";
import { bytesOfDigits, toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { addressOf, CHAIN_ID, dataErrorOf, dataFaultOf } from "../../fixtures/data.ts";

const SCHEMES: readonly Scheme[] = ["Secp256k1", "X25519"];
const context: Context = { domain: "test/1", chainId: "1", taskId: "7" };
const content = utf8("32 bytes of something that is so secret");

/** The shared secret by Node's own curves. */
function sharedByNode(key: PrivateKey, ephemeral: Uint8Array): Buffer {
  if (key.scheme === "Secp256k1") {
    const curve = createECDH("secp256k1");
    curve.setPrivateKey(key.key);
    const x = curve.computeSecret(ephemeral);
    // The library hashes the whole shared point: x, then the y that goes with it.
    const shared = SigningKey.computePublicKey(
      new SigningKey(toHex(key.key)).computeSharedSecret(toHex(ephemeral)),
      false,
    );
    expect(shared.slice(4, 68)).to.equal(x.toString("hex"));
    return Buffer.from(shared.slice(2), "hex");
  }
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), key.key]);
  const spki = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), ephemeral]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }),
    publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
  });
}

/** Opens sealed bytes by the documented scheme with Node's primitives alone. */
function openedByNode(key: PrivateKey, sealed: Uint8Array): Buffer {
  const size = key.scheme === "Secp256k1" ? 65 : 32;
  const ephemeral = sealed.subarray(0, size);
  const master = Buffer.concat([ephemeral, sharedByNode(key, ephemeral)]);
  const symmetric = Buffer.from(hkdfSync("sha256", master, Buffer.alloc(0), Buffer.alloc(0), 32));
  const decipher = createDecipheriv("aes-256-gcm", symmetric, sealed.subarray(size, size + 16));
  decipher.setAuthTag(sealed.subarray(size + 16, size + 32));
  return Buffer.concat([decipher.update(sealed.subarray(size + 32)), decipher.final()]);
}

describe("sealing", () => {
  for (const scheme of SCHEMES) {
    describe(`to keys of ${scheme}`, () => {
      const key = makePrivateKey(scheme);
      const to = publicKeyOf(key);

      it("opens with the private key, whatever is sealed", () => {
        fc.assert(
          fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
            expect(unseal(key, context, seal(to, context, bytes))).to.deep.equal(bytes);
          }),
          { numRuns: 30 },
        );
      });

      it("is the documented scheme: Node's own primitives open it", () => {
        const opened = openedByNode(key, seal(to, context, content));
        const text = JSON.stringify(context);
        expect(opened.readUInt16BE(0)).to.equal(text.length);
        expect(opened.subarray(2, 2 + text.length).toString()).to.equal(text);
        const body = opened.subarray(2 + text.length);
        expect(body.readUInt32BE(0)).to.equal(content.length);
        expect(new Uint8Array(body.subarray(4, 4 + content.length))).to.deep.equal(content);
        expect(new Uint8Array(body.subarray(4 + content.length))).to.deep.equal(new Uint8Array(256 - content.length));
      });

      it("never gives the same bytes twice", () => {
        expect(seal(to, context, content)).to.not.deep.equal(seal(to, context, content));
      });

      it("never opens with a bit turned", async () => {
        const sealed = seal(to, context, content);
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 0, max: sealed.length * 8 - 1 }), async (bit) => {
            const bad = Uint8Array.from(sealed);
            bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
            expect(await dataFaultOf(() => unseal(key, context, bad))).to.equal("NOT_OPENED");
          }),
          { numRuns: 150 },
        );
      });

      it("never opens when cut or prolonged", async () => {
        const sealed = seal(to, context, content);
        const least = scheme === "Secp256k1" ? 99 : 66;
        for (let length = 0; length < sealed.length; length += length < least ? 7 : 5) {
          const fault = await dataFaultOf(() => unseal(key, context, sealed.subarray(0, length)));
          expect(fault, String(length)).to.equal(length < least ? "SEALED_TRUNCATED" : "NOT_OPENED");
        }
        const longer = Uint8Array.from([...sealed, 0]);
        expect(await dataFaultOf(() => unseal(key, context, longer))).to.equal("NOT_OPENED");
      });

      it("does not open with another private key, and says nothing of either", async () => {
        const stranger = makePrivateKey(scheme);
        const error = await dataErrorOf(() => unseal(stranger, context, seal(to, context, content)));
        expect(error.code).to.equal("NOT_OPENED");
        expect(error.message).to.include(publicKeyOf(stranger).key);
        for (const { key: secret } of [stranger, key]) {
          expect(error.message).to.not.include(Buffer.from(secret).toString("hex"));
        }
      });

      it("opens for its own context only, and names what differs", async () => {
        const sealed = seal(to, context, content);
        const others: [Context, string[]][] = [
          [{ ...context, taskId: "8" }, ["taskId"]],
          [{ ...context, domain: "test/2", chainId: "2" }, ["domain", "chainId"]],
          [{ domain: "test/1", chainId: "1" }, ["taskId"]],
          [{ ...context, nodeId: "1" }, ["nodeId"]],
        ];
        for (const [other, fields] of others) {
          const error = await dataErrorOf(() => unseal(key, other, sealed));
          expect([error.code, error.fields]).to.deep.equal(["OTHER_CONTEXT", fields]);
        }
      });
    });
  }

  it("to one kind of key does not open with the other kind", async () => {
    const bytes = makePrivateKey("Secp256k1").key;
    const sealed = seal(publicKeyOf({ scheme: "Secp256k1", key: bytes }), context, content);
    expect(await dataFaultOf(() => unseal({ scheme: "X25519", key: bytes }, context, sealed))).to.equal("NOT_OPENED");
  });

  it("refuses what opens without a context", async () => {
    const key = makePrivateKey("X25519");
    const config = new Config();
    config.ellipticCurve = "x25519";
    const contexts = ["\0", "\0\x05ab", "\0\x02[]rest", "\0\x02{1", '\0\x07{"a":1}', "\0\x02\xff\xff"];
    // Behind a good context: no length, more than there is, and something else than zeros behind the content.
    const contents = ["", "\0\0\x01", "\0\0\0\x02a", "\0\0\0\x01a\0\x01", "\xff\xff\xff\xffa"];
    for (const text of [...contexts, ...contents.map((each) => `\0\x02{}${each}`)]) {
      const sealed = encrypt(bytesOfDigits(publicKeyOf(key).key), Buffer.from(text, "latin1"), config);
      const due = text.length < 2 ? "SEALED_TRUNCATED" : "CONTENT_FORMAT";
      expect(await dataFaultOf(() => unseal(key, context, sealed)), text).to.equal(due);
    }
  });

  it("takes at most 16 MiB", async () => {
    const key = makePrivateKey("X25519");
    const much = new Uint8Array(MAX_SEALED_CONTENT + 1);
    expect(await dataFaultOf(() => seal(publicKeyOf(key), context, much))).to.equal("SEALED_TOO_LARGE");
    const more = new Uint8Array(MAX_SEALED_SIZE + 1);
    expect(await dataFaultOf(() => unseal(key, context, more))).to.equal("SEALED_TOO_LARGE");
    const most = much.subarray(1);
    expect(unseal(key, context, seal(publicKeyOf(key), context, most)).length).to.equal(MAX_SEALED_CONTENT);
  });

  it("leaves the library's shared settings alone", () => {
    const before = JSON.stringify(ECIES_CONFIG);
    seal(publicKeyOf(makePrivateKey("X25519")), context, content);
    expect(JSON.stringify(ECIES_CONFIG)).to.equal(before);
  });
});

describe("keys", () => {
  it("have the addresses that the chain knows them by", () => {
    const key = makePrivateKey("Secp256k1");
    expect(enclaveKeyOf(publicKeyOf(key))).to.equal(computeAddress(toHex(key.key)));
    expect(publicKeyOf(key).key).to.match(/^0x0[23][0-9a-f]{64}$/);
  });

  it("are random in every byte", () => {
    for (const scheme of SCHEMES) {
      const keys = Array.from({ length: 64 }, () => makePrivateKey(scheme).key);
      for (let at = 0; at < 32; at++) {
        expect(new Set(keys.map((key) => key[at])).size, `${scheme}, byte ${at}`).to.be.greaterThan(30);
      }
    }
  });

  it("of X25519 are RFC 7748's", () => {
    const key = bytesOfDigits("77076d0a7318a57d3c16c17251b26645df0f2d0d7a4c1e3f5d0c1a5e6f0a1b2c");
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), key]);
    const spki = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
    const raw = spki.export({ format: "der", type: "spki" }).subarray(-32);
    expect(publicKeyOf({ scheme: "X25519", key }).key).to.equal(toHex(raw));
  });

  it("are refused when nothing can be sealed to them", async () => {
    const good = publicKeyOf(makePrivateKey("Secp256k1")).key;
    const bad: PublicKey[] = [
      { scheme: "Secp256k1", key: `0x${good.slice(4)}` },
      { scheme: "Secp256k1", key: SigningKey.computePublicKey(good, false) as `0x${string}` },
      { scheme: "Secp256k1", key: `0x02${"ff".repeat(32)}` },
      { scheme: "Secp256k1", key: `0x05${good.slice(4)}` },
      { scheme: "X25519", key: good },
      // Points of small order: whatever the private key, the shared secret is zero.
      { scheme: "X25519", key: `0x${"00".repeat(32)}` },
      { scheme: "X25519", key: `0x01${"00".repeat(31)}` },
      { scheme: "X25519", key: "0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
      { scheme: "X25519", key: "0x5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157" },
    ];
    for (const key of bad) {
      expect(await dataFaultOf(() => checkedPublicKey(key)), key.key).to.equal("INVALID_PUBLIC_KEY");
      expect(await dataFaultOf(() => seal(key, context, content)), key.key).to.equal("INVALID_PUBLIC_KEY");
    }
    expect(await dataFaultOf(() => enclaveKeyOf(publicKeyOf(makePrivateKey("X25519"))))).to.equal("INVALID_PUBLIC_KEY");
  });

  it("are refused when they are no private keys, without being repeated", async () => {
    for (const key of [new Uint8Array(32), new Uint8Array(31).fill(0xab), new Uint8Array(32).fill(0xff)]) {
      const error = await dataErrorOf(() => publicKeyOf({ scheme: "Secp256k1", key }));
      expect(error.code).to.equal("INVALID_PRIVATE_KEY");
      expect(error.message).to.not.match(/abab|ffff/);
    }
  });
});

describe("contexts", () => {
  const use = {
    chainId: CHAIN_ID,
    grants: addressOf("grants").toLowerCase(),
    escrow: addressOf("escrow").toLowerCase(),
    datasetId: 3n,
    owner: addressOf("owner").toLowerCase(),
    contentHash: `0x${"AB".repeat(32)}`,
    nodeId: 4n,
    taskId: 5n,
    inputHash: `0x${"CD".repeat(32)}`,
    enclaveKey: addressOf("enclave").toLowerCase(),
  };

  it("name all that something is sealed for, in one spelling", () => {
    expect(dataKeyContext(use)).to.deep.equal({
      domain: "ComputingPower.SealedDataKey/3",
      chainId: "31337",
      grants: addressOf("grants"),
      datasetId: "3",
      owner: addressOf("owner"),
      contentHash: `0x${"ab".repeat(32)}`,
      nodeId: "4",
      enclaveKey: addressOf("enclave"),
    });
    expect(inputsContext(use)).to.deep.equal({
      domain: "ComputingPower.SealedInputs/2",
      chainId: "31337",
      escrow: addressOf("escrow"),
      nodeId: "4",
      enclaveKey: addressOf("enclave"),
    });
    expect(resultContext(use)).to.deep.equal({
      domain: "ComputingPower.SealedResult/2",
      chainId: "31337",
      escrow: addressOf("escrow"),
      taskId: "5",
      inputHash: `0x${"cd".repeat(32)}`,
    });
  });
});
