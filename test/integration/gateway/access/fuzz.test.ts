import { expect } from "chai";

import { DELEGATION_HEADER, signDelegation } from "../../../../src/eip712/access.ts";
import { audience, delegate, probePath, Stage, START, terms, user } from "../../../fixtures/gateway/access/stage.ts";
import { siweMessage } from "../../../fixtures/gateway/access/siweMessage.ts";
import { Random } from "../../../fixtures/random.ts";

const PATH = probePath({ kind: "order", scope: "deploy" });
const ALPHABET = 'abcXYZ019-_.{}[]":,=%~ \t';

/** What a text's parts stand for: the last bits of base64url say nothing, so different texts may be the same. */
function meaningOf(text: string): string {
  return text
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString("hex"))
    .join(".");
}

/** A text with one place changed, doubled or gone, which does not say the same. */
function mutated(text: string, random: Random): string {
  for (;;) {
    const at = random.integer(0, text.length - 1);
    const kept = random.pick([0, 1, 2]);
    const letter = ALPHABET[random.integer(0, ALPHABET.length - 1)] ?? "";
    const result = text.slice(0, at) + random.pick([letter, "", text.slice(at, at + 8)]) + text.slice(at + kept);
    if (meaningOf(result.trim()) !== meaningOf(text)) return result;
  }
}

/** The JSON within a token with one field changed, signed as before. */
function reshaped(token: string, random: Random): string {
  const parts = token.split(".");
  const index = parts[0] === "wallet" ? 1 : random.integer(0, 1);
  const value = JSON.parse(Buffer.from(parts[index] ?? "", "base64url").toString()) as Record<string, unknown>;
  const field = random.pick(Object.keys(value));
  value[field] = random.pick([null, 0, -1, 1e300, "", "x", [], {}, true, `${String(value[field])} `]);
  return parts.with(index, Buffer.from(JSON.stringify(value)).toString("base64url")).join(".");
}

describe("Mutated tokens", () => {
  let stage: Stage;
  const random = new Random(12);

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  async function session(): Promise<string> {
    const { nonce } = (await (await stage.ask("/v1/auth/nonce", { method: "POST" })).json()) as { nonce: string };
    const message = siweMessage({ nonce });
    const body = { message, signature: await user.signMessage(message) };
    return ((await (await stage.ask("/v1/auth/login", { method: "POST", body })).json()) as { token: string }).token;
  }

  async function expectRefused(headers: Readonly<Record<string, string>>, what: string): Promise<void> {
    const outcome = await stage.outcome(PATH, { headers });
    expect(outcome, what).to.match(/^40[13] /);
  }

  it("are refused with a reason, whatever was changed, and break nothing", async () => {
    for (const token of [await stage.walletToken(), await session()]) {
      expect(await stage.outcome(PATH, { token })).to.equal("200");
      for (let i = 0; i < 250; i += 1) {
        const change = random.chance(0.5) ? mutated(token, random) : reshaped(token, random);
        // What no header can carry, no request has.
        if (/[^\x20-\x7e]/.test(change)) continue;
        await expectRefused({ authorization: `Bearer ${change}` }, change);
      }
      expect(await stage.outcome(PATH, { token }), "the token itself").to.equal("200");
    }
  });

  it("of delegations are refused as well", async () => {
    const { header } = await signDelegation(user, audience, {
      ...{ user: user.address, delegate: delegate.address, order: 7, terms, scopes: ["deploy"] },
      ...{ issuedAt: START, until: START + 1_000 },
    });
    const authorization = `Bearer ${await stage.walletToken({ by: delegate })}`;
    expect(await stage.outcome(PATH, { headers: { authorization, [DELEGATION_HEADER]: header } })).to.equal("200");
    for (let i = 0; i < 150; i += 1) {
      const change = mutated(header, random);
      if (/[^\x20-\x7e]/.test(change)) continue;
      await expectRefused({ authorization, [DELEGATION_HEADER]: change }, change);
    }
  });
});
