import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";

import { EnclaveHost, type HostLimits } from "../../../src/enclave/host.ts";
import { placeOf, type EnclavePlace } from "../../../src/enclave/place.ts";
import { answerOf } from "../../fixtures/enclave/answer.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { enclaveErrorOf, prepareTask } from "../../fixtures/enclave/enclaveTask.ts";
import { makeCsv } from "../../fixtures/data.ts";

const MAIN = fileURLToPath(new URL("../../../src/enclave/main.ts", import.meta.url));

describe("the host of an enclave program", () => {
  let folder: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true });
  });

  const host = (place: EnclavePlace, limits: HostLimits = {}): EnclaveHost => {
    const made = new EnclaveHost(place, pino({ level: "silent" }), limits);
    ends.push(async () => made.close());
    return made;
  };
  const pids = (): number[] => {
    const file = join(folder, "pids");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").map(Number) : [];
  };
  /** A program that writes down each time who it is. */
  const noted = (): EnclavePlace => {
    const script = `echo $$ >> "$1"; exec "$2" "$3" --believe-host --key "$4"`;
    const args = [join(folder, "pids"), process.execPath, MAIN, keyFile()];
    return { command: ["/bin/sh", "-c", script, "enclave", ...args] };
  };
  const keyFile = (): string => {
    const file = join(folder, "key.json");
    if (!existsSync(file)) writeFileSync(file, KEY, { mode: 0o600 });
    return file;
  };
  const KEY = JSON.stringify({
    kind: "simulated-enclave-key",
    address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    privateKey: `0x${"1".padStart(64, "0")}`,
  });
  const until = async (what: string, isSo: () => boolean, milliseconds = 20_000): Promise<void> => {
    const end = performance.now() + milliseconds;
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`not ${what} within ${milliseconds} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it("starts one program for all that ask at once, and ends it", async () => {
    const made = host(noted());
    expect([made.isUp, made.failure, pids()]).to.deep.equal([false, undefined, []]);
    const identities = await Promise.all(Array.from({ length: 20 }, async () => made.identify()));
    expect(new Set(identities.map(({ enclaveKey }) => enclaveKey)).size).to.equal(1);
    expect([made.isUp, pids().length]).to.deep.equal([true, 1]);
    await made.close();
    expect(isAlive(pids()[0]!)).to.equal(false);
    expect((await enclaveErrorOf(made.identify())).code).to.equal("CLOSED");
  });

  it("tells a request as failed that the program was killed in, and does the next with another", async () => {
    const made = host(noted());
    const { publicKey, enclaveKey } = await made.identify();
    const parameters = { epochs: 10_000, learningRate: 0.5, l2: 0.001 };
    const work = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 10_000, 0.1)], parameters });
    const [failed] = await Promise.all([
      enclaveErrorOf(made.run(work.terms, work.files, work.out)),
      (async () => {
        while ((await made.status()).tasks === 0) expect(made.isUp).to.equal(true);
        process.kill(pids()[0]!, "SIGKILL");
      })(),
    ]);
    expect([failed.code, failed.problem]).to.satisfy(
      ([code, problem]: [string, string]) =>
        code === "EXITED" && problem.startsWith("The enclave program ended by SIGKILL"),
    );
    expect(existsSync(work.out)).to.equal(false);
    expect(await made.signAnswer(answerOf(enclaveKey))).to.match(/^0x/);
    expect(pids().length).to.equal(2);
    expect(pids().filter(isAlive)).to.deep.equal(pids().slice(1));
  });

  it("starts the program again by itself, and never a second beside it", async () => {
    const made = host(noted());
    const stopping = new AbortController();
    const kept = made.keep(stopping.signal);
    ends.push(async () => {
      stopping.abort();
      await kept;
    });
    for (let count = 1; count <= 3; count++) {
      await until(`started ${count} times`, () => made.isUp && pids().length === count);
      expect(pids().filter(isAlive)).to.deep.equal(pids().slice(-1));
      process.kill(pids().at(-1)!, "SIGKILL");
      await until("found gone", () => !made.isUp);
      expect(made.failure?.code).to.equal("EXITED");
    }
  });

  it("ends a program that stands still, and starts another", async () => {
    const made = host(noted(), { interval: 200, patience: 300 });
    const stopping = new AbortController();
    const kept = made.keep(stopping.signal);
    ends.push(async () => {
      stopping.abort();
      await kept;
    });
    await until("started", () => made.isUp);
    process.kill(pids()[0]!, "SIGSTOP");
    await until("started again", () => pids().length === 2 && made.isUp);
    expect(isAlive(pids()[0]!)).to.equal(false);
  });

  it("does not wait for ever: a request ends when its time is over, and the program that stands still is replaced", async () => {
    const made = host(noted(), { timeout: 20_000, patience: 200 });
    const { enclaveKey } = await made.identify();
    process.kill(pids()[0]!, "SIGSTOP");
    expect((await enclaveErrorOf(made.signAnswer(answerOf(enclaveKey)))).code).to.equal("TIMEOUT");
    await until("given up", () => !made.isUp);
    expect((await made.identify()).enclaveKey).to.equal(enclaveKey);
    expect(pids().filter(isAlive)).to.deep.equal(pids().slice(1));
  });

  it("fails at once while the program cannot be started, and says when it is tried again", async () => {
    const made = host({
      command: ["/bin/sh", "-c", `echo $$ >> "$1"; echo no power. >&2; exit 3`, "x", join(folder, "pids")],
    });
    expect((await enclaveErrorOf(made.identify())).problem).to.equal(
      "The enclave program ended with code 3; it said: no power",
    );
    expect((await enclaveErrorOf(made.identify())).code).to.equal("NOT_STARTED");
    const errors = await Promise.all(Array.from({ length: 50 }, async () => enclaveErrorOf(made.status())));
    expect(errors[0]!.problem).to.equal(
      "The enclave program ended with code 3; it said: no power; it is tried again in 1 s",
    );
    expect(pids().length, "attempts").to.equal(2);
    expect(made.failure?.code).to.equal("NOT_STARTED");
  });

  it("connects to a program at a socket, again after it has ended, and knows another key", async () => {
    const socket = join(folder, "run", "e.sock");
    const made = host({ socket }, { interval: 100 });
    const stopping = new AbortController();
    const kept = made.keep(stopping.signal);
    ends.push(async () => {
      stopping.abort();
      await kept;
    });
    const key = async (): Promise<string> => (await made.identify()).enclaveKey;
    expect((await enclaveErrorOf(made.identify())).code).to.equal("UNREACHABLE");
    const first = await EnclaveProcess.listen(socket, "--key", keyFile());
    await until("connected", () => made.isUp);
    const before = await key();

    await first.end("SIGKILL");
    await until("left", () => !made.isUp);
    const second = await EnclaveProcess.listen(socket, "--key", keyFile());
    await until("connected again", () => made.isUp);
    expect(await key()).to.equal(before);

    await second.end("SIGTERM");
    await until("left again", () => !made.isUp);
    const third = await EnclaveProcess.listen(socket);
    ends.push(async () => third.end("SIGKILL"));
    await until("connected to another", () => made.isUp);
    expect(await key()).to.not.equal(before);
    await made.close();
    expect(third.child.exitCode, "what was connected to goes on").to.equal(null);
  });

  it("is where the configuration says", () => {
    expect(placeOf({}, 7n)).to.equal(undefined);
    expect(placeOf({ socket: "/run/e.sock" }, 7n)).to.deep.equal({ socket: "/run/e.sock" });
    expect(placeOf({ program: ["/opt/run", "-v"] }, 7n)).to.deep.equal({ command: ["/opt/run", "-v"] });
    expect(placeOf({ keyFile: "k.json", believes: "host" }, 7n)).to.deep.equal({
      ...{ keyFile: "k.json", believes: "host", platform: "node-7" },
    });
  });
});
