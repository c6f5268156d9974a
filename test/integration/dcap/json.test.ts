import { expect } from "chai";
import { Interface, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { parseSignedDocument } from "../../../src/sgx/signedJson.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { revertDataOf } from "../../../src/errors.ts";
import type { JsonHarness } from "../../../types/ethers-contracts/index.ts";
import { jsonMutations } from "../../fixtures/sgx/jsonMutations.ts";
import { qeIdentityOnChain, tcbInfoOnChain } from "../../fixtures/sgx/onChain.ts";
import { simulator } from "../../fixtures/sgx/simulation.ts";
import { itWithVector, reportVectors, vectorFolders, vectorText } from "../../fixtures/sgx/vectors.ts";

type Kind = "tcbInfo" | "qeIdentity";

/** What a reader makes of a text: the fields, or the name of its refusal. */
type Verdict = { readonly fields: readonly unknown[] } | { readonly refusal: string };

const { ethers } = await network.create();

/** The names of the same refusal in TypeScript and on chain. Of any other form the chain has several. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  TcbInfoVersion: ["TcbInfoJsonWrongVersion"],
  TcbInfoId: ["TcbInfoJsonWrongId"],
  TcbInfoOrder: ["TcbInfoJsonOrder"],
  TcbInfoEncoding: ["StrictJsonUnexpected", "StrictJsonTooLong", "IsoTimeInvalid"],
  QeIdentityVersion: ["QeIdentityJsonWrongVersion"],
  QeIdentityId: ["QeIdentityJsonWrongId"],
  QeIdentityOrder: ["QeIdentityJsonOrder"],
  QeIdentityEncoding: ["StrictJsonUnexpected", "StrictJsonTooLong", "IsoTimeInvalid", "QeIdentityJsonWrongStatus"],
};

function offChain(kind: Kind, text: string): Verdict {
  try {
    const fields = kind === "tcbInfo" ? tcbInfoOnChain(parseTcbInfo(text)) : qeIdentityOnChain(parseQeIdentity(text));
    return { fields };
  } catch (error) {
    if (!(error instanceof SgxVerificationError)) throw error;
    return { refusal: error.code };
  }
}

describe("DCAP on chain: reading TCB info and QE identity", () => {
  const collateral = simulator.platform().collateral();
  const texts = { tcbInfo: collateral.tcbInfo.text, qeIdentity: collateral.qeIdentity.text };
  let harness: JsonHarness;
  let errors: Interface;

  before(async () => {
    harness = await ethers.deployContract("JsonHarness");
    errors = harness.interface;
  });
  after(reportVectors);

  async function onChain(kind: Kind, text: string): Promise<Verdict> {
    const bytes = toUtf8Bytes(text);
    try {
      const struct = kind === "tcbInfo" ? await harness.readTcbInfo(bytes) : await harness.readQeIdentity(bytes);
      return { fields: [...struct] as unknown[] };
    } catch (error) {
      const name = errors.parseError(revertDataOf(error) ?? "0x")?.name;
      if (name === undefined) throw error;
      return { refusal: name };
    }
  }

  /** The same verdict by both, with the same fields; for a text that departs in one place only, the same refusal too. */
  async function compare(kind: Kind, text: string, sameName = true): Promise<Verdict> {
    const [chain, reference] = [await onChain(kind, text), offChain(kind, text)];
    if ("fields" in reference) expect(chain, text).to.deep.equal(reference);
    else {
      expect(chain, text).to.have.property("refusal");
      if (sameName && "refusal" in chain) expect(NAMES[reference.refusal], text).to.include(chain.refusal);
    }
    return chain;
  }

  async function expectRefusal(kind: Kind, text: string, name: string): Promise<void> {
    expect(text).not.to.equal(texts[kind]);
    expect(await compare(kind, text)).to.deep.equal({ refusal: name });
  }

  for (const kind of ["tcbInfo", "qeIdentity"] as const) {
    it(`reads the simulator's ${kind} as TypeScript does`, async () => {
      expect(await compare(kind, texts[kind])).to.have.property("fields");
    });

    it(`reads any date, status, advisories and number of ${kind} that TypeScript reads`, async () => {
      const edits: [string | RegExp, string][] = [
        [/"issueDate":"\d{4}/, '"issueDate":"0000'],
        [/"issueDate":"\d{4}/, '"issueDate":"9999'],
        [/"tcbDate":"\d{4}-\d\d-\d\d/, '"tcbDate":"2000-02-29'],
        [/"tcbDate":"\d{4}-\d\d-\d\d/, '"tcbDate":"1969-12-31'],
        ['"UpToDate"', '"Revoked"'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":[]'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":["","a b","~"]'],
        [/INTEL-SA-\d+/, "INTEL-SA-123456"],
        [/INTEL-SA-\d+/, "INTEL-SA-1234"],
        [/INTEL-SA-\d+/, "INTEL-SA-1234x"],
        [/("tcbEvaluationDataNumber":)\d+/, "$11"],
        [/("tcbEvaluationDataNumber":)\d+/, "$165535"],
      ];
      for (const [part, by] of edits) {
        const text = texts[kind].replace(part, by);
        expect(text).not.to.equal(texts[kind]);
        expect(await compare(kind, text), by).to.have.property("fields");
      }
    });

    it(`refuses ${kind} in any other form, as TypeScript does`, async () => {
      const edits: [string | RegExp, string][] = [
        [",", ", "],
        ['"version"', '"extra":0,"version"'],
        ['"nextUpdate"', '"issueDate":"2020-01-01T00:00:00Z","nextUpdate"'],
        ['"OutOfDate"', '"OutOfFashion"'],
        ['"UpToDate"', '"None"'],
        ['"UpToDate"', '"UpTo\\u0044ate"'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":["\u007f"]'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":["\u00e9"]'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":["a" ]'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":null'],
        ['"UpToDate"', '"UpToDate","advisoryIDs":[1]'],
        [/("tcbEvaluationDataNumber":)\d+/, "$10"],
        [/("tcbEvaluationDataNumber":)\d+/, "$1065"],
        [/("tcbEvaluationDataNumber":)\d+/, "$165536"],
        [/("tcbEvaluationDataNumber":)\d+/, '$1"17"'],
        [/$/, " "],
        [/\]\}$/, "]"],
        [/"tcbLevels":.*$/, '"tcbLevels":[]}'],
        [/"tcbDate":"[^"]*"/, '"tcbDate":null'],
        [/^/, "\ufeff"],
      ];
      for (const [part, by] of edits) {
        await expectRefusal(kind, texts[kind].replace(part, by), "StrictJsonUnexpected");
      }
      await expectRefusal(
        kind,
        texts[kind].replace(/"tcbDate":"\d{4}-\d\d-\d\d/, '"tcbDate":"2023-02-29'),
        "IsoTimeInvalid",
      );
    });
  }

  it("reads components with any notes that TypeScript reads, and refuses others", async () => {
    const plain = '{"svn":3,"category":"BIOS"}';
    for (const notes of [
      '"category":""',
      '"category":"BIO"',
      '"category":"BIOSES"',
      '"type":"TXT SINIT"',
      `"category":"OS/VMM","type":"${"x".repeat(70)}"`,
    ]) {
      const text = texts.tcbInfo.replace(plain, `{"svn":3,${notes}}`);
      expect(await compare("tcbInfo", text), notes).to.have.property("fields");
    }
    for (const component of [
      '{"svn":3,"type":"","category":""}',
      '{"svn":3,"category":"","category":""}',
      '{"svn":3,"category":1}',
      '{"svn":3,}',
      '{"svn":03}',
      '{"svn":256}',
      '{"svn":-0}',
      '{"category":"BIOS"}',
      '{"svn":3},{"svn":3}',
    ]) {
      await expectRefusal("tcbInfo", texts.tcbInfo.replace(plain, component), "StrictJsonUnexpected");
    }
  });

  it("refuses other documents by name", async () => {
    await expectRefusal("tcbInfo", texts.tcbInfo.replace('"version":3', '"version":2'), "TcbInfoJsonWrongVersion");
    await expectRefusal("tcbInfo", texts.tcbInfo.replace('"id":"SGX",', ""), "TcbInfoJsonWrongId");
    await expectRefusal("tcbInfo", texts.tcbInfo.replace('"SGX"', '"TDX"'), "TcbInfoJsonWrongId");
    await expectRefusal("tcbInfo", texts.qeIdentity, "TcbInfoJsonWrongVersion");
    await expectRefusal(
      "qeIdentity",
      texts.qeIdentity.replace('"version":2', '"version":1'),
      "QeIdentityJsonWrongVersion",
    );
    await expectRefusal("qeIdentity", texts.qeIdentity.replace('"QE"', '"TD_QE"'), "QeIdentityJsonWrongId");
    await expectRefusal("qeIdentity", texts.tcbInfo, "QeIdentityJsonWrongVersion");
  });

  it("refuses levels that do not descend, and a platform's status in a QE identity, by name", async () => {
    const reversed = (text: string): string => {
      const document = JSON.parse(text) as { tcbLevels: unknown[] };
      return JSON.stringify({ ...document, tcbLevels: document.tcbLevels.toReversed() });
    };
    await expectRefusal("tcbInfo", reversed(texts.tcbInfo), "TcbInfoJsonOrder");
    await expectRefusal("qeIdentity", reversed(texts.qeIdentity), "QeIdentityJsonOrder");
    const status = texts.qeIdentity.replace('"OutOfDate"', '"ConfigurationNeeded"');
    await expectRefusal("qeIdentity", status, "QeIdentityJsonWrongStatus");
  });

  it("reads texts of up to 65,536 characters", async () => {
    const padded = (size: number): string =>
      texts.tcbInfo.replace('"type":"', `"type":"${"x".repeat(size - texts.tcbInfo.length)}`);
    expect(await compare("tcbInfo", padded(65_536))).to.have.property("fields");
    await expectRefusal("tcbInfo", padded(65_537), "StrictJsonTooLong");
  });

  for (const kind of ["tcbInfo", "qeIdentity"] as const) {
    for (const [label, mutation] of Object.entries(jsonMutations)) {
      it(`gives the same verdict on ${kind} with changed ${label}`, async () => {
        const counts = { read: 0, refused: 0 };
        await fc.assert(
          fc.asyncProperty(mutation, async (edit) => {
            const verdict = await compare(kind, edit(texts[kind]), false);
            counts["fields" in verdict ? "read" : "refused"]++;
          }),
          { seed: 20_250_815, numRuns: 60, endOnFailure: true },
        );
        console.log(`      ${counts.read} read, ${counts.refused} refused`);
        expect(counts.read, "read").to.be.greaterThan(0);
        expect(counts.refused, "refused").to.be.greaterThan(0);
      });
    }
  }

  it("costs no more than a share of the store's whole transaction", async () => {
    const gas = {
      tcbInfo: await harness.gasOfTcbInfo(toUtf8Bytes(texts.tcbInfo)),
      qeIdentity: await harness.gasOfQeIdentity(toUtf8Bytes(texts.qeIdentity)),
    };
    console.log(`      TCB info of ${texts.tcbInfo.length} characters: ${gas.tcbInfo} gas`);
    console.log(`      QE identity of ${texts.qeIdentity.length} characters: ${gas.qeIdentity} gas`);
    expect(Number(gas.tcbInfo)).to.be.lessThan(125_000);
    expect(Number(gas.qeIdentity)).to.be.lessThan(30_000);
  });

  for (const folder of vectorFolders("v3-")) {
    itWithVector(`reads Intel's own documents in ${folder}`, async () => {
      for (const [kind, file, key] of [
        ["tcbInfo", "tcbinfo.json", "tcbInfo"],
        ["qeIdentity", "qeidentity.json", "enclaveIdentity"],
      ] as const) {
        const { text } = parseSignedDocument(vectorText(folder, file), key);
        expect(await compare(kind, text), file).to.have.property("fields");
        const gas = kind === "tcbInfo" ? harness.gasOfTcbInfo : harness.gasOfQeIdentity;
        console.log(`      ${file} of ${text.length} characters: ${await gas(toUtf8Bytes(text))} gas`);
      }
    });
  }

  itWithVector("reads Intel's other documents, and refuses TCB info version 2 and TDX by name", async () => {
    const extra = (file: string, key: "tcbInfo" | "enclaveIdentity"): string =>
      parseSignedDocument(vectorText("tcbinfo-extra", file), key).text;
    expect(await compare("tcbInfo", extra("tcb_info_v3_sgx.json", "tcbInfo"))).to.have.property("fields");
    for (const file of ["auto_0625_identity.json", "identity_eval19.json"]) {
      expect(await compare("qeIdentity", extra(file, "enclaveIdentity")), file).to.have.property("fields");
    }
    await expectRefusal("tcbInfo", extra("auto_0625_tcbinfo.json", "tcbInfo"), "TcbInfoJsonWrongVersion");
    const tdx = JSON.parse(vectorText("v4-tdx-20a06f", "collateral.json")) as Record<string, string>;
    await expectRefusal("tcbInfo", tdx["tcb_info"]!, "TcbInfoJsonWrongId");
    await expectRefusal("qeIdentity", tdx["qe_identity"]!, "QeIdentityJsonWrongId");
  });
});
