import { expect } from "chai";
import { Signature, Wallet } from "ethers";

import { openValidatorApi, sayOf, type OpenApi, type SignedWishes } from "../../../fixtures/validator/api.ts";
import { PRESENCE } from "../../../../src/validator/api/forms.ts";

const BODY = JSON.stringify({ instance: `0x${"11".repeat(32)}` });
/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature that recovers the same key: what nobody needs to have signed. */
function mirrored(text: string): string {
  const { r, s, v } = Signature.from(text);
  const other = (ORDER - BigInt(s)).toString(16).padStart(64, "0");
  return `${r}${other}${v === 27 ? "1c" : "1b"}`;
}

describe("requests that a validator's seat has not signed for this validator", () => {
  let api: OpenApi;
  beforeEach(async () => {
    api = await openValidatorApi();
  });
  afterEach(async () => api.close());

  const cases: Readonly<Record<string, readonly [wish: (api: OpenApi) => SignedWishes, said: RegExp]>> = {
    "of a stranger": [
      () => {
        const signer = Wallet.createRandom();
        return { signer, from: signer.address };
      },
      /^403 not-a-validator 0x.* has no seat/,
    ],
    "by another key": [() => ({ signer: Wallet.createRandom() }), /^401 invalid-signature/],
    "to another validator": [({ seat }) => ({ to: seat.address }), /^401 invalid-signature/],
    "for another chain": [() => ({ chainId: 1n }), /^401 invalid-signature/],
    "for another deployment": [() => ({ verifier: `0x${"00".repeat(19)}bb` }), /^401 invalid-signature/],
    "for another path": [() => ({ path: "/v1/tasks/1/verdicts" }), /^401 invalid-signature/],
    "over another body": [() => ({ body: "{}" }), /^401 invalid-signature .* another body/],
    "in another one's name": [({ own }) => ({ from: own.address }), /^401 invalid-signature/],
    "from long ago": [
      () => ({ sentAt: Math.floor(Date.now() / 1000) - 130 }),
      /^401 wrong-time .*13\d s ago, and 120 s/,
    ],
    "from the future": [
      () => ({ sentAt: Math.floor(Date.now() / 1000) + 140 }),
      /^401 wrong-time .*1[34]\d s in the fut/,
    ],
    "from before time": [() => ({ sentAt: 0 }), /^401 wrong-time/],
    "with a compact signature": [
      () => ({ change: (text) => Signature.from(text).compactSerialized }),
      /^401 unauthenticated .*Seat ADDRESS TIME NONCE BODYHASH SIGNATURE/,
    ],
    "with an odd v": [() => ({ change: (text) => `${text.slice(0, -2)}1d` }), /^401 invalid-signature/],
    "with a v of nought": [() => ({ change: (text) => `${text.slice(0, -2)}00` }), /^(200|401 invalid-signature)/],
    "with the other s": [() => ({ change: mirrored }), /^401 invalid-signature/],
    "with no signature": [() => ({ change: () => `0x${"00".repeat(65)}` }), /^401 invalid-signature/],
  };
  for (const [what, [wish, said]] of Object.entries(cases)) {
    it(`are refused: ${what}`, async () => {
      expect(await api.send(PRESENCE, BODY, wish(api))).to.match(said);
      expect(await api.send(PRESENCE, BODY), "an honest one").to.equal("200");
      expect(api.logged).to.deep.equal([]);
    });
  }

  it("take a seat that is written in small letters for the same", async () => {
    const authorization = await api.signed(PRESENCE, BODY);
    const small = authorization.replace(api.seat.address, api.seat.address.toLowerCase());
    const response = await fetch(api.url + PRESENCE, { method: "POST", body: BODY, headers: { authorization: small } });
    expect(response.status).to.equal(200);
  });

  for (const header of ["", "Bearer x", "Seat", `Seat 0x${"11".repeat(20)} 1 0x 0x 0x`, "Seat ".repeat(2_000)]) {
    it(`are refused whose header is ${JSON.stringify(header.slice(0, 12))}`, async () => {
      const headers = { authorization: header };
      const response = await fetch(api.url + PRESENCE, { method: "POST", body: BODY, headers });
      expect(await sayOf(response)).to.match(/^401 unauthenticated/);
      expect(api.taken).to.deep.equal([]);
    });
  }

  it("are taken once, however this machine's clock is set meanwhile", async () => {
    const nonce = Wallet.createRandom().privateKey;
    const sentAt = Math.floor(Date.now() / 1000);
    const replay = async (): Promise<string> => api.send(PRESENCE, BODY, { nonce, sentAt });
    expect(await replay()).to.equal("200");
    expect(await replay()).to.match(/^401 nonce-used/);
    for (const off of [-100_000, 30 * 86_400_000, 0]) {
      api.clock.off = off;
      // Honest ones come meanwhile, at which old nonces are forgotten.
      expect(await api.send(PRESENCE, BODY)).to.equal("200");
    }
    expect(await replay()).to.match(/^401 nonce-used/);
    expect(api.taken).to.have.lengthOf(4);
  });

  it("are forgotten when they are too old to count, so that they fill no disk", () => {
    const kept = (): number => Number(api.database.get("SELECT count(*) AS n FROM taken_nonces")?.["n"]);
    for (let hour = 0; hour < 6; hour++) {
      for (let i = 0; i < 5; i++) expect(api.presences.useNonce(`0x${String(hour)}${String(i)}`)).to.equal(true);
      api.clock.elapsed += 1_000_000;
      expect(api.presences.useNonce(`0x${String(hour)}0`), "a fresh one").to.equal(false);
      api.clock.elapsed += 1_000_000;
    }
    expect(kept()).to.be.lessThan(11);
  });
});
