import { expect } from "chai";
import fc from "fast-check";

import { toHex } from "../../../src/sgx/bytes.ts";
import { collateralHash, parseCollateral, serializeCollateral, type Collateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { parseQuote, trimQuote } from "../../../src/sgx/quote.ts";
import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { parseSignedDocument } from "../../../src/sgx/signedJson.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { REPORT_DATA, simulator, verifySimulated } from "../../fixtures/sgx/simulation.ts";

const RUNS = { seed: 20_250_815, numRuns: 80 };

/** A change to a byte string: some bytes overwritten, some cut off, or some put in. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(64)),
  insert: fc.uint8Array({ minLength: 0, maxLength: 16 }),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(bytes: Uint8Array, { at, remove, insert }: Change): Uint8Array {
  const offset = Math.floor(at * bytes.length);
  return new Uint8Array(Buffer.concat([bytes.subarray(0, offset), insert, bytes.subarray(offset + remove)]));
}

/** A change that keeps the length: one byte becomes another. */
const flip = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  by: fc.integer({ min: 1, max: 255 }),
});

function flipped(bytes: Uint8Array, { at, by }: { at: number; by: number }): Uint8Array {
  const copy = new Uint8Array(bytes);
  const offset = Math.floor(at * bytes.length);
  copy[offset] = copy[offset]! ^ by;
  return copy;
}

/** Whether it goes through; anything thrown but a typed error of ours fails the test. */
function accepted(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof SgxVerificationError)) throw error;
    return false;
  }
}

describe("SGX verifier: garbled input gives a typed error", () => {
  const platform = simulator.platform();
  const quote = platform.quote({ reportData: REPORT_DATA });
  const collateral = platform.collateral({ crlEntries: 4 });

  it("in quotes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          change.map((c) => apply(quote, c)),
          flip.map((f) => flipped(quote, f)),
        ),
        (bytes) => {
          if (toHex(bytes) === toHex(quote)) return;
          const good = accepted(() => verifySimulated(bytes, collateral));
          // Nobody signs a quote's certificate chain as a whole, so a change there may leave the same chain.
          if (good) expect(toHex(bytes.subarray(0, 1046))).to.equal(toHex(quote.subarray(0, 1046)));
        },
      ),
      RUNS,
    );
  });

  it("in what is no quote at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        expect(accepted(() => parseQuote(bytes))).to.equal(false);
        accepted(() => trimQuote(bytes));
      }),
      RUNS,
    );
  });

  for (const key of ["pckCa", "tcbSigning", "rootCrl", "pckCrl"] as const) {
    it(`in the collateral's ${key}`, () => {
      const original = collateral[key];
      fc.assert(
        fc.property(
          fc.oneof(
            change.map((c) => apply(original, c)),
            flip.map((f) => flipped(original, f)),
          ),
          (bytes) => {
            if (toHex(bytes) === toHex(original)) return;
            expect(accepted(() => verifySimulated(quote, { ...collateral, [key]: bytes }))).to.equal(false);
          },
        ),
        RUNS,
      );
    });
  }

  for (const key of ["tcbInfo", "qeIdentity"] as const) {
    const document = collateral[key];
    const texts = fc.oneof(
      change.map((c) => Buffer.from(apply(Buffer.from(document.text), c)).toString("latin1")),
      flip.map((f) => Buffer.from(flipped(Buffer.from(document.text), f)).toString("latin1")),
    );

    it(`in the collateral's ${key}, unsigned`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          if (text === document.text) return;
          const changed: Collateral = { ...collateral, [key]: { ...document, text } };
          expect(accepted(() => verifySimulated(quote, changed))).to.equal(false);
        }),
        RUNS,
      );
    });

    it(`in the collateral's ${key}, signed as it is`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          const changed = platform.collateral({ crlEntries: 4, edits: { [key]: () => text } });
          const good = accepted(() => verifySimulated(quote, changed));
          // What goes through is in Intel's form still: writing it again gives the same text.
          if (good) expect(JSON.stringify(JSON.parse(text))).to.equal(text);
        }),
        RUNS,
      );
    });
  }

  it("in any JSON, and in what is not JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(accepted(() => parseTcbInfo(text))).to.equal(false);
        expect(accepted(() => parseQeIdentity(text))).to.equal(false);
        expect(accepted(() => parseCollateral(text))).to.equal(false);
        expect(accepted(() => parseSignedDocument(text, "tcbInfo"))).to.equal(false);
      }),
      RUNS,
    );
  });

  it("in a collateral file", () => {
    const file = Buffer.from(serializeCollateral(collateral));
    fc.assert(
      fc.property(change, (c) => {
        accepted(() => verifySimulated(quote, parseCollateral(Buffer.from(apply(file, c)).toString("latin1"))));
      }),
      RUNS,
    );
    expect(collateralHash(parseCollateral(file.toString()))).to.equal(collateralHash(collateral));
  });

  it("in PCK certificates that the CA has signed as they are", () => {
    fc.assert(
      fc.property(fc.nat(5), flip, (index, f) => {
        const garbled = simulator.platform({
          editPck: (fields) => ({
            ...fields,
            extensions: fields.extensions.map((extension, i) => (i === index ? flipped(extension, f) : extension)),
          }),
        });
        accepted(() => verifySimulated(garbled.quote({ reportData: REPORT_DATA }), collateral));
      }),
      RUNS,
    );
  });
});
