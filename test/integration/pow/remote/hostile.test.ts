import type { NatsConnection } from "@nats-io/transport-node";
import { expect } from "chai";
import { pino } from "pino";

import { chooseEngine, createWasmEngine, type Engine } from "../../../../src/pow/index.ts";
import { connectNats } from "../../../../src/pow/remote/connection.ts";
import { messages, type WorkerStatus } from "../../../../src/pow/remote/messages.ts";
import { openRemoteEngine } from "../../../../src/pow/remote/remoteEngine.ts";
import { subjectsOf } from "../../../../src/pow/remote/subjects.ts";
import { serveSearches } from "../../../../src/pow/remote/worker/serve.ts";
import { freePort } from "../../../fixtures/freePort.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { changed, exhaust } from "../../../fixtures/pow/engines.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";

const subjects = subjectsOf(7n);
const request = { prefix: new Uint8Array(32).fill(3), target: 1n << 244n, first: 0n, end: 400_000n };

describe("Whoever may speak on the NATS server of a search", () => {
  let server: NatsServer | undefined;
  let stranger: NatsConnection | undefined;
  let monitoring: number;

  before(async function () {
    if (!isNatsUsable()) this.skip();
    monitoring = await freePort();
    const http = `http: "127.0.0.1:${String(monitoring)}"`;
    // The server drops nobody whom a busy machine makes slow to read.
    const patience = `max_pending: 1073741824\nwrite_deadline: "300s"`;
    server = await NatsServer.start(() => `max_payload: 8388608\n${patience}\n${http}`);
    stranger = await connectNats({ servers: server.url }, "stranger");
  });

  after(async () => {
    await stranger?.close();
    await server?.close();
  });

  /** Has a worker's engine serve node 7 while something is done. */
  const served = async (engine: Engine, run: () => Promise<void>): Promise<void> => {
    const ending = new AbortController();
    const connection = await connectNats({ servers: server!.url }, "worker");
    const warnings: string[] = [];
    const log = pino({ level: "warn" }, { write: (line) => warnings.push(line) });
    const serving = serveSearches({
      node: 7n,
      connection,
      engine,
      unit: "CpuCore" as const,
      rate: 1e6,
      log,
      signal: ending.signal,
    });
    try {
      await Promise.race([run(), serving.then(() => expect.fail("the worker has ended"))]);
    } finally {
      ending.abort();
      await serving;
      await engine.close();
    }
    expect(warnings).to.deep.equal([]);
  };

  /** The worker that serves node 7, as it says itself. */
  const workerOfNode = async (): Promise<string> => {
    let worker = "";
    const heard = stranger!.subscribe(subjects.status("*"), {
      callback: (_error, message) => {
        worker = messages.status.read(message.string())?.worker ?? "";
      },
    });
    // A call that comes before the worker listens is heard by nobody.
    await until("the worker is heard", async () => {
      stranger!.publish(subjects.call, messages.call.write({ search: "greedy" }));
      await stranger!.flush();
      return worker !== "";
    });
    heard.unsubscribe();
    return worker;
  };

  it("stops neither search nor worker with huge messages, deep ones, and such as are none", async () => {
    await served(await createWasmEngine({ threads: 1 }), async () => {
      const remote = await openRemoteEngine({ servers: server!.url, node: 7n });
      try {
        await remote.prepare();
        const worker = await workerOfNode();
        const connections = await NatsServer.connectionsAt(monitoring);
        const huge = "A".repeat(8_000_000);
        const texts = [
          `{"search":"s","worker":"w","lease":"1","hashes":1,"nonces":"${huge}"}`,
          "[".repeat(8_000_000),
          '{"a":'.repeat(1_000_000),
          huge,
          "",
          // Numbers that are none here, and would be elsewhere.
          `{"search":"s","leases":[{"id":"1","prefix":"0x${"00".repeat(32)}","first":"0","end":"0x10","targetTop":"5"}]}`,
        ];
        for (const text of texts) {
          for (const subject of [subjects.result("w"), subjects.status("w"), subjects.call, subjects.work(worker)]) {
            stranger!.publish(subject, text);
          }
        }
        stranger!.publish(subjects.result("w"), new Uint8Array(1_000).fill(0xff));
        await stranger!.flush();
        expect((await exhaust(remote, request)).hashes).to.equal(400_000);
        // Whoever loses a connection opens another.
        expect(await NatsServer.connectionsAt(monitoring)).to.equal(connections);
      } finally {
        await remote.close();
      }
    });
  });

  it("has no worker keep more hits than it has memory for", async () => {
    const searched: bigint[] = [];
    const wasm = await createWasmEngine({ threads: 1 });
    const engine: Engine = {
      ...changed(wasm, (report) => report),
      search(asked, onReport) {
        searched.push((asked.end ?? 0n) - (asked.first ?? 0n));
        return wasm.search(asked, onReport);
      },
    };
    await served(engine, async () => {
      const worker = await workerOfNode();
      const lease = { id: "1", prefix: request.prefix, first: 0n, targetTop: (1n << 64n) - 1n };
      const ask = (end: bigint): void => {
        const work = { search: "greedy", leases: [{ ...lease, end }] };
        stranger!.publish(subjects.work(worker), messages.work.write(work));
      };
      ask(1n << 40n);
      ask(1_000n);
      await until("it does what it can", () => searched.length > 0);
      expect(searched).to.deep.equal([1_000n]);
    });
  });

  it("cannot speak for a worker under another one's subject", async () => {
    await served(await createWasmEngine({ threads: 1 }), async () => {
      const news: string[] = [];
      const onNews = (text: string): void => {
        news.push(text);
      };
      const remote = await openRemoteEngine({ servers: server!.url, node: 7n, onNews });
      const seen = new Map<string, WorkerStatus>();
      const heard = stranger!.subscribe(subjects.status("*"), {
        callback: (_error, message) => {
          const status = messages.status.read(message.string());
          if (status !== undefined) seen.set(message.subject, status);
        },
      });
      try {
        await remote.prepare();
        await until("the worker is heard", () => seen.size > 0);
        const [status] = [...seen.values()];
        stranger!.publish(subjects.status("other"), messages.status.write({ ...status!, isLeaving: true }));
        const overheard = stranger!.subscribe(subjects.work(status!.worker), {
          callback: (_error, message) => {
            const { search = "", leases = [] } = messages.work.read(message.string()) ?? {};
            for (const { id: lease } of leases) {
              const result = { search, worker: status!.worker, lease, hashes: 1, nonces: [] };
              stranger!.publish(subjects.result("other"), messages.result.write(result));
            }
          },
        });
        await stranger!.flush();
        expect((await exhaust(remote, { ...request, end: 4_000_000n })).hashes).to.equal(4_000_000);
        overheard.unsubscribe();
        // On a busy machine the worker may be slow, which is no word of a stranger's.
        expect(news.filter((text) => !/joined$|is slow/.test(text))).to.deep.equal([]);
      } finally {
        heard.unsubscribe();
        await remote.close();
      }
    });
  });

  it("has not all workers refused by being wrong alone", async () => {
    let searches = 0;
    const wasm = await createWasmEngine({ threads: 1 });
    // It passes the test of a worker, and then loses a hit of each range.
    const wrong: Engine = {
      ...changed(wasm, (report) => report),
      search(asked, onReport) {
        searches += 1;
        if (searches <= 3) return wasm.search(asked, onReport);
        return wasm.search(asked, ({ hashes, nonces }) => {
          onReport({ hashes, nonces: nonces.slice(1) });
        });
      },
    };
    await served(wrong, async () => {
      const remote = { servers: server!.url, node: 7n };
      const { engine } = await chooseEngine("remote", { remote });
      await engine.close();
      expect(engine.name).to.equal("remote");
    });
  });
});
