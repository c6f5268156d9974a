import { expect } from "chai";
import { id, Wallet, ZeroHash } from "ethers";

import {
  DELEGATION_HEADER,
  signDelegation,
  signRevocation,
  type DelegationRequest,
} from "../../../../src/eip712/access.ts";
import { isoTime, siweMessage } from "../../../fixtures/gateway/access/siweMessage.ts";
import {
  audience,
  delegate,
  orderView,
  probePath,
  Stage,
  START,
  stranger,
  terms,
  user,
} from "../../../fixtures/gateway/access/stage.ts";

const DEPLOY = probePath({ kind: "order", scope: "deploy" });
const LOGS = probePath({ kind: "order", scope: "logs" });

describe("Delegations", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  const delegation = async (change: Partial<DelegationRequest> = {}, by = user, platform = audience) =>
    signDelegation(by, platform, {
      ...{ user: user.address, delegate: delegate.address, order: 7, terms, scopes: ["deploy", "teleport"] },
      ...{ issuedAt: START - 100, until: START + 86_400 },
      ...change,
    });

  /** What a delegate gets by a token of its own. */
  async function asked(path: string, header: string, by: Wallet = delegate): Promise<string> {
    return stage.outcome(path, { token: await stage.walletToken({ by }), headers: { [DELEGATION_HEADER]: header } });
  }

  const revoke = async (body: object): Promise<string> =>
    stage.outcome("/v1/auth/revocations", { method: "POST", body });

  it("let another account do what the user allowed, and no more", async () => {
    const { header } = await delegation();
    expect(await asked(DEPLOY, header)).to.equal("200");
    expect(await asked(LOGS, header)).to.equal("403 missing-scope");
  });

  it("do not let the delegate in without them, nor anybody else with them", async () => {
    const { header } = await delegation();
    expect(await stage.outcome(DEPLOY, { token: await stage.walletToken({ by: delegate }) })).to.equal(
      "403 not-the-user",
    );
    expect(await asked(DEPLOY, header, stranger)).to.equal("401 invalid-delegation");
  });

  it("let nobody in by a token alone that came with one before, nor by another's", async () => {
    const [{ header }, other] = await Promise.all([delegation(), delegation({ delegate: stranger.address })]);
    const token = await stage.walletToken({ by: delegate });
    const by = async (presented: string): Promise<string> =>
      stage.outcome(DEPLOY, { token, headers: { [DELEGATION_HEADER]: presented } });
    expect(await by(header)).to.equal("200");
    expect(await stage.outcome(DEPLOY, { token })).to.equal("403 not-the-user");
    expect(await by(other.header)).to.equal("401 invalid-delegation");
    expect(await by(header)).to.equal("200");
  });

  it("take nothing from the user, who sends one by mistake", async () => {
    const { header } = await delegation();
    expect(await asked(LOGS, header, user)).to.equal("200");
  });

  it("are refused when they are for something else, forged, expired or of the future", async () => {
    const cases: readonly (readonly [string, Promise<{ header: string }>, string])[] = [
      ["another order", delegation({ order: 8 }), "401 invalid-delegation"],
      ["other terms", delegation({ terms: id("other terms") }), "401 invalid-delegation"],
      ["another's signature", delegation({}, stranger), "401 invalid-signature"],
      ["a user who is not the order's", delegation({ user: stranger.address }, stranger), "403 not-the-user"],
      ["another chain", delegation({}, user, { ...audience, chainId: 1 }), "401 invalid-signature"],
      ["the past", delegation({ until: START }), "401 delegation-expired"],
      ["the future", delegation({ issuedAt: START + 61 }), "401 delegation-expired"],
    ];
    for (const [what, made, outcome] of cases) expect(await asked(DEPLOY, (await made).header), what).to.equal(outcome);
    for (const header of ["nonsense", "", "e30", "a".repeat(20_000)]) {
      expect(await asked(DEPLOY, header), header.slice(0, 10)).to.equal("401 invalid-delegation");
    }
  });

  it("end while a token that came with them is still good", async () => {
    const { header } = await delegation({ until: START + 10 });
    const token = await stage.walletToken({ by: delegate });
    const ask = { token, headers: { [DELEGATION_HEADER]: header } };
    expect(await stage.outcome(DEPLOY, ask)).to.equal("200");
    stage.pass(10);
    expect(await stage.outcome(DEPLOY, ask)).to.equal("401 delegation-expired");
  });

  it("die when the order gets another user's terms", async () => {
    const { header } = await delegation();
    stage.chain.orders.set(7, orderView({ termsHash: id("another order") }));
    expect(await asked(DEPLOY, header)).to.equal("401 wrong-terms");
  });

  it("are withdrawn one by one, at once and for good", async () => {
    const [one, other] = await Promise.all([delegation(), delegation()]);
    expect(await asked(DEPLOY, one.header)).to.equal("200");
    const body = await signRevocation(user, audience, { order: 7, user: user.address, delegation: one.hash });
    expect(await revoke(body)).to.equal("204");
    expect(await revoke(body), "again").to.equal("204");
    expect(await asked(DEPLOY, one.header)).to.equal("401 delegation-revoked");
    expect(await asked(DEPLOY, other.header)).to.equal("200");
  });

  it("are withdrawn all that were issued before a time, and no earlier time brings them back", async () => {
    const old = await delegation({ issuedAt: START - 50 });
    const later = await delegation({ issuedAt: START - 10 });
    const before = async (time: number): Promise<string> =>
      revoke(await signRevocation(user, audience, { order: 7, user: user.address, before: time }));
    expect(await before(START - 10)).to.equal("204");
    expect(await before(START - 1_000)).to.equal("204");
    expect(await asked(DEPLOY, old.header)).to.equal("401 delegation-revoked");
    expect(await asked(DEPLOY, later.header)).to.equal("200");
  });

  it("are withdrawn by their user alone", async () => {
    const { header, hash } = await delegation();
    const forged = await signRevocation(stranger, audience, { order: 7, user: user.address, delegation: hash });
    expect(await revoke(forged)).to.equal("401 invalid-signature");
    const own = await signRevocation(stranger, audience, { order: 7, user: stranger.address, delegation: hash });
    expect(await revoke(own), "of somebody without an order").to.equal("403 not-the-user");
    stage.chain.orders.set(8, orderView({ id: 8, user: stranger.address }));
    expect(await revoke({ ...own, order: 8 })).to.equal("204");
    expect(await asked(DEPLOY, header)).to.equal("200");
    const nothing = await signRevocation(user, audience, { order: 7, user: user.address });
    expect(nothing).to.include({ delegation: ZeroHash, before: 0 });
    expect(await revoke(nothing)).to.equal("400 invalid-request");
  });

  it("are withdrawn one by one a thousand times, and then by a time", async () => {
    const row = "INSERT INTO revoked_delegations (user, delegation) VALUES (?, ?)";
    for (let i = 0; i < 1_000; i += 1) stage.database.run(row, user.address, id(String(i)));
    const { header, hash } = await delegation();
    const one = await signRevocation(user, audience, { order: 7, user: user.address, delegation: hash });
    expect(await revoke(one)).to.equal("409 too-many-revocations");
    const all = await signRevocation(user, audience, { order: 7, user: user.address, before: START });
    expect(await revoke(all)).to.equal("204");
    expect(await asked(DEPLOY, header)).to.equal("401 delegation-revoked");
  });

  describe("at a sign-in", () => {
    async function session(
      header: string,
    ): Promise<{ outcome: number; token: string; expiresAt: number; orders: unknown }> {
      const { nonce } = (await (await stage.ask("/v1/auth/nonce", { method: "POST" })).json()) as { nonce: string };
      const message = siweMessage({ address: delegate.address, nonce, issuedAt: isoTime(stage.now) });
      const body = { message, signature: await delegate.signMessage(message) };
      const answer = await stage.ask("/v1/auth/login", {
        method: "POST",
        body,
        headers: { [DELEGATION_HEADER]: header },
      });
      return {
        outcome: answer.status,
        ...((await answer.json()) as { token: string; expiresAt: number; orders: unknown }),
      };
    }

    it("give a session that says whose order it is, and lasts no longer than they do", async () => {
      const { header } = await delegation({ until: START + 60 });
      const { token, expiresAt, orders } = await session(header);
      expect(expiresAt).to.equal(START + 60);
      expect(orders).to.deep.equal([{ order: 7, terms, scopes: ["deploy"], delegatedBy: user.address }]);
      expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
    });

    it("give a session that ends when they are withdrawn", async () => {
      const { header, hash } = await delegation();
      const { token } = await session(header);
      expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
      await revoke(await signRevocation(user, audience, { order: 7, user: user.address, delegation: hash }));
      expect(await stage.outcome(DEPLOY, { token })).to.equal("401 delegation-revoked");
      expect((await session(header)).outcome).to.equal(401);
    });
  });
});
