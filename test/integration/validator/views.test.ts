import { expect } from "chai";
import { id, Wallet } from "ethers";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";

import { deployTestPlatform, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { otherFormsOf } from "../../fixtures/view/signatureForms.ts";
import { CONFIRMATIONS, EVERY, JUDGE, openViewSeat, type ViewSeat } from "../../fixtures/validator/viewSeat.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";
import { signatureBy } from "../../../src/eip712/signatureForm.ts";
import { signView, viewDigest } from "../../../src/eip712/view.ts";
import { claimsOfView, Journal, JournalAnchor, signerIn } from "../../../src/journal/index.ts";
import { openStore } from "../../../src/service/store/database.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { Refusal } from "../../../src/validator/api/problems.ts";
import { ValidatorError } from "../../../src/validator/client.ts";
import { recoverViewsFrom } from "../../../src/validator/guard/ownViews.ts";
import { Peers } from "../../../src/validator/peers.ts";
import { readStakes } from "../../../src/validator/seats.ts";
import { validatorMigrations } from "../../../src/validator/store/tables.ts";
import { ViewStore } from "../../../src/validator/store/views.ts";
import { viewSourceOf } from "../../../src/validator/views/client.ts";
import { ViewDesk } from "../../../src/validator/views/desk.ts";
import { ViewSigning } from "../../../src/validator/views/signing.ts";
import { collectViews } from "../../../src/view/collect.ts";
import type { Trust } from "../../../src/view/forms.ts";
import { SignedViews } from "../../../src/view/signedViews.ts";

const signal = new AbortController().signal;

describe("A validator that signs the chain", () => {
  let platform: DeployedPlatform;
  let seats: ViewSeat[];
  before(async () => {
    platform = await deployTestPlatform({ validators: 4 });
    // One by one: what is mined at once has no state of its own.
    for (let block = 0; block < 20; block++) await platform.connection.networkHelpers.mine();
  });
  beforeEach(async () => {
    seats = await Promise.all(platform.validators.map(async (actor) => openViewSeat(platform, actor)));
  });
  afterEach(async () => {
    await Promise.all(seats.map(async (seat) => seat.close()));
  });

  const head = async (): Promise<number> => platform.connection.ethers.provider.getBlockNumber();
  const refusalOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "answered",
      (error: unknown) => {
        expect(error, String(error)).to.be.instanceOf(ValidatorError);
        return (error as ValidatorError).code;
      },
    );
  /** All look once, then once more, so that everybody has everybody's signatures. */
  async function work(some: readonly ViewSeat[] = seats): Promise<void> {
    for (let round = 0; round < 2; round++) {
      for (const seat of some) await seat.signingWith(some.filter((each) => each !== seat)).run(signal);
    }
  }

  it("signs the newest confirmed height of those that all sign, and each can give what a quorum has signed", async () => {
    await work();
    const height = Math.floor(((await head()) - CONFIRMATIONS) / EVERY) * EVERY;
    const block = await platform.connection.ethers.provider.getBlock(height);
    for (const { client, desk } of seats) {
      const { number, blockHash, signatures } = await client.newestView(undefined);
      expect({ number, blockHash }).to.deep.equal({ number: BigInt(height), blockHash: block!.hash });
      expect(signatures).to.have.lengthOf(4);
      for (const { validator, signature } of signatures) {
        expect(signatureBy(validator, viewDigest(desk.domain, { number, blockHash }), signature)).to.equal(signature);
      }
      expect((await client.view(number)).blockHash).to.equal(blockHash);
      expect(await refusalOf(client.newestView(number - 1n))).to.equal("not-kept");
      expect(await refusalOf(client.view(number - 1n))).to.equal("not-kept");
    }
  });

  it("signs on demand what is confirmed, so that a program believes it at once", async () => {
    const height = BigInt((await head()) - CONFIRMATIONS);
    const { validatorSet, taskEscrow, nodeRegistry } = platform.book.contracts;
    const contracts = { viewJudge: JUDGE, validatorSet, taskEscrow, nodeRegistry };
    const stakes = await readStakes(seats[0]!.chain);
    const validators = [...stakes].map(([account, stake]) => ({ account, key: account, stake }));
    const trust: Trust = { kind: "chain-trust", chainId: platform.chainId, contracts, height: 0n, validators };
    const belief = new SignedViews(trust).belief;
    const network = {
      send: async (method: string, params: unknown[]) =>
        platform.connection.ethers.provider.send(method, params) as Promise<unknown>,
    };
    const sources = seats.slice(0, 3).map(({ client }) => viewSourceOf(client));
    const views = await collectViews({ network, sources, trust, belief }, height);
    expect((await new SignedViews(trust, belief).believe(views)).number).to.equal(height);
    expect(await refusalOf(seats[0]!.client.signedView(height + 1n))).to.equal("wrong-height");
  });

  it("signs nothing that the chain does not call final, where that is asked for", async () => {
    const [seat] = seats as [ViewSeat];
    const final = new ViewDesk({ ...seat.parts, finalized: true });
    const { number } = (await platform.connection.ethers.provider.getBlock("finalized"))!;
    expect(await final.confirmed()).to.equal(Math.min(number, (await head()) - CONFIRMATIONS));
    if (number < (await head()) - CONFIRMATIONS) {
      const refused = await final.demand(BigInt(number) + 1n, "somebody").catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Refusal).with.property("code", "wrong-height");
    }
  });

  it("signs for others what they ask for, however many heights a stranger asks for", async () => {
    const slow = await openViewSeat(platform, platform.validators[0]!, 0.001);
    try {
      const newest = (await head()) - CONFIRMATIONS;
      const statusFor = async (address: string, height: number): Promise<number> => {
        const headers = { "content-type": "application/json", "x-forwarded-for": address };
        const body = JSON.stringify({ number: String(height) });
        return (await fetch(`${slow.url}/v1/views`, { method: "POST", headers, body })).status;
      };
      const asked = ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2"];
      const statuses: number[] = [];
      for (const [i, address] of asked.entries()) statuses.push(await statusFor(address, newest - i));
      expect(statuses).to.deep.equal([200, 200, 429, 200]);
    } finally {
      await slow.close();
    }
  });

  it("signs for strangers only so many heights, and none while its gate is closed", async () => {
    const actor = platform.validators[0]!;
    const slow = await openViewSeat(platform, actor, 0.001);
    try {
      const height = BigInt((await head()) - CONFIRMATIONS);
      await slow.client.signedView(height);
      await slow.client.signedView(height - 1n);
      expect(await refusalOf(slow.client.signedView(height - 2n))).to.equal("rate-limited");
      // What is signed already costs nothing.
      expect((await slow.client.signedView(height)).signatures).to.have.lengthOf(1);
      slow.gate.lock("somebody else");
      expect(await refusalOf(slow.client.signedView(height - 3n))).to.equal("not-signing");
    } finally {
      await slow.close();
    }
  });

  it("takes in no false signature, and none of somebody without stake", async () => {
    const [seat] = seats as [ViewSeat];
    const number = BigInt((await head()) - CONFIRMATIONS);
    const { blockHash } = await seat.desk.demand(number, "somebody");
    const stranger = new Wallet(id("stranger"));
    const other = platform.validators[1]!;
    const digest = viewDigest(seat.desk.domain, { number, blockHash });
    const signature = stranger.signingKey.sign(digest).serialized as Hex;
    const document = seat.desk.at(number);
    for (const validator of [stranger.address, other.address]) {
      await seat.desk.take({ ...document, signatures: [{ validator, signature }] });
    }
    expect(seat.desk.at(number).signatures.map(({ validator }) => validator)).to.deep.equal([seat.own]);
  });

  it("takes a signature in whichever form it comes, and keeps it in the one that the chain takes", async () => {
    const [seat] = seats as [ViewSeat];
    const other = platform.validators[1]!;
    const number = BigInt((await head()) - CONFIRMATIONS);
    const { blockHash } = await seat.desk.demand(number, "somebody");
    const signature = (await signView(other, seat.desk.domain, { number, blockHash })) as Hex;
    for (const [form, text] of otherFormsOf(signature)) {
      const fresh = await openViewSeat(platform, platform.validators[0]!);
      const document = await fresh.desk.demand(number, "somebody");
      await fresh.desk.take({ ...document, signatures: [{ validator: other.address, signature: text }] });
      const kept = fresh.desk.at(number).signatures.find(({ validator }) => validator === other.address);
      await fresh.close();
      expect(kept?.signature, form).to.equal(signature);
    }
  });

  it("takes signatures of one who has left, as long as its stake is there", async () => {
    const leaving = seats.at(-1)!;
    const { validatorSet } = platform.protocol;
    const number = BigInt((await head()) - CONFIRMATIONS);
    await validatorSet.connect(platform.validators.at(-1)).exit();
    await platform.connection.networkHelpers.mine(CONFIRMATIONS);
    const document = await leaving.desk.demand(number, "somebody");
    await seats[0]!.desk.demand(number, "somebody");
    await seats[0]!.desk.take(document);
    expect(seats[0]!.desk.at(number).signatures.map(({ validator }) => validator)).to.include(leaving.own);
  });

  describe("after a reorganisation", () => {
    it("stays with the block that it has signed, and has a person look", async () => {
      const [seat] = seats as [ViewSeat];
      await seat.signingWith([]).run(signal);
      const height = seat.views.newestOf(seat.own, 1)[0]!;
      const before = seat.desk.at(BigInt(height));
      seat.hashes.set(height, id("another branch"));
      expect(await seat.desk.demand(BigInt(height), "somebody")).to.deep.equal(before);
      // The journal alone, where the database was lost.
      const views = new ViewStore(openStore(":memory:", { owner: "validator", migrations: validatorMigrations }));
      const desk = new ViewDesk({ ...seat.parts, views });
      const peers = new Peers([]);
      const { alarms, log } = { alarms: seat.alarms.alarms, log: pino({ level: "silent" }) };
      const duty = new ViewSigning({ desk, views, gate: seat.gate, peers, every: EVERY, own: seat.own, alarms, log });
      await duty.run(signal);
      expect(views.at(height)).to.deep.equal([]);
      expect(seat.alarms.alarms.standing().map(({ code }) => code)).to.deep.equal(["view-contradicted"]);
    });

    it("signs no second block after its journal was restored from an older copy: its anchor and its peers know better", async () => {
      const [seat, peer] = seats as [ViewSeat, ViewSeat];
      const signed = join(seat.folder, "signed");
      const backup = join(seat.folder, "backup");
      const first = BigInt((await head()) - CONFIRMATIONS - 1);
      await seat.desk.demand(first, "somebody");
      cpSync(signed, backup, { recursive: true });
      const { blockHash } = await seat.desk.demand(first + 1n, "somebody");
      await peer.desk.demand(first + 1n, "somebody");
      await peer.desk.take(seat.desk.at(first + 1n));
      rmSync(signed, { recursive: true });
      cpSync(backup, signed, { recursive: true });
      expect(() => {
        new JournalAnchor(join(seat.folder, "anchor")).check(signed);
      }).to.throw("lacks 1 of the 2 claims");
      // Where the anchor is lost as well, what others have of it counts.
      const restored = new Journal(signed, new JournalAnchor(join(seat.folder, "other anchor")));
      const own = { address: seat.own, domain: seat.desk.domain };
      const recovered = await recoverViewsFrom(peer.client, restored, own, 0);
      expect(recovered).to.include({ added: 1 });
      const claims = claimsOfView({ number: first + 1n, blockHash: id("another branch") });
      const signer = signerIn(seat.desk.domain, seat.own);
      expect(() => {
        restored.check(signer, claims);
      })
        .to.throw(`for the height ${(first + 1n).toString()}`)
        .with.property("known")
        .that.deep.includes({ says: { blockHash } });
    });

    it("tells of another validator that has signed another block", async () => {
      const [seat, liar] = seats as [ViewSeat, ViewSeat];
      await seat.signingWith([]).run(signal);
      const height = seat.views.newestOf(seat.own, 1)[0]!;
      liar.hashes.set(height, id("another branch"));
      await liar.desk.demand(BigInt(height), "somebody");
      await seat.signingWith([liar]).run(signal);
      expect(seat.alarms.told.map(({ code, about }) => [code, about])).to.deep.equal([["view-conflict", liar.own]]);
      expect(seat.desk.at(BigInt(height)).signatures).to.have.lengthOf(1);
    });
  });

  describe("beside one with a key of its choice", () => {
    it("takes what a seat signs by the key that it has chosen, and what its account has signed only of blocks before", async () => {
      const [seat] = seats as [ViewSeat];
      const other = platform.validators[1]!;
      const key = Wallet.createRandom();
      const domain = domainOf("ValidatorSet", platform.chainId, platform.book.contracts.validatorSet);
      const consent = await signSigningKey(key, domain, other.address);
      await platform.protocol.validatorSet.connect(other).setSigningKey(key, consent);
      await platform.connection.networkHelpers.mine(CONFIRMATIONS);
      const changedIn = (await head()) - CONFIRMATIONS;
      const take = async (signer: typeof other | typeof key, height: number) => {
        const document = await seat.desk.demand(BigInt(height), "somebody");
        const signature = (await signView(signer, seat.desk.domain, document)) as Hex;
        await seat.desk.take({ ...document, signatures: [{ validator: other.address, signature }] });
        return seat.desk.at(BigInt(height)).signatures.some(({ validator }) => validator === other.address);
      };
      await platform.connection.networkHelpers.mine(CONFIRMATIONS);
      expect(await take(other, changedIn + 1)).to.equal(false);
      expect(await take(Wallet.createRandom(), changedIn + 1)).to.equal(false);
      expect(await take(key, changedIn + 1)).to.equal(true);
      // What was signed before the change is fetched after it.
      expect(await take(other, changedIn - 1)).to.equal(true);
      // Its own are recognised in what others have, by the key and by the account's.
      const client = { viewStatements: async () => Promise.resolve(seat.desk.statements(other.address, 0)) };
      const journal = (name: string) =>
        new Journal(join(seat.folder, name), new JournalAnchor(join(seat.folder, `${name}.anchor`)));
      const own = { address: other.address, domain: seat.desk.domain };
      expect(
        (await recoverViewsFrom(client, journal("with"), { ...own, keys: () => [key.address] }, 0)).added,
      ).to.equal(2);
      expect((await recoverViewsFrom(client, journal("without"), own, 0)).added).to.equal(1);
    });
  });
});
