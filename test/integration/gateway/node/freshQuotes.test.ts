import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import pino from "pino";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EnclaveError } from "../../../../src/enclave/errors.ts";
import { verifyFreshQuote } from "../../../../src/enclave/verifyFreshQuote.ts";
import { fetchFreshQuote } from "../../../../src/gateway/client/freshQuotes.ts";
import { GatewayError } from "../../../../src/gateway/client/request.ts";
import { gatewayConfig, type Rate } from "../../../../src/gateway/config/schema.ts";
import type { EnclaveHost } from "../../../../src/enclave/host.ts";
import type { LimitName } from "../../../../src/gateway/http/limits.ts";
import type { QuotingEnclave } from "../../../../src/gateway/node/freshQuotes.ts";
import type { NodeView } from "../../../../src/gateway/node/nodeView.ts";
import { addNodeRoutes } from "../../../../src/gateway/node/routes.ts";
import { openEnclave } from "../../../../src/gateway/surroundings.ts";
import { bytesOfDigits, keccak256 } from "../../../../src/sgx/bytes.ts";
import { simulatedEnclave } from "../../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../../src/sgx/simulator/simulator.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";

const REGISTRY = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const TIME = BigInt(Math.floor(Date.now() / 1000));

describe("A gateway's fresh quotes", () => {
  const wallet = Wallet.createRandom();
  const block = { number: 12, hash: hexlify(randomBytes(32)), time: Number(TIME) };
  let folder: string;
  let enclave: EnclaveHost;
  let served: Served | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fresh-quotes-"));
    const keyFile = join(folder, "enclave.json");
    const { address, privateKey } = wallet;
    writeFileSync(keyFile, JSON.stringify({ kind: "simulated-enclave-key", address, privateKey }), { mode: 0o600 });
    const config = gatewayConfig.parse({
      ...{
        node: 7,
        chain: { rpc: ["http://127.0.0.1:1"], addresses: "a.json" },
        origin: "http://127.0.0.1",
        units: {},
      },
      enclave: { keyFile, believes: "host" },
    });
    const opened = openEnclave(config, pino({ level: "silent" }));
    if (opened === undefined) throw new Error("no enclave");
    enclave = opened;
  });
  afterEach(async () => {
    await served?.server.close();
    served = undefined;
  });
  after(async () => {
    await enclave.close();
    rmSync(folder, { recursive: true });
  });

  async function start(
    by: QuotingEnclave | undefined,
    enclaveKey = wallet.address,
    rates: Partial<Record<LimitName, Rate>> = {},
  ): Promise<string> {
    const view = {
      chainId: 31_337,
      contracts: { nodeRegistry: REGISTRY },
      node: 7,
      block,
      attestation: { enclaveKey },
    };
    const none = { quotes: undefined, collateral: undefined, identity: undefined, offers: undefined };
    served = await serve({
      rates,
      routes: (api) => {
        addNodeRoutes(api, {
          ...{ ...none, enclave: by, view: () => Promise.resolve(view as unknown as NodeView) },
          ...{ proofs: () => Promise.resolve([]), quoteHash: () => Promise.resolve(undefined) },
        });
      },
    });
    return served.origin;
  }

  /** The code with which a request is refused. */
  async function refusal(origin: string, nonce = hexlify(randomBytes(32))): Promise<string> {
    const error: unknown = await fetchFreshQuote(origin, nonce).catch((reason: unknown) => reason);
    if (error instanceof GatewayError) return error.code;
    throw new Error("it was answered");
  }
  const failing = (code: "INVALID_REQUEST" | "TIMEOUT"): QuotingEnclave => ({
    freshQuote: () => Promise.reject(new EnclaveError(code, "no")),
  });

  it("are the enclave's own, over the nonce, on the platform that the node was attested on", async () => {
    const nonce = hexlify(randomBytes(32));
    const document = await fetchFreshQuote(await start(enclave), nonce);
    expect(document).to.deep.include({ kind: "fresh-quote", chainId: 31_337, registry: REGISTRY, nodeId: 7n, nonce });
    expect([document.blockNumber, document.blockHash]).to.deep.equal([12n, block.hash]);
    const simulator = createSimulator({ time: TIME });
    const platform = simulator.platform({ name: "node-7" });
    verifyFreshQuote(
      { quote: bytesOfDigits(document.quote), collateral: platform.collateral(), root: simulator.root, time: TIME },
      {
        ...{ terms: { ...document, chainId: 31_337n, nonce }, enclaveKey: wallet.address },
        ...{ mrEnclave: simulatedEnclave().mrEnclave, platformId: keccak256(platform.ppid) },
      },
    );
  });

  it("are none where there is no enclave, one that knows none, or another one's", async () => {
    expect(await refusal(await start(undefined))).to.equal("no-fresh-quote");
    await served?.server.close();
    expect(await refusal(await start(failing("INVALID_REQUEST")))).to.equal("no-fresh-quote");
    await served?.server.close();
    expect(await refusal(await start(enclave, REGISTRY))).to.equal("no-fresh-quote");
    await served?.server.close();
    const forgetful: QuotingEnclave = {
      freshQuote: async (terms) => enclave.freshQuote({ ...terms, nonce: `0x${"00".repeat(32)}` }),
    };
    expect(await refusal(await start(forgetful))).to.equal("no-fresh-quote");
    await served?.server.close();
    const babbling: QuotingEnclave = {
      freshQuote: () => Promise.resolve({ enclaveKey: wallet.address, quote: "0x00" }),
    };
    expect(await refusal(await start(babbling))).to.equal("no-fresh-quote");
  });

  it("say when the enclave does not answer", async () => {
    expect(await refusal(await start(failing("TIMEOUT")))).to.equal("enclave-unreachable");
  });

  it("are over 32 bytes alone", async () => {
    const origin = await start(enclave);
    for (const nonce of ["0x", `0x${"11".repeat(31)}`, `0x${"11".repeat(33)}`, "11".repeat(32), "nonce"]) {
      expect(await refusal(origin, nonce), nonce).to.equal("invalid-request");
    }
  });

  for (const limited of ["fetch", "quote"] as const) {
    it(`are made as often as \`limits.${limited}\` allows`, async () => {
      const origin = await start(failing("TIMEOUT"), undefined, { [limited]: { perSecond: 0.001, burst: 2 } });
      const codes = [await refusal(origin), await refusal(origin), await refusal(origin)];
      expect(codes).to.deep.equal(["enclave-unreachable", "enclave-unreachable", "rate-limited"]);
    });
  }
});
