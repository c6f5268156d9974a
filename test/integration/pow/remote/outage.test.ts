import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";
import { pino } from "pino";

import { createWasmEngine, type Engine } from "../../../../src/pow/index.ts";
import { connectNats } from "../../../../src/pow/remote/connection.ts";
import { openRemoteEngine } from "../../../../src/pow/remote/remoteEngine.ts";
import { serveSearches } from "../../../../src/pow/remote/worker/serve.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";

/** Longer than searches and workers wait for each other, in milliseconds. */
const OUTAGE = 3_200;

describe("A NATS server that is away for long", () => {
  let server: NatsServer | undefined;

  before(async function () {
    if (!isNatsUsable()) this.skip();
    server = await NatsServer.start();
  });

  after(async () => server?.close());

  it("costs nothing of what a worker did meanwhile", async () => {
    const prefix = new Uint8Array(32).fill(7);
    const wasm = await createWasmEngine({ threads: 1 });
    const gate = Promise.withResolvers<undefined>();
    let searches = 0;
    /** Searches under the prefix wait until the test lets them go. */
    const engine: Engine = {
      name: wasm.name,
      device: wasm.device,
      threads: wasm.threads,
      prepare: async () => wasm.prepare(),
      search(request, onReport) {
        if (Buffer.compare(request.prefix, prefix) !== 0) return wasm.search(request, onReport);
        searches += 1;
        const finished = gate.promise.then(async () => wasm.search(request, onReport).finished);
        return { tighten: () => undefined, stop: () => undefined, finished };
      },
      close: async () => wasm.close(),
    };
    const connection = await connectNats({ servers: server!.url }, "worker");
    const ending = new AbortController();
    const serving = {
      node: 7n,
      connection,
      engine,
      unit: "CpuCore" as const,
      rate: 1e6,
      log: pino({ level: "silent" }),
      signal: ending.signal,
    };
    const news: string[] = [];
    const onNews = (text: string): void => {
      news.push(text);
    };
    const searching = async (): Promise<void> => {
      const remote = await openRemoteEngine({ servers: server!.url, node: 7n, onNews });
      try {
        await remote.prepare();
        let hashes = 0;
        const search = remote.search({ prefix, target: 1n << 240n, first: 0n, end: 1_000n }, (report) => {
          hashes += report.hashes;
        });
        const outage = async (): Promise<void> => {
          await until("the worker searches", () => searches === 1);
          await server!.kill();
          gate.resolve(undefined);
          await pause(OUTAGE);
          await server!.start();
        };
        await Promise.all([search.finished, outage()]);
        expect([hashes, searches]).to.deep.equal([1_000, 1]);
        expect(news.filter((text) => /lost: nothing|slow|excluded/.test(text))).to.deep.equal([]);
      } finally {
        await remote.close();
        ending.abort();
      }
    };
    await Promise.all([serveSearches(serving), searching()]);
    await wasm.close();
  });
});
