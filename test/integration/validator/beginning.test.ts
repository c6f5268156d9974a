import { expect } from "chai";
import { id } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { signedOn, ToldPeer, toldSeat } from "../../fixtures/validator/toldSeat.ts";
import { Journal } from "../../../src/journal/index.ts";
import { SignerError } from "../../../src/signers/post.ts";

const OWN = id("own");

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

  it("ends, with what to do, where another process has its key", async () => {
    peers = [new ToldPeer("a", OWN), new ToldPeer("b", id("other"))];
    const seat = toldSeat(new Journal(join(folder, "signed")), peers, OWN);
    expect(await seat.begin(signal)).to.equal(false);
    expect(seat.gate.isOpen).to.equal(false);
    expect(seat.told.map(({ code }) => code)).to.deep.equal(["doppelganger"]);
    expect(seat.ends.map(({ message }) => message).join()).to.include("Stop the other process for good");
  });
});
