import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { DELEGATION_HEADER, signDelegation, signRevocation } from "../../../../src/eip712/access.ts";
import { OwnAudience } from "../../../../src/gateway/access/audience.ts";
import { Credentials } from "../../../../src/gateway/access/credentials.ts";
import { Delegations } from "../../../../src/gateway/access/delegations.ts";
import { TokenKeys } from "../../../../src/gateway/access/keys.ts";
import { OnceOnly } from "../../../../src/gateway/access/onceOnly.ts";
import { issueToken } from "../../../../src/gateway/access/ownTokens.ts";
import { isoTime, siweMessage } from "../../../fixtures/gateway/access/siweMessage.ts";
import {
  audience,
  delegate,
  orderView,
  probePath,
  Stage,
  START,
  terms,
  user,
} from "../../../fixtures/gateway/access/stage.ts";

const LOGS = probePath({ kind: "order", scope: "logs" });
const DEPLOY = probePath({ kind: "order", scope: "deploy" });

describe("A session's token that was let in before", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  /** Signs an account in, and has it let in once. */
  async function session(by = user, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { nonce } = (await (await stage.ask("/v1/auth/nonce", { method: "POST" })).json()) as { nonce: string };
    const message = siweMessage({ nonce, issuedAt: isoTime(stage.now), address: by.address });
    const body = { message, signature: await by.signMessage(message) };
    const answer = await stage.ask("/v1/auth/login", { method: "POST", body, headers });
    const { token } = (await answer.json()) as { token: string };
    expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
    return token;
  }

  it("is refused once it has expired", async () => {
    const token = await session();
    stage.pass(900);
    expect(await stage.outcome(DEPLOY, { token })).to.equal("401 token-expired");
  });

  it("is refused once its holder has ended it", async () => {
    const token = await session();
    await stage.ask("/v1/auth/session", { method: "DELETE", token });
    expect(await stage.outcome(DEPLOY, { token })).to.equal("401 session-ended");
  });

  it("stays ended through a restart, until it would have expired", () => {
    const now = (): number => stage.time;
    new OnceOnly(stage.database, now).use("ended", "a session", stage.now + 900);
    const restarted = new OnceOnly(stage.database, now);
    expect(restarted.isEnded("a session")).to.equal(true);
    expect(restarted.isEnded("another")).to.equal(false);
    stage.pass(900 + 3_600);
    restarted.use("link", "any", stage.now + 1);
    expect(restarted.isEnded("a session"), "it has not expired for an hour").to.equal(true);
    stage.pass(60);
    restarted.use("link", "another", stage.now + 1);
    expect(restarted.isEnded("a session")).to.equal(false);
    expect(new OnceOnly(stage.database, now).isEnded("a session")).to.equal(false);
  });

  it("is refused once the order has ended, is another's or is another", async () => {
    const token = await session();
    stage.chain.orders.set(7, orderView({ status: "Stopped", isLive: false, stopAt: START }));
    expect(await stage.outcome(DEPLOY, { token })).to.equal("403 order-not-live");
    stage.chain.orders.set(7, orderView({ user: delegate.address }));
    expect(await stage.outcome(DEPLOY, { token })).to.equal("403 not-the-user");
    stage.chain.orders.set(7, orderView({ termsHash: `0x${"11".repeat(32)}` }));
    expect(await stage.outcome(DEPLOY, { token })).to.equal("401 wrong-terms");
  });

  it("is refused once the delegation is withdrawn that it was given by", async () => {
    const { header, hash } = await signDelegation(user, audience, {
      ...{ user: user.address, delegate: delegate.address, order: 7, terms, scopes: ["deploy"] },
      ...{ issuedAt: START - 100, until: START + 86_400 },
    });
    const token = await session(delegate, { [DELEGATION_HEADER]: header });
    expect(await stage.outcome(LOGS, { token })).to.equal("403 missing-scope");
    const body = await signRevocation(user, audience, { order: 7, user: user.address, delegation: hash });
    await stage.ask("/v1/auth/revocations", { method: "POST", body });
    expect(await stage.outcome(DEPLOY, { token })).to.equal("401 delegation-revoked");
  });

  it("is refused as a cookie all the same", async () => {
    const token = await session();
    const header = (name: string): string | undefined =>
      name === "cookie" ? `__Secure-computing-power=${token}` : undefined;
    const asked = stage.access.authorizeApp(
      { method: "GET", header, origin: "https://node.example" },
      { order: 7, isPublic: false },
    );
    expect(await asked.catch((error: unknown) => error)).to.include({ code: "malformed-token" });
  });

  it("does not have its signature checked again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-used-"));
    const now = (): number => stage.time;
    const keys = new TokenKeys(join(folder, "keys.json"), now);
    let checks = 0;
    const find = keys.find.bind(keys);
    keys.find = (id) => {
      checks += 1;
      return find(id);
    };
    const own = new OwnAudience(audience);
    const { database, chain: reader } = stage;
    const options = { keys, audience: own, now, reader };
    const delegations = new Delegations({ ...options, database });
    const credentials = new Credentials({ ...options, delegations, once: new OnceOnly(database, now) });
    const { token } = await issueToken(options, "session", { account: user.address, grants: [], lifetime: 900 });
    const first = await credentials.read({ token, delegation: undefined });
    expect(await credentials.read({ token, delegation: undefined })).to.deep.equal(first);
    expect(checks).to.equal(1);
    rmSync(folder, { recursive: true, force: true });
  });
});
