import { expect } from "chai";
import { id, type Wallet } from "ethers";
import { decodeJwt, decodeProtectedHeader } from "jose";

import { greeting, isoTime, siweMessage, type SiweFields } from "../../../fixtures/gateway/access/siweMessage.ts";
import { orderView, probePath, Stage, START, stranger, terms, user } from "../../../fixtures/gateway/access/stage.ts";

const DEPLOY = probePath({ kind: "order", scope: "deploy" });
const LOGS = probePath({ kind: "order", scope: "logs" });
const ACCESS = probePath({ kind: "order", scope: "access" });

describe("Signing in with Ethereum", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  async function nonce(): Promise<string> {
    const answer = await stage.ask("/v1/auth/nonce", { method: "POST" });
    return ((await answer.json()) as { nonce: string }).nonce;
  }

  /** A body for the route of sign-ins. */
  async function signed(fields: SiweFields = {}, by: Wallet = user): Promise<{ message: string; signature: string }> {
    const message = siweMessage({ nonce: await nonce(), issuedAt: isoTime(stage.now), address: by.address, ...fields });
    return { message, signature: await by.signMessage(message) };
  }

  const login = async (body: object): Promise<Response> => stage.ask("/v1/auth/login", { method: "POST", body });
  const outcome = async (body: object): Promise<string> => stage.outcome("/v1/auth/login", { method: "POST", body });

  async function token(fields: SiweFields = {}): Promise<string> {
    return ((await (await login(await signed(fields))).json()) as { token: string }).token;
  }

  it("gives a token for 15 minutes, for the orders and scopes of its resources", async () => {
    stage.chain.orders.set(9, orderView({ id: 9, termsHash: id("terms of order 9") }));
    const resources = [
      ...["computing-power:order:7:deploy", "computing-power:order:7:logs,teleport", "computing-power:order:9:access"],
      "https://elsewhere.example/",
    ];
    const answer = await login(await signed({ resources }));
    expect(answer.status).to.equal(200);
    const session = (await answer.json()) as { token: string };
    expect(session).to.deep.include({
      account: user.address,
      expiresAt: START + 900,
      orders: [
        { order: 7, terms, scopes: ["deploy", "logs"] },
        { order: 9, terms: id("terms of order 9"), scopes: ["access"] },
      ],
    });
    expect(await stage.outcome(DEPLOY, { token: session.token })).to.equal("200");
    expect(await stage.outcome(LOGS, { token: session.token })).to.equal("200");
    expect(await stage.outcome(ACCESS, { token: session.token })).to.equal("403 missing-scope");
    expect(await stage.outcome(probePath({ kind: "order", scope: "access" }, 9), { token: session.token })).to.equal(
      "200",
    );
  });

  it("gives a token that says for whom it is", async () => {
    const given = await token();
    expect(decodeProtectedHeader(given)).to.include({ alg: "EdDSA", typ: "computing-power-session+jwt" });
    expect(decodeJwt(given)).to.include({
      iss: "https://node.example",
      aud: stage.access.audience.claim,
      sub: user.address,
    });
  });

  it("gives a token that expires, and dies with its order", async () => {
    const given = await token();
    stage.chain.orders.set(7, orderView({ status: "Stopped", isLive: false, stopAt: START }));
    expect(await stage.outcome(DEPLOY, { token: given })).to.equal("403 order-not-live");
    stage.chain.orders.set(7, orderView());
    stage.pass(899);
    expect(await stage.outcome(DEPLOY, { token: given })).to.equal("200");
    stage.pass(1);
    expect(await stage.outcome(DEPLOY, { token: given })).to.equal("401 token-expired");
  });

  it("gives a token that lasts no longer than the message", async () => {
    const answer = await login(await signed({ expirationTime: isoTime(START + 100) }));
    const { expiresAt } = (await answer.json()) as { expiresAt: number };
    expect(expiresAt).to.equal(START + 160);
  });

  it("gives a token that another gateway, node or chain does not take", async () => {
    const given = await token();
    const other = new Stage({ gateway: "https://other.example" });
    expect(await other.outcome(DEPLOY, { token: given })).to.equal("401 invalid-signature");
    other.close();
  });

  it("takes a nonce once, however many come at the same time", async () => {
    const body = await signed();
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => outcome(body)));
    expect(outcomes.sort()).to.deep.equal(["200", ...Array.from({ length: 4 }, () => "401 invalid-nonce")]);
  });

  it("takes only nonces that it gave out, for ten minutes", async () => {
    expect(await outcome(await signed({ nonce: "0123456789abcdef" }))).to.equal("401 invalid-nonce");
    const given = await nonce();
    const changed = given.replace(/^.{10}/, "00ffffffff");
    expect(await outcome(await signed({ nonce: changed }))).to.equal("401 invalid-nonce");
    stage.pass(600);
    expect(await outcome(await signed({ nonce: given }))).to.equal("401 invalid-nonce");
  });

  it("writes nothing for nonces that nobody uses, nor for sign-ins that are refused", async () => {
    for (let i = 0; i < 20; i += 1) await nonce();
    await outcome(await signed({ header: greeting("evil.example") }));
    await outcome(await signed({}, stranger));
    expect(stage.database.sql.prepare("SELECT count(*) AS n FROM used_once").get()).to.deep.include({ n: 0 });
  });

  const refused: readonly (readonly [string, SiweFields, string])[] = [
    ["another domain", { header: greeting("evil.example") }, "401 wrong-audience"],
    ["the domain with another port", { header: greeting("node.example:444") }, "401 wrong-audience"],
    ["the domain behind an account", { header: greeting("node.example@evil.example") }, "401 wrong-audience"],
    ["another scheme", { header: greeting("http://node.example") }, "401 wrong-audience"],
    ["a URI elsewhere", { uri: "https://evil.example/v1/auth/login" }, "401 wrong-audience"],
    ["another chain", { chainId: "1" }, "401 wrong-audience"],
    ["an expiry in the past", { expirationTime: isoTime(START - 60) }, "401 token-expired"],
    ["a time of the future", { issuedAt: isoTime(START + 61) }, "401 token-not-yet-valid"],
    ["a time to come", { notBefore: isoTime(START + 61) }, "401 token-not-yet-valid"],
    ["a time long ago", { issuedAt: isoTime(START - 1_000) }, "401 token-expired"],
    ["no order", { resources: [] }, "400 invalid-request"],
    [
      "too many orders",
      { resources: Array.from({ length: 17 }, (_, i) => `computing-power:order:${String(i + 1)}:logs`) },
      "400 invalid-request",
    ],
    ["a resource of ours that is none", { resources: ["computing-power:order:07:deploy"] }, "400 invalid-request"],
    ["an order that is not there", { resources: ["computing-power:order:99:deploy"] }, "404 order-not-found"],
  ];
  for (const [what, fields, expected] of refused) {
    it(`refuses ${what}`, async () => {
      expect(await outcome(await signed(fields))).to.equal(expected);
    });
  }

  it("allows clocks to differ by a minute", async () => {
    expect(await outcome(await signed({ issuedAt: isoTime(START + 60), notBefore: isoTime(START + 60) }))).to.equal(
      "200",
    );
    expect(await outcome(await signed({ expirationTime: isoTime(START - 59) }))).to.equal("200");
  });

  it("refuses another's order, another's signature, and a message that was changed", async () => {
    expect(await outcome(await signed({}, stranger))).to.equal("403 not-the-user");
    expect(await outcome(await signed({ address: user.address }, stranger))).to.equal("401 invalid-signature");
    const { message, signature } = await signed();
    expect(await outcome({ message: message.replace("7:deploy", "7:secrets"), signature })).to.equal(
      "401 invalid-signature",
    );
  });

  it("says which line of a message is wrong", async () => {
    const answer = await login(await signed({ version: "2" }));
    expect(answer.status).to.equal(400);
    const { errors } = (await answer.json()) as { errors: { line: number }[] };
    expect(errors[0]).to.include({ path: "message", line: 7 });
  });

  it("refuses bodies of another form, and long ones", async () => {
    const body = await signed();
    expect(await outcome({ ...body, admin: true })).to.equal("400 invalid-request");
    expect(await outcome({ ...body, signature: "0x" })).to.equal("400 invalid-request");
    expect(await outcome({ ...body, message: "x".repeat(100_000) })).to.equal("413 body-too-large");
  });

  it("tells of a session, and ends it before it expires", async () => {
    const given = await token();
    const told = await stage.ask("/v1/auth/session", { token: given });
    expect(await told.json()).to.deep.include({ account: user.address, expiresAt: START + 900 });
    expect((await stage.ask("/v1/auth/session", { method: "DELETE", token: given })).status).to.equal(204);
    for (const path of ["/v1/auth/session", DEPLOY]) {
      expect(await stage.outcome(path, { token: given })).to.equal("401 session-ended");
    }
    expect(await stage.outcome(DEPLOY, { token: await token() }), "another session").to.equal("200");
  });

  it("ends wallets' own tokens as well", async () => {
    const given = await stage.walletToken();
    expect(await stage.outcome(DEPLOY, { token: given })).to.equal("200");
    await stage.ask("/v1/auth/session", { method: "DELETE", token: given });
    expect(await stage.outcome(DEPLOY, { token: given })).to.equal("401 session-ended");
  });
});
