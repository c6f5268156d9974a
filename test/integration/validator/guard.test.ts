import { expect } from "chai";
import { id, Wallet } from "ethers";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";

import { quoteDomain, taskDomain, validator, verdictOn, vouchFor } from "../../fixtures/journal/statements.ts";
import { verdictDigest } from "../../../src/eip712/task.ts";
import { claimsOfVerdict, Journal, JournalAnchor, signerIn } from "../../../src/journal/index.ts";
import { GateClosedError, SigningGate } from "../../../src/validator/guard/gate.ts";
import { SeatTakenError } from "../../../src/validator/guard/seatTaken.ts";
import { SeatWatch, watchFirst } from "../../../src/validator/guard/start.ts";
import { Peers } from "../../../src/validator/peers.ts";
import type { InputError } from "../../../src/inputError.ts";
import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { InstanceWatch, sentByOthers } from "../../../src/validator/guard/doppelganger.ts";
import { openJournal } from "../../../src/validator/guard/journal.ts";
import { recoverFrom } from "../../../src/validator/guard/ownStatements.ts";

const domains = { quotes: quoteDomain, tasks: taskDomain };

describe("what guards a seat's signatures", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "guard-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = (): { journal: Journal; anchor: JournalAnchor } => {
    const anchor = new JournalAnchor(join(folder, "anchor"));
    return { anchor, journal: new Journal(join(folder, "signed"), anchor) };
  };
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "done",
      (error: unknown) => (error as Error).message,
    );

  it("signs nothing before the gate is open, and never again once it was locked", async () => {
    const gate = new SigningGate({ journal: open().journal, signer: validator, domains });
    expect(await gate.vouch(vouchFor()).catch((error: unknown) => error)).to.be.instanceOf(GateClosedError);
    gate.open();
    expect(await gate.vouch(vouchFor())).to.match(/^0x/);
    gate.lock("another process");
    gate.open();
    expect(await codeOf(gate.judge(verdictOn(1n, "Valid")))).to.include("another process");
  });

  it("says why nothing can be signed until something is, and takes no contradiction for a fault", async () => {
    const { journal } = open();
    let fault: Error | undefined;
    const signer = {
      address: validator.address,
      signTypedData: async (...what: Parameters<typeof validator.signTypedData>) => {
        if (fault !== undefined) throw fault;
        return validator.signTypedData(...what);
      },
    };
    const gate = new SigningGate({ journal, signer, domains });
    gate.open();
    fault = new Error("The remote signer does not answer (ECONNREFUSED)");
    for (const sign of [async () => gate.vouch(vouchFor()), async () => gate.judge(verdictOn(1n, "Valid"))]) {
      expect(await codeOf(sign())).to.include("does not answer");
      expect(gate.fault).to.include("does not answer");
    }
    fault = undefined;
    expect(await codeOf(gate.judge(verdictOn(1n, "Invalid"))), "what was written down stays").to.include("contradicts");
    expect(gate.fault).to.include("does not answer");
    expect(await gate.judge(verdictOn(1n, "Valid"))).to.match(/^0x/);
    expect(gate.fault).to.equal(undefined);
    expect(await codeOf(gate.judge(verdictOn(1n, "Invalid")))).to.include("contradicts");
    expect(gate.fault).to.equal(undefined);
  });

  it("never signs the other verdict after a process that was killed while it signed the first", async () => {
    const program = new URL("../../fixtures/validator/hangingSigner.ts", import.meta.url);
    const child = spawn(process.execPath, [fileURLToPath(program), folder, "Valid"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    expect(said.toString()).to.equal("asked to sign\n");
    child.kill("SIGKILL");
    await once(child, "exit");
    const { journal, anchor } = open();
    anchor.check(join(folder, "signed"));
    expect(anchor.size).to.equal(1);
    const gate = new SigningGate({ journal, signer: validator, domains });
    gate.open();
    expect(await codeOf(gate.judge(verdictOn(1n, "Invalid")))).to.include("contradicts");
    expect(await gate.judge(verdictOn(1n, "Valid"))).to.match(/^0x/);
  });

  it("refuses to start by a journal that is an older copy, before anything is opened that signs", () => {
    const journal = { folder: join(folder, "signed"), anchor: join(folder, "anchor") };
    openJournal({ journal, data: folder }).record(signerIn(taskDomain, validator.address), [
      ...claimsOfVerdict(verdictOn(1n, "Valid")),
    ]);
    openJournal({ journal, data: folder });
    rmSync(journal.folder, { recursive: true });
    expect(() => openJournal({ journal, data: folder })).to.throw("lacks 1 of the 1 claims");
  });

  it("holds what comes after a line that a loss of power has torn, and misses nothing of that line", () => {
    writeFileSync(join(folder, "anchor"), "1/0xab/half of a li");
    const { journal } = open();
    journal.record(signerIn(taskDomain, validator.address), [...claimsOfVerdict(verdictOn(1n, "Valid"))]);
    const { anchor } = open();
    expect(anchor.size).to.equal(1);
    anchor.check(join(folder, "signed"));
    rmSync(join(folder, "signed"), { recursive: true });
    expect(() => {
      anchor.check(join(folder, "signed"));
    }).to.throw("lacks 1 of the 1 claims");
  });

  it("notices a journal that was restored from an older copy", async () => {
    const { journal } = open();
    const gate = new SigningGate({ journal, signer: validator, domains });
    gate.open();
    await gate.judge(verdictOn(1n, "Valid"));
    cpSync(join(folder, "signed"), join(folder, "backup"), { recursive: true });
    await gate.judge(verdictOn(2n, "Valid"));
    open().anchor.check(join(folder, "signed"));
    rmSync(join(folder, "signed"), { recursive: true });
    cpSync(join(folder, "backup"), join(folder, "signed"), { recursive: true });
    expect(() => {
      open().anchor.check(join(folder, "signed"));
    })
      .to.throw("lacks 1 of the 2 claims")
      .with.property("remedy")
      .that.includes("journal import");
  });

  it("takes in what peers have of its own signatures, and nothing that it did not sign", async () => {
    const { journal } = open();
    const verdict = verdictOn(7n, "Valid");
    const signature = validator.signingKey.sign(verdictDigest(taskDomain, verdict)).serialized;
    const { taskId, termsHash, resultHash, vouchedAttestation, deadline } = verdict;
    const statement = {
      taskId,
      termsHash,
      resultHash,
      vouchedAttestation,
      deadline,
      verdict: "Valid",
    } as never as object;
    const page = {
      kind: "statements",
      vouches: [],
      verdicts: [
        { ...statement, signature },
        { ...statement, taskId: 8n, signature },
      ],
    };
    const client = { statements: async () => Promise.resolve(page as never) };
    const seat = { address: validator.address, domains };
    expect(await recoverFrom(client, journal, seat, 0)).to.include({ added: 1, known: 0 });
    expect(await recoverFrom(client, journal, seat, 0)).to.include({ added: 0, known: 1 });
    const gate = new SigningGate({ journal, signer: validator, domains });
    gate.open();
    expect(await codeOf(gate.judge(verdictOn(7n, "Invalid")))).to.include("contradicts");
    expect(await gate.judge(verdictOn(8n, "Invalid"))).to.match(/^0x/);
  });

  it("takes in what it has signed by keys that it has chosen before, and nothing of a stranger's", async () => {
    const { journal } = open();
    const [former, newest, stranger] = [Wallet.createRandom(), Wallet.createRandom(), Wallet.createRandom()];
    const verdicts = [former, newest, validator, stranger].map((key, i) => {
      const signed = verdictOn(BigInt(i), "Valid");
      const signature = key.signingKey.sign(verdictDigest(taskDomain, signed)).serialized;
      return { ...signed, verdict: "Valid", signature };
    });
    const client = { statements: async () => Promise.resolve({ kind: "statements", vouches: [], verdicts } as never) };
    const seat = { address: validator.address, keys: () => [newest.address, former.address], domains };
    expect(await recoverFrom(client, journal, seat, 0)).to.include({ added: 3, known: 0 });
    expect(journal.entries().map(({ validator: account, about }) => [account, about["taskId"]])).to.have.deep.members(
      ["0", "1", "2"].map((taskId) => [validator.address, taskId]),
    );
  });

  it("tells a process that speaks now from those of the past", () => {
    const [own, past, other] = [id("own"), id("past"), id("other")];
    const watch = new InstanceWatch(own, 104);
    const see = (...instances: [string, number][]) =>
      watch.see({ peer: "a", instances: instances.map(([instance, sentAt]) => ({ instance, sentAt })) });
    expect(see([past, 100])).to.equal(undefined);
    expect(watch.compared).to.equal(0);
    expect(see([past, 100], [own, 105])).to.equal(undefined);
    expect(watch.compared).to.equal(1);
    expect(see([past, 100], [own, 110], [other, 111])?.where).to.include(other.slice(0, 10));
    expect(see([past, 112], [own, 115], [other, 111])?.where).to.include(past.slice(0, 10));
  });

  it("takes no signatures of the past, shown one after the other, for a process that speaks now", () => {
    const watch = new InstanceWatch(id("own"), 201);
    for (let sentAt = 100; sentAt <= 200; sentAt += 10) {
      expect(watch.see({ peer: "a", instances: [{ instance: id("past"), sentAt }] })).to.equal(undefined);
    }
    expect(watch.see({ peer: "a", instances: [{ instance: id("past"), sentAt: 201 }] })).not.to.equal(undefined);
  });

  it("sees transactions that somebody else sends, and not its own of before", () => {
    expect(sentByOthers({ mined: 4, pending: 6 }, { mined: 6, pending: 6 })).to.equal(undefined);
    expect(sentByOthers({ mined: 4, pending: 6 }, { mined: 7, pending: 7 })?.where).to.include("1 transactions");
  });

  describe("at the start", () => {
    const signal = new AbortController().signal;
    const log = pino({ level: "silent" });
    const quiet = { look: async () => Promise.resolve(undefined), compared: 1 };
    const telling = { failed: () => undefined, succeeded: () => undefined, unanswered: () => undefined };
    const start = { watch: quiet, hasPeers: true, seconds: 0.2, ...telling, log };

    it("waits for the chain and for one peer, and takes neither's silence for another process", async () => {
      let [asked, looks] = [0, 0];
      const account = async () =>
        asked++ < 3 ? Promise.reject(new Error("no endpoint answers")) : Promise.resolve({ mined: 4, pending: 4 });
      const watch = {
        look: async () => {
          looks += 1;
          return Promise.resolve(undefined);
        },
        get compared() {
          return looks > 9 ? 1 : 0;
        },
      };
      await watchFirst({ ...start, watch, account }, signal);
      expect(looks).to.equal(10);
    });

    it("refuses when a transaction is mined that it did not send, also after the chain was away for a while", async () => {
      let asked = 0;
      const account = async () => {
        asked += 1;
        if (asked === 2) throw new Error("no endpoint answers");
        return Promise.resolve({ mined: asked < 3 ? 4 : 5, pending: 4 });
      };
      const message = await codeOf(watchFirst({ ...start, account }, signal));
      expect(message).to.include("1 transactions of the account that this process did not send");
      expect(message).to.include("Stop the other process");
    });

    it("compares with how the account stood at first, however long it waits", async () => {
      let asked = 0;
      // Somebody else's transaction waits for long before it is mined.
      const account = async () => {
        asked += 1;
        return Promise.resolve({ mined: asked < 9 ? 4 : 5, pending: asked < 2 ? 4 : 5 });
      };
      const watch = { ...quiet, compared: 0 };
      expect(await codeOf(watchFirst({ ...start, watch, account }, signal))).to.include(
        "1 transactions of the account",
      );
    });
  });

  it("ends the service when another process shows later, and when a peer has a contradicting signature", async () => {
    const { journal } = open();
    const { alarms, told } = recordedAlarms();
    for (const [look, found] of [
      [{ where: "somewhere" }, "somewhere"],
      [new SeatTakenError("It contradicts", "Look."), "It contradicts"],
    ] as const) {
      const gate = new SigningGate({ journal, signer: validator, domains });
      gate.open();
      const ends: InputError[] = [];
      const end = (reason: InputError): void => void ends.push(reason);
      const parts = { peers: new Peers([]), journal, seat: { address: validator.address, domains }, gate, end };
      const watch = new SeatWatch({
        ...parts,
        instance: id("own"),
        startedAt: 0,
        alarms,
        log: pino({ level: "silent" }),
      });
      watch.look = async () => (look instanceof SeatTakenError ? Promise.reject(look) : Promise.resolve(look));
      await watch.run(new AbortController().signal);
      expect(gate.isOpen).to.equal(false);
      expect(ends.map(({ message }) => message).join()).to.include(found);
      expect(told.at(-1)?.code).to.equal("doppelganger");
    }
  });
});
