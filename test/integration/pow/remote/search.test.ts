import { expect } from "chai";
import { getBytes } from "ethers";

import { createProver, createWasmEngine, type Engine, verifyNonces } from "../../../../src/pow/index.ts";
import { connectNats } from "../../../../src/pow/remote/connection.ts";
import { messages } from "../../../../src/pow/remote/messages.ts";
import { openRemoteEngine } from "../../../../src/pow/remote/remoteEngine.ts";
import { subjectsOf } from "../../../../src/pow/remote/subjects.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { codeOf, impossible, prefix } from "../../../fixtures/pow/proofSearch.ts";
import { statusOf } from "../../../fixtures/pow/remote/crewStage.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../../fixtures/pow/remote/workerProcess.ts";

/** Nonces of a search that much befalls. As many searches as that takes follow each other. */
const BLOCK = 2_000_000n;

/** About 125 nonces of a block have a hash that is at most this. */
const TARGET = (1n << 256n) / 16_000n;

/** How soon a worker must be missed, in milliseconds. */
const SOON = 2_000;

/** What searches over blocks found, the first from nonce 0 on. */
async function searchBlocks(engine: Engine, isLast: (blocks: number) => boolean) {
  const found = { hashes: 0, nonces: [] as bigint[], blocks: 0 };
  do {
    const first = BigInt(found.blocks) * BLOCK;
    const request = { prefix: getBytes(prefix), target: TARGET, first, end: first + BLOCK };
    await engine.search(request, ({ hashes, nonces }) => {
      found.hashes += hashes;
      found.nonces.push(...nonces);
    }).finished;
    found.blocks += 1;
  } while (!isLast(found.blocks));
  found.nonces.sort((a, b) => (a < b ? -1 : 1));
  return found;
}

describe("A search on several machines", () => {
  let server: NatsServer | undefined;
  let workers: WorkerProcess[] = [];

  const start = (...args: string[]): WorkerProcess => {
    const worker = WorkerProcess.start("--nats", server!.url, ...args);
    workers.push(worker);
    return worker;
  };

  before(async function () {
    if (!isNatsUsable()) this.skip();
    server = await NatsServer.start();
  });

  afterEach(async () => {
    for (const worker of workers) worker.signal("SIGKILL");
    await Promise.all(workers.map(async (worker) => worker.end()));
    workers = [];
  });

  after(async () => server?.close());

  it("counts every nonce once, whatever becomes of workers and of the NATS server", async () => {
    const [killed, stopped, lasting, late] = Array.from({ length: 4 }, () => start("--cpu-share", "10"));
    const liar = WorkerProcess.startLiar(server!.url);
    workers.push(liar);
    // The late one does not hear of the search until it goes on.
    await Promise.all(workers.map(async (worker) => worker.says("the worker is ready")));
    late!.signal("SIGSTOP");
    const news: { readonly text: string; readonly at: number }[] = [];
    const onNews = (text: string): void => {
      news.push({ text, at: Date.now() });
    };
    const heard = (what: RegExp): number => news.filter(({ text }) => what.test(text)).length;
    const engine = await openRemoteEngine({ servers: server!.url, node: 7n, onNews });
    try {
      await engine.prepare();
      await until("all that are there have joined", () => engine.threads === 4);
      let isOver = false;
      const eventful = async (): Promise<void> => {
        await until("the liar is found out", () => heard(/is excluded: it reported nonce \d+, whose hash is/) === 1);
        const at = Date.now();
        killed!.signal("SIGKILL");
        stopped!.signal("SIGSTOP");
        late!.signal("SIGCONT");
        await until("both are missed", () => heard(/is lost/) === 2);
        expect(news.findLast(({ text }) => text.includes("is lost"))!.at - at).to.be.below(SOON);
        await server!.kill();
        await until("the server is missed", () => heard(/connection to the NATS server is lost/) === 1);
        stopped!.signal("SIGCONT");
        await server!.start();
        await until("the server is back", () => heard(/is back/) === 1);
        await until("all that are left work", () => engine.threads === 3);
      };
      const ended = eventful().finally(() => {
        isOver = true;
      });
      const [found] = await Promise.all([searchBlocks(engine, () => isOver), ended]);
      const local = await createWasmEngine({ threads: 2 });
      const expected = await searchBlocks(local, (blocks) => blocks === found.blocks).finally(async () =>
        local.close(),
      );
      expect(expected.nonces).to.have.lengthOf.above(80 * found.blocks);
      expect(found).to.deep.equal(expected);
      expect([heard(/joined/), heard(/is lost: nothing/)]).to.deep.equal([6, 2]);
      expect(lasting!.log.filter(({ msg }) => msg === "the connection to NATS is back")).to.have.lengthOf(1);
    } finally {
      await engine.close();
    }
  });

  it("answers a challenge, and leaves at the deadline what cannot be answered", async () => {
    const [one, two] = [start(), start()];
    await Promise.all([one, two].map(async (worker) => worker.says("the worker is ready")));
    const prover = await createProver({ engine: "remote", remote: { servers: server!.url, node: 7n } });
    try {
      expect([prover.engine, prover.threads]).to.deep.equal(["remote", 2]);
      expect(prover.device).to.match(/^2 workers: wasm-\w+ on /);
      const target = (1n << 256n) / 4_000n;
      const { nonces, hashes } = await prover.solve({ prefix, target });
      expect(verifyNonces({ prefix, target, nonces }).valid).to.equal(true);
      expect(hashes).to.be.above(128 * 1000);

      const deadline = Date.now() + 700;
      expect(await codeOf(prover.solve({ prefix, target: impossible, deadline }))).to.equal("DEADLINE");
      expect(Date.now() - deadline).to.be.within(0, 400);

      // Whoever ends says so: nobody waits for what it had.
      two.signal("SIGTERM");
      expect(await two.end()).to.include({ code: 0, stderr: "" });
      await until("it is missed", () => prover.threads === 1);
    } finally {
      await prover.close();
    }
  });

  it("says again what a worker has to do: messages may be lost", async () => {
    const engine = await openRemoteEngine({ servers: server!.url, node: 9n });
    const connection = await connectNats({ servers: server!.url }, "test");
    try {
      const subjects = subjectsOf(9n);
      const heard: string[] = [];
      connection.subscribe(subjects.work("w"), {
        callback: (_error, message) => {
          heard.push(message.string());
        },
      });
      await connection.flush();
      connection.publish(subjects.status("w"), messages.status.write(statusOf("w")));
      await until("it is said three times", () => heard.length >= 3);
      expect(new Set(heard).size).to.equal(1);
      expect(messages.work.read(heard[0]!)?.leases).to.have.lengthOf.above(1);
    } finally {
      await connection.close();
      await engine.close();
    }
  });

  it("says so where there is no worker for the node", async () => {
    const search = createProver({ engine: "remote", remote: { servers: server!.url, node: 8n, patience: 0.5 } });
    await search.then(
      () => expect.fail("there is none"),
      (error: unknown) => {
        expect(error).to.have.property("name", "InputError");
        expect(String(error)).to.match(/No worker for node 8 answered at nats:\/\/127.* Run `computing-power/);
      },
    );
  });
});
