import { expect } from "chai";
import { id } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { quoteDomain, taskDomain, validator } from "../../fixtures/journal/statements.ts";
import { signedOn, ToldPeer, toldSeat } from "../../fixtures/validator/toldSeat.ts";
import { FullJournal } from "../../fixtures/journal/fullJournal.ts";
import { Journal } from "../../../src/journal/index.ts";
import { InputError } from "../../../src/inputError.ts";
import type { Alarm } from "../../../src/service/alarms.ts";
import type { Statements } from "../../../src/validator/api/forms.ts";
import { entriesOf, recoverPages, type EntryPage } from "../../../src/validator/guard/ownStatements.ts";
import { ValidatorError } from "../../../src/validator/client.ts";
import { SignerError } from "../../../src/signers/post.ts";

const OWN = id("own");
const domains = { quotes: quoteDomain, tasks: taskDomain };

describe("A validator that begins", () => {
  let folder: string;
  let peers: [ToldPeer, ToldPeer];
  const signal = new AbortController().signal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "beginning-"));
    peers = [new ToldPeer("a", OWN), new ToldPeer("b", OWN)];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("goes on after its signer has failed, and says where that lasts", async () => {
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    let failures = 0;
    peers[0].before = async () => {
      failures += 1;
      if (failures > 6) return Promise.resolve();
      expect(seat.gate.isOpen).to.equal(false);
      expect(seat.codes()).to.deep.equal(failures > 5 ? ["duty-failing watch"] : []);
      return Promise.reject(new SignerError("The remote signer answers with status 503"));
    };
    expect(await seat.begin(signal)).to.equal(true);
    expect(seat.gate.isOpen).to.equal(true);
    expect({ codes: seat.codes(), told: seat.told, ends: seat.ends }).to.deep.equal({ codes: [], told: [], ends: [] });
  });

  it("alarms when the time is over and no other validator has answered, and no more once one has", async () => {
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    let alarm: Alarm | undefined;
    for (const peer of peers) {
      peer.before = async () => {
        alarm ??= seat.standing()[0];
        if (alarm !== undefined) return Promise.resolve();
        return Promise.reject(new ValidatorError("unreachable", 0, "The validator does not answer"));
      };
    }
    expect(await seat.begin(signal)).to.equal(true);
    expect(alarm).to.include({ code: "peers-unreachable", severity: "critical" });
    expect(alarm?.problem).to.include(`${peers[0].url}: unreachable`);
    expect(seat.codes()).to.deep.equal([]);
  });

  it("misses no signature of another process that one peer shows while it cannot ask the next", async () => {
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    for (const each of [1, 2]) expect(await seat.watch.look(signal), String(each)).to.equal(undefined);
    peers[0].verdicts.push(signedOn(2n));
    let asked = 0;
    // The second question is about signatures.
    peers[1].before = async () => {
      asked += 1;
      if (asked !== 2) return;
      await new Promise((resolve) => setImmediate(resolve));
      throw new SignerError("The remote signer answers with status 503");
    };
    expect(await seat.watch.look(signal).catch((error: unknown) => error)).to.be.instanceOf(SignerError);
    expect((await seat.watch.look(signal))?.where).to.include("1 signatures of it that this process did not make");
  });

  it("takes a journal that cannot be written for no other process: what is known there needs no room", async () => {
    const signed = join(folder, "signed");
    for (const peer of peers) peer.verdicts.push(signedOn(2n));
    await toldSeat(new Journal(signed), peers, OWN).watch.look(signal);
    const journal = new FullJournal(signed);
    const seat = toldSeat(journal, peers, OWN);
    journal.fill();
    expect(await seat.begin(signal)).to.equal(true);
    expect({ told: seat.told, ends: seat.ends }).to.deep.equal({ told: [], ends: [] });
    peers[0].verdicts.push(signedOn(3n));
    const failed = await seat.watch.run(signal).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(InputError).with.property("problem").that.includes("EACCES");
    expect({ told: seat.told, ends: seat.ends }, "it is tried again").to.deep.equal({ told: [], ends: [] });
    journal.makeRoom();
    await seat.watch.run(signal);
    expect(seat.told.map(({ code }) => code)).to.deep.equal(["doppelganger"]);
  });

  it("begins to sign once there is room for what its peers have of its signatures", async () => {
    const journal = new FullJournal(join(folder, "signed"));
    const seat = toldSeat(journal, peers, OWN);
    journal.fill();
    let questions = 0;
    peers[0].before = async () => {
      questions += 1;
      expect(seat.gate.isOpen).to.equal(false);
      if (questions === 12) journal.makeRoom();
      return Promise.resolve();
    };
    expect(await seat.begin(signal)).to.equal(true);
    expect(questions).to.be.greaterThan(12);
    expect(journal.entries()).to.have.lengthOf(1);
    expect({ told: seat.told, codes: seat.codes() }).to.deep.equal({ told: [], codes: [] });
  });

  /** A page of what the seat has signed. */
  function pageOf(...verdicts: readonly ReturnType<typeof signedOn>[]): EntryPage["entries"] {
    const page = { vouches: [], verdicts } as unknown as Statements;
    return entriesOf(page, { address: validator.address, domains }, new Date(0).toISOString());
  }

  it("signs nothing where it is stopped while it watches", async () => {
    const stopping = new AbortController();
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    peers[0].before = async () => {
      stopping.abort();
      return Promise.resolve();
    };
    expect(await seat.begin(stopping.signal)).to.equal(false);
    expect(seat.gate.isOpen).to.equal(false);
    expect({ codes: seat.codes(), told: seat.told, ends: seat.ends }).to.deep.equal({ codes: [], told: [], ends: [] });
  });

  it("tells of what it took in of the page on which its journal's disk became full", async () => {
    const journal = new Journal(join(folder, "signed"));
    const put = journal.put.bind(journal);
    let isFull = false;
    journal.put = (entry) => {
      if (isFull) throw new InputError("EACCES", "make room");
      isFull = put(entry);
      return isFull;
    };
    const entries = pageOf(signedOn(1n), signedOn(2n));
    const taken = await recoverPages(journal, 0, async () => Promise.resolve({ entries, next: 2 }));
    expect(taken).to.include({ added: 1, next: 0, isWhole: false });
  });

  it("tells of a contradiction that it met before its journal's disk was full", async () => {
    const journal = new Journal(join(folder, "signed"));
    for (const entry of pageOf(signedOn(1n, "Invalid"))) journal.put(entry);
    const { contradictions } = await recoverPages(journal, 0, async (next) =>
      next === 0
        ? Promise.resolve({ entries: pageOf(signedOn(1n)), next: 1 })
        : Promise.reject(new InputError("EACCES", "make room")),
    );
    expect(contradictions).to.have.lengthOf(1);
  });

  it("tells of what it took in before its journal's disk was full", async () => {
    const journal = new FullJournal(join(folder, "signed"));
    let asked = 0;
    const pageAt = async (next: number): Promise<EntryPage> => {
      asked += 1;
      if (asked === 2) journal.fill();
      return Promise.resolve({ entries: pageOf(signedOn(BigInt(next + 1))), next: next + 1 });
    };
    expect(await recoverPages(journal, 0, pageAt)).to.include({ added: 1, next: 1, isWhole: false });
    const failed = await recoverPages(journal, 1, pageAt).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(InputError);
  });

  it("ends, with what to do, where another process has its key", async () => {
    peers = [new ToldPeer("a", OWN), new ToldPeer("b", id("other"))];
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    expect(await seat.begin(signal)).to.equal(false);
    expect(seat.gate.isOpen).to.equal(false);
    expect(seat.told.map(({ code }) => code)).to.deep.equal(["doppelganger"]);
    expect(seat.ends.map(({ message }) => message).join()).to.include("Stop the other process for good");
  });
});
