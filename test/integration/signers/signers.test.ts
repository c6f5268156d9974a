import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

import { expect } from "chai";
import { encryptKeystoreJson, Transaction, verifyTypedData, Wallet, type TransactionLike } from "ethers";

import { InputError } from "../../../src/inputError.ts";
import { signerConfig, type SignerConfig } from "../../../src/signers/config.ts";
import { openSigner } from "../../../src/signers/open.ts";
import { SignerError } from "../../../src/signers/post.ts";
import { RemoteSigner, type Change } from "../../fixtures/signers/remote.ts";

const TO = "0x00000000000000000000000000000000000000AA";
const FIELDS = { to: TO, data: "0x1234", value: 5n, nonce: 3, gasLimit: 50_000n, chainId: 31_337n };
const DYNAMIC: TransactionLike = { ...FIELDS, type: 2, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n };
const LEGACY: TransactionLike = { ...FIELDS, type: 0, gasPrice: 9n };
const DOMAIN = { name: "Test", version: "1", chainId: 31_337n, verifyingContract: TO };
const TYPES = {
  Offer: [
    { name: "node", type: "uint256" },
    { name: "digest", type: "bytes32" },
  ],
};
const VALUE = { node: 2n ** 200n, digest: `0x${"ab".repeat(32)}` };
const TOKEN = "swordfish";

describe("signers of an account", () => {
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "signers-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const fileOf = (name: string, text: string, mode = 0o600): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const open = async (config: unknown, environment = {}) => openSigner(signerConfig.parse(config), environment);
  const failure = async (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail("it did not fail"),
      (error: unknown) => error as Error,
    );

  async function expectSigns(config: unknown, address: string, environment = {}): Promise<void> {
    const signer = await open(config, environment);
    expect(signer.address).to.equal(address);
    for (const transaction of [DYNAMIC, LEGACY]) {
      const signed = Transaction.from(await signer.signTransaction(transaction));
      expect([signed.from, signed.unsignedSerialized]).to.deep.equal([
        address,
        Transaction.from(transaction).unsignedSerialized,
      ]);
    }
    expect(verifyTypedData(DOMAIN, TYPES, VALUE, await signer.signTypedData(DOMAIN, TYPES, VALUE))).to.equal(address);
  }

  it("sign with a key from a file, or from the environment", async () => {
    await expectSigns({ file: fileOf("key", `${wallet.privateKey}\n`) }, wallet.address);
    await expectSigns({ env: "KEY" }, wallet.address, { KEY: wallet.privateKey.slice(2) });
  });

  it("refuse a key that others can read, or that is none, without telling it", async () => {
    const open1 = await failure(open({ file: fileOf("open", wallet.privateKey, 0o644) }));
    expect(open1).to.be.instanceOf(InputError);
    expect(open1.message).to.include("chmod 600").and.not.include(wallet.privateKey);
    for (const KEY of [TOKEN, "0".repeat(64), "f".repeat(64)]) {
      const error = await failure(open({ env: "KEY" }, { KEY }));
      expect(error).to.be.instanceOf(InputError);
      expect(inspect(error)).to.not.include(KEY);
    }
  });

  it("sign with a keystore, and refuse another password without telling it", async () => {
    const json = await encryptKeystoreJson(wallet, TOKEN, { scrypt: { N: 2 ** 10, r: 8, p: 1 } });
    const keystore = fileOf("keystore.json", json);
    await expectSigns({ keystore, password: { env: "P" } }, wallet.address, { P: TOKEN });
    const error = await failure(open({ keystore, password: { env: "P" } }, { P: "wrongword" }));
    expect(error).to.be.instanceOf(InputError);
    expect(inspect(error)).to.not.include("wrongword");
    expect(
      await failure(open({ keystore: fileOf("none.json", "{}"), password: { env: "P" } }, { P: "x" })),
    ).to.be.instanceOf(InputError);
  });

  const [COSTS, UNSAID] = [
    / takes \d+ bytes of memory and \d+ rounds, more than /,
    /: the keystore \S+ is none of version 3/,
  ];
  for (const [what, kdf, kdfparams, said] of [
    ["memory", "scrypt", { n: 2 ** 30, r: 8, p: 1 }, COSTS],
    ["memory by its blocks", "scrypt", { n: 1024, r: 2 ** 20, p: 1 }, COSTS],
    ["memory by both, though few rounds", "scrypt", { n: 2 ** 18, r: 32, p: 1 }, COSTS],
    ["time", "scrypt", { n: 2 ** 14, r: 8, p: 2 ** 20 }, COSTS],
    ["time, though little memory", "scrypt", { n: 2 ** 14, r: 8, p: 2 ** 13 }, COSTS],
    ["rounds", "pbkdf2", { c: 2 ** 40, prf: "hmac-sha256" }, COSTS],
    ["what is told in two ways", "scrypt", { N: 2 ** 30, n: 1024, r: 8, p: 1 }, UNSAID],
    ["what is told in both forms", "scrypt", { n: 2 ** 30, r: 8, p: 1, c: 1 }, COSTS],
    ["what is no number", "scrypt", { n: "1073741824", r: 8, p: 1 }, UNSAID],
  ] as const) {
    it(`refuse a keystore that costs too much: ${what}`, async () => {
      const plain = JSON.parse(await encryptKeystoreJson(wallet, TOKEN, { scrypt: { N: 2, r: 8, p: 1 } })) as {
        Crypto: object;
      };
      const given = { dklen: 32, salt: "ab".repeat(32), ...kdfparams };
      const json = JSON.stringify({ ...plain, Crypto: { ...plain.Crypto, kdf, kdfparams: given } });
      const error = await failure(
        open({ keystore: fileOf("costly.json", json), password: { env: "P" } }, { P: TOKEN }),
      );
      expect(error).to.be.instanceOf(InputError);
      // Whatever refuses it later has begun to open it.
      expect(error.message).to.match(said);
    });
  }

  for (const url of ["http://signer.example", "ftp://127.0.0.1", "https://me:word@signer.example", "not a url"]) {
    it(`refuse ${url}`, () => {
      expect(signerConfig.safeParse({ url, address: TO, kind: "web3signer" }).success).to.equal(false);
    });
  }

  it("take https, and http on this machine", () => {
    for (const url of [
      "https://signer.example/v1",
      "http://127.0.0.1:9000",
      "http://[::1]:9000",
      "http://localhost:9000",
    ]) {
      expect(signerConfig.safeParse({ url, address: TO, kind: "web3signer" }).success, url).to.equal(true);
    }
  });

  for (const kind of ["eth_signTransaction", "web3signer"] as const) {
    describe(`elsewhere, by ${kind}`, () => {
      let remote: RemoteSigner;
      let config: SignerConfig;
      beforeEach(async () => {
        remote = new RemoteSigner();
        config = { url: await remote.open(), address: remote.wallet.address, kind, token: { env: "TOKEN" } };
      });
      afterEach(async () => remote.close());
      const opened = async () => open(config, { TOKEN });

      it("sign", async () => {
        await expectSigns(config, remote.wallet.address, { TOKEN });
        expect(new Set(remote.heard.map(({ token }) => token))).to.deep.equal(new Set([`Bearer ${TOKEN}`]));
      });

      const changes: Readonly<Record<string, Change>> = {
        to: (tx) => (tx.to = "0x00000000000000000000000000000000000000BB"),
        data: (tx) => (tx.data = "0x12345678"),
        value: (tx) => (tx.value = 6n),
        nonce: (tx) => (tx.nonce = 4),
        gasLimit: (tx) => (tx.gasLimit = 50_001n),
        chainId: (tx) => (tx.chainId = 1n),
        maxFeePerGas: (tx) => (tx.maxFeePerGas = 10n),
        maxPriorityFeePerGas: (tx) => (tx.maxPriorityFeePerGas = 3n),
        accessList: (tx) => (tx.accessList = [{ address: TO, storageKeys: [] }]),
        type: (tx) =>
          Object.assign(tx, {
            type: 0,
            gasPrice: 9n,
            maxFeePerGas: null,
            maxPriorityFeePerGas: null,
            accessList: null,
          }),
      };
      for (const [field, change] of Object.entries(changes)) {
        it(`are not believed who sign another ${field}`, async () => {
          const signer = await opened();
          remote.change = change;
          expect(await failure(signer.signTransaction(DYNAMIC))).to.be.instanceOf(SignerError);
        });
      }

      it("are not believed who sign for another account", async () => {
        const signer = await opened();
        remote.signing = wallet;
        expect(await failure(signer.signTransaction(DYNAMIC))).to.be.instanceOf(SignerError);
        expect(await failure(signer.signTypedData(DOMAIN, TYPES, VALUE))).to.be.instanceOf(SignerError);
      });

      it("are not followed elsewhere, and their failures have no token", async () => {
        const signer = await opened();
        for (const status of [307, 401, 500]) {
          remote.status = status;
          const error = await failure(signer.signTransaction(DYNAMIC));
          expect(error).to.be.instanceOf(SignerError);
          expect(inspect(error)).to.not.include(TOKEN);
        }
      });

      it("are not followed to whom they send, who hears nothing", async () => {
        const other = new RemoteSigner();
        try {
          const signer = await opened();
          remote.location = await other.open();
          other.signing = remote.wallet;
          for (const status of [301, 302, 307, 308]) {
            remote.status = status;
            expect(await failure(signer.signTransaction(DYNAMIC))).to.be.instanceOf(SignerError);
          }
          expect(other.heard).to.deep.equal([]);
        } finally {
          await other.close();
        }
      });

      it("fail where they do not answer", async () => {
        const signer = await opened();
        await remote.close();
        const error = await failure(signer.signTransaction(DYNAMIC));
        expect(error).to.be.instanceOf(SignerError);
        expect(error.message).to.include("ECONNREFUSED");
      });
    });
  }

  it("by eth_signTransaction understand geth's answers, and Web3Signer's older name for typed data", async () => {
    const remote = new RemoteSigner();
    try {
      const config = { url: await remote.open(), address: remote.wallet.address, kind: "eth_signTransaction" };
      remote.isGeth = true;
      remote.lacks = ["eth_signTypedData_v4"];
      await expectSigns(config, remote.wallet.address);
      remote.lacks = ["eth_signTypedData_v4", "eth_signTypedData"];
      const signer = await open(config);
      expect(await failure(signer.signTypedData(DOMAIN, TYPES, VALUE))).to.be.instanceOf(SignerError);
    } finally {
      await remote.close();
    }
  });

  it("by web3signer refuse an account that the signer does not have", async () => {
    const remote = new RemoteSigner();
    try {
      const config = { url: await remote.open(), address: TO, kind: "web3signer" };
      expect(await failure(open(config))).to.be.instanceOf(InputError);
    } finally {
      await remote.close();
    }
  });
});
