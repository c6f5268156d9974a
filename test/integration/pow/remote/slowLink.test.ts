import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import { pino } from "pino";

import { openDelayedLink } from "../../../../scripts/bench/prover/delayedLink.ts";
import { createWasmEngine, type Engine } from "../../../../src/pow/index.ts";
import { countedRate } from "../../../../src/pow/engineRate.ts";
import { connectNats } from "../../../../src/pow/remote/connection.ts";
import { openRemoteEngine } from "../../../../src/pow/remote/remoteEngine.ts";
import { serveSearches } from "../../../../src/pow/remote/worker/serve.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";

/** Hashes a second: so few that whatever else the machine does makes no difference. */
const RATE = 50_000;

/** The least part of its time in which the worker is at work, and how often that is measured. */
const [LEAST, TRIES] = [0.8, 3];

/** An engine that takes its time for each range, and no more. */
async function steady(): Promise<Engine> {
  const wasm = await createWasmEngine({ threads: 1 });
  return {
    name: wasm.name,
    device: wasm.device,
    threads: 1,
    prepare: async () => wasm.prepare(),
    search(request, onReport) {
      const { first = 0n, end = 0n } = request;
      const over = performance.now() + (1000 * Number(end - first)) / RATE;
      const search = wasm.search(request, onReport);
      return { ...search, finished: search.finished.then(async () => pause(Math.max(0, over - performance.now()))) };
    },
    close: async () => wasm.close(),
  };
}

describe("A worker behind a link that takes its time", () => {
  let server: NatsServer | undefined;

  before(async function () {
    if (!isNatsUsable()) this.skip();
    server = await NatsServer.start();
  });

  after(async () => server?.close());

  for (const delay of [25, 100]) {
    it(`has its next range before it is done with the last: ${String(delay)} ms each way cost little`, async () => {
      const link = await openDelayedLink(server!.port, delay);
      const engine = await steady();
      const connection = await connectNats({ servers: `nats://127.0.0.1:${String(link.port)}` }, "worker");
      const ending = new AbortController();
      const log = pino({ level: "silent" });
      const parts = { node: BigInt(delay), connection, engine, unit: "CpuCore", rate: RATE, log } as const;
      const serving = serveSearches({ ...parts, signal: ending.signal });
      const remote = await openRemoteEngine({ servers: server!.url, node: BigInt(delay) });
      try {
        await remote.prepare();
        // The first range comes late by one way, and the last is cut off. A machine that is busy elsewhere is asked again.
        let share = 0;
        for (let i = 0; i < TRIES && share < LEAST; i++) share = (await countedRate(remote, 6)) / RATE;
        expect(share).to.be.within(LEAST, 1.02);
      } finally {
        await remote.close();
        ending.abort();
        await serving;
        await engine.close();
        link.close();
      }
    });
  }
});
