import { expect } from "chai";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { pino } from "pino";

import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import { SmallDisk } from "../../fixtures/story/smallDisk.ts";
import { leaveUntested } from "../../fixtures/untested.ts";
import type { ProviderConfig } from "../../../src/provider/config/schema.ts";
import { startProvider, type ProviderService } from "../../../src/provider/service.ts";

const log = pino({ level: "silent" });

describe("the provider service where something goes wrong around it", () => {
  let stage: ServiceStage;
  let service: ProviderService | undefined;

  beforeEach(async () => {
    stage = await openServiceStage();
  });

  afterEach(async () => {
    await service?.close();
    service = undefined;
    await stage.close();
  });

  async function start(config: ProviderConfig, now = Date.now): Promise<void> {
    service = await startProvider({ config, environment: stage.environment, log, now });
  }
  const codes = async (): Promise<string[]> =>
    (await stage.alarmsAt(service?.address.port ?? 0)).map(({ code, about }) => `${code} ${about}`.trim());
  const raised = (code: string) => async () => (await codes()).some((each) => each.startsWith(code));

  /** How often each endpoint was passed over, as the service's metrics tell. */
  async function failures(): Promise<number[]> {
    const response = await fetch(`http://127.0.0.1:${String(service?.address.port ?? 0)}/metrics`);
    const text = await response.text();
    const name = "computing_power_chain_endpoint_failures_total";
    return [0, 1, 2].map((place) =>
      Number(new RegExp(`^${name}\\{endpoint="${String(place)}"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0),
    );
  }

  /** Makes sure that the first endpoint is named as the one that fails, and that nothing is said to be wrong with the chain. */
  async function blamesTheFirst(): Promise<void> {
    const isBlamed = async (): Promise<boolean> => ((await failures())[0] ?? 0) > 0;
    expect(await stage.minedUntil(isBlamed)).to.equal(true);
    expect((await failures()).slice(1)).to.deep.equal([0, 0]);
    expect(await codes()).to.not.include("chain-unreachable");
  }

  async function proves(): Promise<void> {
    await stage.challenge();
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);
  }

  it("proves while its webhook takes messages and never answers, and says so", async () => {
    let asked = 0;
    const hook = createHttpServer(() => asked++).listen(0, "127.0.0.1");
    await once(hook, "listening");
    try {
      const url = `http://127.0.0.1:${String((hook.address() as AddressInfo).port)}/`;
      await start(stage.configOf({ alarmBelowCoins: "1000000", webhook: { url, secret: { env: "HOOK" } } }));
      expect(await stage.minedUntil(raised("low-coins"))).to.equal(true);
      expect(await stage.minedUntil(() => asked > 0)).to.equal(true);
      await proves();
      expect(await stage.minedUntil(raised("webhook-failing"))).to.equal(true);
      const alarms = await stage.alarmsAt(service?.address.port ?? 0);
      expect(alarms.find(({ code }) => code === "webhook-failing")?.problem).to.include("(TimeoutError)");
    } finally {
      hook.closeAllConnections();
      hook.close();
    }
  });

  for (const seconds of [-30, 30]) {
    it(`proves while the machine's clock is ${String(Math.abs(seconds))} s ${seconds < 0 ? "behind" : "ahead"}, and says so`, async () => {
      // The chain of the test runs ahead of the machine by what it has travelled.
      const chainAhead = (await stage.platform.now()) * 1000 - Date.now();
      await start(stage.configOf(), () => Date.now() + chainAhead + seconds * 1000);
      expect(await stage.minedUntil(raised("clock-off"))).to.equal(true);
      await stage.platform.issue();
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
    });
  }

  it("proves where one of three endpoints makes up blocks of a time to come, and says which one", async () => {
    stage.faults[0]!.lies = (method, result) => {
      if (method === "eth_blockNumber") return `0x${(BigInt(result as string) + 1_000n).toString(16)}`;
      if (method !== "eth_getBlockByNumber" || result === null) return undefined;
      const block = result as Record<string, string>;
      const later = (name: string, by: bigint): string => `0x${(BigInt(block[name] ?? "0x0") + by).toString(16)}`;
      return { ...block, number: later("number", 1_000n), timestamp: later("timestamp", 100_000n) };
    };
    await start(stage.configOf({}, 3));
    await proves();
    await proves();
    await blamesTheFirst();
  });

  it("proves where one of three endpoints gives the same old block for ever, and says which one", async () => {
    const { provider } = stage.platform.connection.ethers;
    const old = (await provider.send("eth_getBlockByNumber", ["latest", false])) as { readonly number: string };
    stage.faults[0]!.lies = (method) => {
      if (method === "eth_blockNumber") return old.number;
      return method === "eth_getBlockByNumber" ? old : undefined;
    };
    await start(stage.configOf({}, 3));
    await proves();
    await proves();
    await blamesTheFirst();
  });

  it("says that the chain cannot be reached where its only endpoint hangs, and proves when it answers again", async () => {
    await start(stage.configOf());
    await proves();
    stage.faults[0]!.hangs = true;
    await stage.challenge();
    const port = service?.address.port ?? 0;
    for (let i = 0; i < 40 && !(await raised("chain-unreachable")()); i++) await pause(1_000);
    expect(await codes()).to.include("chain-unreachable");
    expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).to.equal(200);
    stage.faults[0]!.hangs = false;
    await proves();
    expect(await stage.minedUntil(async () => !(await raised("chain-unreachable")()))).to.equal(true);
  });

  for (const [what, said] of [
    ["says nothing", undefined],
    ["answers garbage", Buffer.from([0xff, 0x00, 0x7b, 0x0a, 0x22, 0x0a])],
  ] as const) {
    it(`says that the enclave is gone where what is at its socket ${what}, and proves when the enclave is back`, async () => {
      const folder = join(stage.folder, "socket");
      mkdirSync(folder, { mode: 0o700 });
      const socket = join(folder, "enclave.sock");
      const connected = new Set<Socket>();
      const false_: Server = createServer((client) => {
        connected.add(client.on("error", () => undefined));
        if (said !== undefined) client.on("data", () => client.write(said));
      }).listen(socket);
      await once(false_, "listening");
      const node = { id: Number(stage.nodeId), enclave: { socket }, prover: { engine: "wasm", threads: 1 } };
      await start(stage.configOf({ nodes: [node] }));
      expect(await stage.minedUntil(raised(`enclave-gone node ${stage.nodeId.toString()}`))).to.equal(true);
      for (const client of connected) client.destroy();
      await new Promise((resolve) => false_.close(resolve));
      const enclave = await EnclaveProcess.listen(socket, "--key", stage.keyFile);
      try {
        await stage.challenge();
        expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      } finally {
        await enclave.end("SIGKILL");
      }
    });
  }

  it("says in its alarms that its disk is full, lives on, and proves when there is room again", async function () {
    if (!SmallDisk.isPossible) {
      leaveUntested("Only root can make a disk that can be filled");
      this.skip();
    }
    const disk = SmallDisk.make(stage.data, 16);
    try {
      await start(stage.configOf());
      await proves();
      disk.fill();
      await stage.challenge();
      const isTold = async (): Promise<boolean> =>
        (await stage.alarmsAt(service?.address.port ?? 0)).some(({ problem }) => problem.includes("No room is left"));
      expect(await stage.minedUntil(isTold)).to.equal(true);
      expect(await stage.isProven()).to.equal(false);
      disk.empty();
      await proves();
      expect(await stage.minedUntil(async () => !(await isTold()))).to.equal(true);
    } finally {
      await service?.close();
      service = undefined;
      disk.unmount();
    }
  });
});
