import { expect } from "chai";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey } from "../../../src/data/keys.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import { MAX_LINE } from "../../../src/enclave/protocol.ts";
import { MAX_CLIENTS } from "../../../src/enclave/serving/listen.ts";
import { answerOf } from "../../fixtures/enclave/answer.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { enclaveErrorOf, prepareTask } from "../../fixtures/enclave/enclaveTask.ts";
import { makeCsv } from "../../fixtures/data.ts";

const IS_ROOT = process.geteuid?.() === 0;

describe("the enclave program at a socket", () => {
  let folder: string;
  let path: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
    path = join(folder, "run", "enclave.sock");
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true });
  });

  const listen = async (...args: string[]): Promise<EnclaveProcess> => {
    const started = await EnclaveProcess.listen(path, ...args);
    ends.push(async () => started.end("SIGKILL"));
    return started;
  };
  const reach = async (timeout = 20_000): Promise<EnclaveClient> => {
    const client = await EnclaveClient.connect(path, { timeout, taskTimeout: 100_000 });
    ends.push(async () => client.close());
    return client;
  };
  const raw = async (): Promise<Socket> => {
    const socket = connect({ path });
    socket.on("error", () => undefined);
    ends.push(async () => Promise.resolve(socket.destroy()));
    await once(socket, "connect");
    return socket;
  };

  it("is one enclave for all its clients, of which nobody else can be one", async () => {
    const { log } = await listen();
    expect([statSync(path).mode & 0o777, statSync(join(folder, "run")).mode & 0o777]).to.deep.equal([0o600, 0o700]);
    const [one, two] = [await reach(), await reach()];
    expect(one.identity.enclaveKey).to.equal(two.identity.enclaveKey);
    expect(log).to.include(one.identity.enclaveKey).and.to.include("not in an SGX enclave");
    await one.close();
    const registration = {
      ...{ chainId: 31_337n, registry: two.identity.enclaveKey, provider: two.identity.enclaveKey },
      ...{ nonce: 3n, blockNumber: 12n, blockHash: `0x${"5a".repeat(32)}` },
    };
    expect((await two.status()).quoted).to.equal(null);
    await two.quote(registration);
    const status = await two.status();
    expect(status).to.deep.include({ enclaveKey: two.identity.enclaveKey, tasks: 0, quoted: registration });
    expect(status.uptime).to.be.within(0, 60);
  });

  it("keeps its key in a file that it makes once, and takes over the socket of one that was killed", async () => {
    const key = join(folder, "key.json");
    const missing = await EnclaveProcess.failure("--socket", path, "--key", key);
    expect(missing).to.deep.equal([
      1,
      `There is no file "${key}". Make it with --new-key, once, or name a file of \`node quote\`.\n`,
    ]);
    const first = await listen("--key", key, "--new-key");
    const { enclaveKey } = (await reach()).identity;
    expect(statSync(key).mode & 0o777).to.equal(0o600);
    await first.end("SIGKILL");
    expect(statSync(path).isSocket()).to.equal(true);
    expect((await enclaveErrorOf(reach())).code).to.equal("UNREACHABLE");

    const [code, log] = await EnclaveProcess.failure("--socket", path, "--key", key, "--new-key");
    expect([code, log]).to.deep.equal([
      1,
      `There is a file "${key}" already. Leave out --new-key to use the key in it.\n`,
    ]);
    const second = await listen("--key", key);
    expect((await reach()).identity.enclaveKey).to.equal(enclaveKey);
    await second.end("SIGTERM");
    expect(statSync(path, { throwIfNoEntry: false })).to.equal(undefined);
  });

  it("starts nowhere where another listens, where others can come, or where something else is", async () => {
    await listen();
    const refusal = async (socket: string): Promise<string> => {
      const [code, log] = await EnclaveProcess.failure("--socket", socket);
      expect(code, log).to.equal(1);
      return log;
    };
    expect(await refusal(path)).to.include(`Another program listens at "${path}"`);
    expect((await reach()).identity.enclaveKey, "the first one goes on").to.match(/^0x/);
    chmodSync(folder, 0o755);
    expect(await refusal(join(folder, "e.sock")))
      .to.include(`has the mode 0755`)
      .and.to.include(`chmod 700 ${folder}`);
    chmodSync(folder, 0o700);
    writeFileSync(join(folder, "file"), "mine");
    expect(await refusal(join(folder, "file"))).to.include("is not a socket");
    symlinkSync(path, join(folder, "link"));
    expect(await refusal(join(folder, "link"))).to.include("is not a socket");
    expect(await refusal(join(folder, "none", "none", "e.sock"))).to.include("cannot be made");
    expect(await refusal(join(folder, "x".repeat(120)))).to.include("more than 103");
    if (!IS_ROOT) return;
    mkdirSync(join(folder, "theirs"), { mode: 0o700 });
    chownSync(join(folder, "theirs"), 65_534, 65_534);
    expect(await refusal(join(folder, "theirs", "e.sock"))).to.include("is owned by the account 65534");
  });

  it("signs 100 answers of ten clients while a task runs that takes longer than all of them", async () => {
    await listen();
    const worker = await reach();
    const { enclaveKey, publicKey } = worker.identity;
    const parameters = { epochs: 10_000, learningRate: 0.5, l2: 0.001 };
    const work = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 20_000, 0.1)], parameters });
    let isDone = false;
    const begun = performance.now();
    const task = worker.run(work.terms, work.files, work.out).finally(() => (isDone = true));
    const watching = await reach();
    while ((await watching.status()).tasks === 0) expect(isDone).to.equal(false);

    const answer = answerOf(enclaveKey);
    const clients = await Promise.all(Array.from({ length: 10 }, async () => reach()));
    const times = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const asked = performance.now();
        await clients[i % 10]!.signAnswer({ ...answer, epoch: BigInt(i) });
        return performance.now() - asked;
      }),
    );
    const signed = performance.now() - begun;
    expect(isDone, "the task still runs").to.equal(false);
    // So does the client that asked for it, and gets others' answers meanwhile.
    await worker.signAnswer(answer);
    expect(isDone, "the task still runs").to.equal(false);
    expect(await task).to.include({ outcome: "result" });
    const took = performance.now() - begun;
    const p99 = times.sort((a, b) => a - b)[98]!;
    expect(p99, `of ${signed} ms, the task took ${took} ms`).to.be.lessThan(took / 2);
  });

  it("bears clients that write garbage, half a line, too much or nothing, and serves others meanwhile", async () => {
    await listen();
    const client = await reach();
    const answer = answerOf(client.identity.enclaveKey);
    const garbage = await raw();
    garbage.write(Buffer.alloc(300_000, 0xfe));
    garbage.write(`${"x".repeat(MAX_LINE + 1)}\n`);
    const [line] = (await once(garbage, "data")) as [Buffer];
    expect(JSON.parse(line.toString())).to.have.nested.property("error.code", "INVALID_REQUEST");
    const half = await raw();
    half.write('{"id":1,"request":');
    half.destroy();
    await raw();
    // Asks for ever, and never takes an answer.
    const greedy = await raw();
    greedy.pause();
    const flood = Buffer.from('{"id":0,"request":"identify"}\n'.repeat(20_000));
    greedy.write(flood);
    for (let i = 0; i < 10; i++) {
      await client.signAnswer({ ...answer, epoch: BigInt(i) });
    }
    greedy.destroy();
    expect((await client.status()).tasks).to.equal(0);
  });

  it("takes so many clients, tells one more that it is busy, and takes others when some have gone", async () => {
    await listen();
    const sockets = await Promise.all(Array.from({ length: MAX_CLIENTS }, raw));
    const error = await enclaveErrorOf(reach());
    expect([error.code, error.problem]).to.deep.equal([
      "BUSY",
      `The program has ${MAX_CLIENTS} clients, and takes no more`,
    ]);
    sockets[0]!.destroy();
    let left = 50;
    const isIn = async (): Promise<boolean> =>
      reach().then(
        () => true,
        () => false,
      );
    while (!(await isIn())) expect(left--, "nobody was let in").to.be.greaterThan(0);
  });

  describe("from its client's side", () => {
    /** Something else than an enclave program that listens. */
    const impostor = async (onClient: (socket: Socket) => void): Promise<Server> => {
      mkdirSync(join(folder, "run"), { mode: 0o700 });
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        onClient(socket);
      });
      server.listen(path);
      await once(server, "listening");
      ends.push(async () => Promise.resolve(server.close()));
      return server;
    };

    it("is not waited for longer than told where it says nothing", async () => {
      await impostor(() => undefined);
      const error = await enclaveErrorOf(reach(300));
      expect([error.code, error.problem.includes('"identify" within 300 ms')]).to.deep.equal(["TIMEOUT", true]);
    });

    it("is left where it speaks something else, or ends", async () => {
      for (const [text, code] of [
        ["HTTP/1.1 400 Bad Request\r\n\r\n", "PROTOCOL"],
        [`${"x".repeat(5 * 2 ** 20)}\n`, "PROTOCOL"],
        ['{"id":0,"answer":{}}\n', "PROTOCOL"],
        ['{"id":7,"answer":{}}\n', "PROTOCOL"],
        ['{"id":0,"error":{"code":"INTERNAL","problem":"p","remedy":"r"}}\n', "INTERNAL"],
        [undefined, "EXITED"],
      ] as const) {
        const server = await impostor((socket) => (text === undefined ? socket.destroy() : socket.write(text)));
        expect((await enclaveErrorOf(reach(2_000))).code, text?.slice(0, 40)).to.equal(code);
        server.close();
        rmSync(join(folder, "run"), { recursive: true });
      }
    });

    it("is not taken at its word about a signature", async () => {
      const [own, other] = [makePrivateKey("Secp256k1"), makePrivateKey("Secp256k1")].map(
        (key) => new EnclaveProgram(key),
      );
      const { enclaveKey } = other!.identify();
      const signature = `0x${"11".repeat(64)}1b`;
      await impostor((socket) => {
        socket.on("data", (chunk: Buffer) => {
          const { id, request } = JSON.parse(chunk.toString()) as { id: number; request: string };
          const answer =
            request === "identify" ? own!.identify() : { enclaveKey: own!.identify().enclaveKey, signature };
          socket.write(`${JSON.stringify({ id, answer })}\n`);
        });
      });
      const error = await enclaveErrorOf((await reach()).signAnswer(answerOf(enclaveKey)));
      expect([error.code, error.problem.includes("is not that of the enclave key")]).to.deep.equal(["PROTOCOL", true]);
    });

    it("is not asked where somebody else could be behind the socket", async () => {
      const missing = await enclaveErrorOf(reach());
      expect([missing.code, missing.problem]).to.deep.equal(["UNREACHABLE", `There is no socket at "${path}"`]);
      let heard = 0;
      await impostor(() => heard++);
      writeFileSync(join(folder, "run", "file"), "");
      expect((await enclaveErrorOf(EnclaveClient.connect(join(folder, "run", "file")))).code).to.equal("UNREACHABLE");
      chmodSync(join(folder, "run"), 0o777);
      expect((await enclaveErrorOf(reach())).code).to.equal("UNTRUSTED_SOCKET");
      chmodSync(join(folder, "run"), 0o700);
      if (IS_ROOT) {
        chownSync(path, 65_534, 65_534);
        const error = await enclaveErrorOf(reach());
        expect([error.code, error.problem]).to.deep.equal([
          "UNTRUSTED_SOCKET",
          `The socket "${path}" is owned by the account 65534`,
        ]);
      }
      expect(heard).to.equal(0);
    });
  });
});
