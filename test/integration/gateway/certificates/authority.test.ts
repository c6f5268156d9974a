import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { accountKey } from "../../../../src/gateway/certificates/account.ts";
import { CertificateAuthority } from "../../../../src/gateway/certificates/authority.ts";
import { ChallengeAnswers } from "../../../../src/gateway/certificates/challenges.ts";
import { CertificateRefusal } from "../../../../src/gateway/certificates/refusal.ts";
import { retryAfterOf } from "../../../../src/gateway/certificates/transport.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { ScriptedAuthority } from "../../../fixtures/gateway/certificates/scriptedAuthority.ts";

const problem = (detail: string) => ({ type: "urn:ietf:params:acme:error:rateLimited", detail });

describe("A CA that is asked for a certificate", () => {
  let folder: string;
  let scripted: ScriptedAuthority;
  let authority: CertificateAuthority;
  const never = new AbortController().signal;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "authority-"));
    scripted = await ScriptedAuthority.start(folder);
    authority = new CertificateAuthority({
      ...{ directory: scripted.directory, root: scripted.root, contact: [], answers: new ChallengeAnswers() },
      ...{ accountKey: accountKey(join(folder, "account.pem")), lookEvery: 1 },
    });
  });
  afterEach(() => {
    authority.close();
    scripted.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function refusal(signal = never): Promise<CertificateRefusal> {
    try {
      await authority.issue("shop.example", signal);
    } catch (error) {
      if (error instanceof CertificateRefusal) return error;
      throw error;
    }
    throw new Error("It gave a certificate");
  }

  it("is asked once where it says that it was asked too often, and its time is respected", async () => {
    for (const status of [429, 503]) {
      scripted.script.set("/new-order", {
        status,
        body: problem("too many.\n\u001b[2J"),
        headers: { "retry-after": "7200" },
      });
      scripted.asked.length = 0;
      const found = await refusal();
      expect([found.detail, found.retryAfter]).to.deep.equal(["The CA refuses: too many. [2J", 7_200_000]);
      expect(scripted.asked.filter((path) => path === "/new-order")).to.have.lengthOf(1);
    }
  });

  it("says how long it wants to be left alone in seconds or by a date", () => {
    const now = Date.UTC(2026, 0, 1);
    for (const [header, expected] of [
      ["120", 120_000],
      [" 5 ", 5_000],
      ["Thu, 01 Jan 2026 01:00:00 GMT", 3_600_000],
      ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
      ["-5", 0],
      ["soon", 0],
      [undefined, 0],
    ] as const) {
      expect(retryAfterOf(header, now), header).to.equal(expected);
    }
  });

  it("may forget the account: the next request opens it again", async () => {
    scripted.script.set("/new-order", { status: 400, body: problem("no such account") });
    await refusal();
    await refusal();
    expect(scripted.asked.filter((path) => path === "/account")).to.have.lengthOf(2);
  });

  it("is believed in what it finds wrong, on one line and not without end", async () => {
    const said = `127.0.0.1: "<html>\n${"a".repeat(1_000)}"`;
    scripted.script.set("/authorization", {
      status: 200,
      body: { status: "invalid", challenges: [{ type: "http-01", error: { detail: said } }] },
    });
    const { detail } = await refusal();
    expect(detail).to.match(/^The CA does not find that the name leads here: 127\.0\.0\.1: "<html> a+\.\.\.$/);
    expect(detail).to.have.length.below(600);
  });

  it("that does not ask by HTTP-01 gives none", async () => {
    scripted.script.set("/authorization", { status: 200, body: { status: "pending", challenges: [] } });
    expect((await refusal()).detail).to.equal("The CA does not ask by HTTP-01 whose the name is");
  });

  it("that refuses at the end is believed", async () => {
    scripted.script.set("/order", { status: 200, body: { status: "invalid", error: { detail: "CAA forbids it." } } });
    expect((await refusal()).detail).to.equal("The CA refuses: CAA forbids it");
  });

  it("that does not speak ACME, or not at all, gives none", async () => {
    scripted.script.set("/nonce", { status: 200, headers: { "replay-nonce": "" } });
    expect((await refusal()).detail).to.equal("The CA does not answer as RFC 8555 says");
    scripted.script.set("/directory", { status: 302, headers: { location: `${scripted.directory}/other` } });
    authority.close();
    scripted.close();
    expect((await refusal()).detail).to.equal("The CA does not answer");
  });

  it("whose server nobody vouches for is not asked", async () => {
    const trusting = new CertificateAuthority({
      ...{ directory: scripted.directory, root: undefined, contact: [], answers: new ChallengeAnswers() },
      accountKey: accountKey(join(folder, "account.pem")),
    });
    let found: unknown;
    await trusting.terms(never).catch((error: unknown) => (found = error));
    expect(found).to.be.instanceOf(CertificateRefusal);
    expect(scripted.asked).to.deep.equal([]);
  });

  it("is left at once when the gateway ends", async () => {
    scripted.script.set("/new-order", undefined);
    const stop = new AbortController();
    const asking = authority.issue("shop.example", stop.signal).catch((error: unknown) => error);
    await until("it was asked", () => scripted.asked.includes("/new-order"));
    stop.abort(new Error("over"));
    expect(await asking).to.have.property("message", "over");
  });
});
