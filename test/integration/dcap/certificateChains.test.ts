import { expect } from "chai";

import { keccak256 } from "../../../src/sgx/bytes.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { parsePem, writePem } from "../../../src/sgx/pem.ts";
import { parseQuote, type Quote } from "../../../src/sgx/quote.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { DISPROVEN, HOLDS, standingOf, UNDECIDED } from "../../fixtures/dcap/standings.ts";
import { claimOf } from "../../fixtures/dcap/usualClaim.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { Random } from "../../fixtures/random.ts";
import { createVerifier } from "../../fixtures/sgx/dcapVerifier.ts";
import { REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

/** The quote with another chain of certificates; a character is a byte. */
function withChain(text: string): Uint8Array {
  const certificationData = new Uint8Array(Buffer.from(text, "latin1"));
  const edits = { quote: (fields: Quote): Quote => ({ ...fields, certificationData }) };
  return platform.quote({ reportData: REPORT_DATA, edits });
}

/** What a judge must say: that a quote holds if and only if `verifyQuote` accepts it, else by the fault. */
function expectedOf(bytes: Uint8Array): bigint {
  try {
    expect(verifySimulated(bytes, collateral).attestation.quoteHash).to.equal(keccak256(bytes));
    return HOLDS;
  } catch (error) {
    if (error instanceof SgxVerificationError) return standingOf(error);
    throw error;
  }
}

const chainOf = (bytes: Uint8Array): Uint8Array[] =>
  parsePem(Buffer.from(parseQuote(bytes).certificationData).toString("latin1"));
const [leaf, ca, root] = chainOf(quote) as [Uint8Array, Uint8Array, Uint8Array];

describe("DcapVerifier: judges certificate chains as src/sgx does", () => {
  let world: Awaited<ReturnType<typeof createVerifier>>;

  // Nothing is stored: a judge looks at nothing but what it is shown.
  before(async () => {
    world = await createVerifier();
  });

  const pem = writePem([leaf, ca, root]);
  const blocks = [leaf, ca, root].map((der) => writePem([der]));
  const lines = (der: Uint8Array, width: number): string => {
    const digits = Buffer.from(der).toString("base64");
    const body = digits.match(new RegExp(`.{1,${width}}`, "g"))!.join("\n");
    return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  };
  const stranger = createSimulator({ seed: "another", time: TIME }).platform();
  const [, strangeCa, strangeRoot] = chainOf(stranger.quote({ reportData: REPORT_DATA }));
  const otherLeaf = simulator.platform({ name: "another" }).pckCertificate;
  const at = Buffer.from(root).indexOf("Intel SGX Root CA");
  const renamedRoot = flipBit(root, at);
  const paddedEnd = pem.indexOf("=\n-----END");

  const chains: Record<string, string> = {
    usual: `${pem}\0`,
    "without a NUL": pem,
    "without a last line end": pem.trimEnd(),
    "without a last line end, with a NUL": `${pem.trimEnd()}\0`,
    "many last line ends": `${pem}\r\n\n\r\n\0`,
    "two NULs": `${pem}\0\0`,
    "a NUL before the last line end": `${pem.trimEnd()}\0\n`,
    "a carriage return at the end": `${pem}\r`,
    "lines of Windows": pem.replaceAll("\n", "\r\n"),
    "mixed lines": pem.replace("\n", "\r\n"),
    "lines of old Macs": pem.replaceAll("\n", "\r"),
    "double carriage returns": pem.replaceAll("\n", "\r\r\n"),
    "lines of 5": [leaf, ca, root].map((der) => lines(der, 5)).join(""),
    "lines of 1": [leaf, ca, root].map((der) => lines(der, 1)).join(""),
    "one line each": [leaf, ca, root].map((der) => lines(der, 9_999)).join(""),
    "an empty line inside": pem.replace("-----\n", "-----\n\n"),
    "an empty line between": blocks.join("\n"),
    "an empty line in front": `\n${pem}`,
    "a space behind a line": pem.replace("\n", " \n"),
    "a space inside": pem.replace("\nM", "\n M"),
    "words in front": `Subject: PCK\n${pem}`,
    "words behind": `${pem}and so on`,
    "no line end between": blocks.map((block) => block.trimEnd()).join(""),
    "the end marker inside a line": pem.replace("\n-----END", "-----END"),
    "another marker": pem.replaceAll("CERTIFICATE", "CERTIFICATES"),
    "an end marker with words behind": pem.replace("END CERTIFICATE-----", "END CERTIFICATE----- "),
    "a dash in the text": pem.replace(/\n(M.{8})./, "\n$1-"),
    "an underscore in the text": pem.replace(/\n(M.{8})./, "\n$1_"),
    "a byte above 127": pem.replace(/\n(M.{8})./, "\n$1\u00ff"),
    "padding inside": pem.replace(/\n(M.{8})./, "\n$1="),
    "no padding": pem.replaceAll(/=+\n-/g, "\n-"),
    "too much padding": pem.replaceAll(/\n-----END/g, "=\n-----END"),
    "padding on lines of its own": pem.replaceAll(/=\n-----END/g, "\n=\n-----END"),
    "bits behind the last byte":
      paddedEnd < 0 ? "" : `${pem.slice(0, paddedEnd).replace(/.(=?)$/, "/$1")}${pem.slice(paddedEnd)}`,
    "four certificates": pem + blocks[2]!,
    "two certificates": blocks[0]! + blocks[1]!,
    "no certificate": "",
    "an empty certificate": blocks[0]! + blocks[1]! + "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n",
    "a block without lines": blocks[0]! + blocks[1]! + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "another order": blocks[0]! + blocks[2]! + blocks[1]!,
    "the CA twice": blocks[0]! + blocks[1]! + blocks[1]!,
    "the CA as leaf": blocks[1]! + blocks[1]! + blocks[2]!,
    "another root": writePem([leaf, ca, strangeRoot!]),
    "a root issued by another": writePem([leaf, ca, renamedRoot]),
    "a root with a broken signature": writePem([leaf, ca, flipBit(root, -1)]),
    "a CA of another root": writePem([leaf, strangeCa!, root]),
    "a CA with a broken signature": writePem([leaf, flipBit(ca, -1), root]),
    "a leaf with a broken signature": writePem([flipBit(leaf, -1), ca, root]),
    "a leaf with a byte behind": writePem([Uint8Array.from([...leaf, 0]), ca, root]),
    "the leaf last": writePem([root, ca, leaf]),
    "another platform's leaf in front": writePem([otherLeaf, leaf, ca, root]),
    "another root's CA in front": writePem([strangeCa!, leaf, ca, root]),
    "a strange block in front": `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem}`,
    "a broken block in front": `-----BEGIN CERTIFICATE-----\nMII\n${pem}`,
    "a leaf that nobody signed in front": writePem([flipBit(leaf, -1), leaf, ca, root]),
    "an unreadable leaf in front": writePem([flipBit(leaf, leaf.length - 72), leaf, ca, root]),
    "the other CA": writePem([leaf, simulator.platform({ ca: "processor" }).collateral().pckCa, root]),
  };
  for (const [name, chain] of Object.entries(chains)) {
    it(`judges as verifyQuote does: ${name}`, async () => {
      expect(chain, "the case is one").to.satisfy((text: string) => name === "usual" || text !== `${pem}\0`);
      const bytes = withChain(chain);
      expect(await world.judge(bytes, claimOf(bytes), { collateral })).to.equal(expectedOf(bytes));
    });
  }

  it("judges as verifyQuote does: characters changed, put in and left out at random", async () => {
    const random = new Random(5);
    const characters = ["", "A", "/", "+", "=", "-", "\r", "\n", "\0", " ", "_", "Z", "9", "\u00ff"];
    for (let i = 0; i < 200; i++) {
      const at = random.integer(0, pem.length - 1);
      const by = random.pick(characters);
      const chain = pem.slice(0, at) + by + pem.slice(at + random.integer(0, 1));
      const bytes = withChain(chain);
      const verdict = await world.judge(bytes, claimOf(bytes), { collateral });
      // Of certificates that cannot be read any more the judge may know already that nobody signed them.
      const expected = expectedOf(bytes);
      const also = expected === UNDECIDED ? DISPROVEN : expected;
      expect(verdict, `${JSON.stringify(by)} at ${at}`).to.be.oneOf([expected, also]);
    }
  });

  const WELL_FORMED = [
    "usual",
    "lines of Windows",
    "lines of 1",
    "an empty line inside",
    "words in front",
    "words behind",
    "no line end between",
    "four certificates",
    "two certificates",
    "another order",
    "the leaf last",
    "another platform's leaf in front",
    "another root's CA in front",
    "a strange block in front",
    "another root",
    "a root with a broken signature",
  ];
  it("finds the leaf and its CA by name and key in whatever surrounds them", () => {
    for (const name of WELL_FORMED) expect(expectedOf(withChain(chains[name]!)), name).to.equal(HOLDS);
  });

  it("has cases of all verdicts", () => {
    const verdicts = Object.values(chains).map((chain) => expectedOf(withChain(chain)));
    for (const verdict of [HOLDS, DISPROVEN, UNDECIDED]) {
      expect(verdicts.filter((each) => each === verdict).length, verdict.toString()).to.be.at.least(3);
    }
  });

  it("decodes PEM for a small part of what a judgement costs, and looks through other text for less", async () => {
    /** Gas of the execution alone: what a transaction pays for its calldata would hide it. */
    async function gasOf(text: string): Promise<number> {
      const bytes = withChain(text);
      const { data } = await world.verifier.judge.populateTransaction(...world.judgeArguments(bytes, claimOf(bytes)));
      const trace = (await world.ethers.provider.send("debug_traceCall", [
        { to: await world.verifier.getAddress(), data },
        "latest",
        { disableMemory: true, disableStack: true, disableStorage: true },
      ])) as { structLogs: { gas: number }[] };
      return trace.structLogs[0]!.gas - trace.structLogs.at(-1)!.gas;
    }
    const [usual, other] = [await gasOf(pem), await gasOf("x".repeat(pem.length))];
    expect(usual, "three certificates").to.be.below(250_000);
    expect(other, "no certificates").to.be.below(60_000);
  });
});
