import { expect } from "chai";

import { documentsOf, halvesOf } from "../../../src/collateral/documents.ts";
import { toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { parseSignedDocument, type SignedDocument } from "../../../src/sgx/signedJson.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/intelRoot.ts";
import { verifyCollateral } from "../../../src/sgx/verifyCollateral.ts";
import {
  commitmentTo,
  createStore,
  packQeIdentity,
  packTcbLevels,
  PckCa,
  revocationRoot,
} from "../../fixtures/sgx/collateralStore.ts";
import {
  itWithVector,
  reportVectors,
  vectorBytes,
  vectorFolders,
  vectorPath,
  vectorText,
} from "../../fixtures/sgx/vectors.ts";

const V3 = "v3-sgx-00606a-platform";
const DAY = 86_400n;

/** The second at which all documents of a set begin to hold together. */
function beginOf(collateral: Collateral): bigint {
  const begins = [
    parseCertificate(collateral.pckCa).notBefore,
    parseCertificate(collateral.tcbSigning).notBefore,
    parseCrl(collateral.rootCrl).thisUpdate,
    parseCrl(collateral.pckCrl).thisUpdate,
    parseTcbInfo(collateral.tcbInfo.text).issueDate,
    parseQeIdentity(collateral.qeIdentity.text).issueDate,
  ];
  return begins.reduce((a, b) => (a > b ? a : b));
}

describe("CollateralStore: Intel's own documents", () => {
  const extra = (name: string, key: "tcbInfo" | "enclaveIdentity"): SignedDocument =>
    parseSignedDocument(vectorText("tcbinfo-extra", name), key);

  after(reportVectors);

  it("has Intel's root compiled in", async () => {
    const { store } = await createStore(1_755_236_486n);
    expect(await store.rootKey()).to.deep.equal([INTEL_ROOT_KEY.slice(0, 66), `0x${INTEL_ROOT_KEY.slice(66)}`]);
  });

  for (const folder of vectorFolders("v3-")) {
    itWithVector(`takes ${folder} whole, in its window, and validates it at any time`, async () => {
      const collateral = readCollateralFolder(vectorPath(folder));
      const begin = beginOf(collateral);
      const { store, fill, networkHelpers } = await createStore(begin);
      await fill(collateral);
      const { ca, pckCa, pckCrl, tcbInfo, qeIdentity, validUntil } = verifyCollateral(
        collateral,
        INTEL_ROOT_KEY,
        begin,
      );
      const { fmspc, pceId, evaluationDataNumber } = tcbInfo;
      expect(await store.collateralOf(PckCa[ca], 1, fmspc, pceId, evaluationDataNumber)).to.deep.equal([
        revocationRoot(pckCrl.revoked),
        commitmentTo(packTcbLevels(tcbInfo)),
        commitmentTo(packQeIdentity(qeIdentity)),
        validUntil,
      ]);
      const key = toHex(pckCa.publicKey);
      expect(await store.caKeyOf(PckCa[ca], 1)).to.deep.equal([key.slice(0, 66), `0x${key.slice(66)}`]);

      await networkHelpers.time.increaseTo(validUntil + DAY);
      const contents = await store.validate(documentsOf(collateral));
      expect(contents.validUntil).to.equal(validUntil);
      expect(contents.tcbInfo.levels).to.equal(packTcbLevels(tcbInfo));
      expect(contents.qeIdentity.contents).to.equal(packQeIdentity(qeIdentity));
      expect(contents.revoked.map(String)).to.deep.equal(
        [...pckCrl.revoked].map((serial) => BigInt(`0x${serial}`).toString()),
      );
    });
  }

  itWithVector("takes the Platform CA's list of 129 entries within its gas figure", async () => {
    const collateral = readCollateralFolder(vectorPath(V3));
    const { store, fill, networkHelpers } = await createStore(beginOf(collateral));
    await fill(collateral);
    const der = vectorBytes("crl", "platform-129-20260716.der");
    const { thisUpdate, nextUpdate, revoked } = parseCrl(der);
    await networkHelpers.time.setNextBlockTimestamp(thisUpdate);
    const response = await store.submitCrl(der);
    const receipt = await response.wait();
    expect(receipt!.gasUsed <= 380_000n, receipt!.gasUsed.toString()).to.equal(true);
    const [event] = await store.queryFilter(store.filters.CrlStored(), receipt!.blockNumber);
    expect(event!.args.slice(1)).to.deep.equal([1n, thisUpdate, nextUpdate, revocationRoot(revoked), 129n]);
  });

  itWithVector("refuses TCB info version 2 by name", async () => {
    const collateral = readCollateralFolder(vectorPath(V3));
    const { store, fill } = await createStore(1_749_200_000n);
    await fill(collateral, ["rootCrl", "tcbSigning"]);
    const old = extra("auto_0625_tcbinfo.json", "tcbInfo");
    await expect(store.submitTcbInfo(utf8(old.text), ...halvesOf(old)))
      .to.be.revertedWithCustomError(store, "TcbInfoJsonWrongVersion")
      .withArgs(2n);
  });

  itWithVector("refuses an older QE identity, whether it still holds or not, and keeps another number's", async () => {
    const collateral = readCollateralFolder(vectorPath(V3));
    const { store, fill, networkHelpers } = await createStore(1_749_200_000n);
    const [older, other] = [
      extra("auto_0625_identity.json", "enclaveIdentity"),
      extra("identity_eval19.json", "enclaveIdentity"),
    ];
    const { issueDate, nextUpdate } = parseQeIdentity(older.text);
    const submit = async (document: SignedDocument) =>
      store.submitQeIdentity(utf8(document.text), ...halvesOf(document));
    await fill(collateral, ["rootCrl", "tcbSigning"]);
    await submit(older);
    await submit(other);
    await expect(submit(older))
      .to.be.revertedWithCustomError(store, "CollateralStoreNotNewer")
      .withArgs(issueDate, issueDate);
    await networkHelpers.time.increaseTo(beginOf(collateral));
    await fill(collateral, ["qeIdentity"]);
    await expect(submit(older))
      .to.be.revertedWithCustomError(store, "CollateralStoreNotValidNow")
      .withArgs(issueDate, nextUpdate);
    const health = await store.healthOf(0, 1, "0x00606a000000", "0x0000", 17);
    expect(health.qeIdentity).to.equal(parseQeIdentity(collateral.qeIdentity.text).nextUpdate);
    expect((await store.healthOf(0, 1, "0x00606a000000", "0x0000", 19)).qeIdentity).to.equal(
      parseQeIdentity(other.text).nextUpdate,
    );
  });

  itWithVector("takes another family's TCB info, and no TDX document", async () => {
    const collateral = readCollateralFolder(vectorPath(V3));
    const other = extra("tcb_info_v3_sgx.json", "tcbInfo");
    const info = parseTcbInfo(other.text);
    const { store, fill, networkHelpers } = await createStore(info.issueDate + 2n * DAY);
    await fill(collateral, ["rootCrl", "tcbSigning"]);
    await store.submitTcbInfo(utf8(other.text), ...halvesOf(other));
    expect((await store.healthOf(0, 1, info.fmspc, info.pceId, 17)).tcbInfo).to.equal(info.nextUpdate);

    const tdx = JSON.parse(vectorText("v4-tdx-20a06f", "collateral.json")) as Record<string, string>;
    await networkHelpers.time.increaseTo(1_756_798_919n);
    const [text, signature] = [tdx.tcb_info!, tdx.tcb_info_signature!];
    await expect(store.submitTcbInfo(utf8(text), ...halvesOf({ text, signature })))
      .to.be.revertedWithCustomError(store, "TcbInfoJsonWrongId")
      .withArgs("TDX");
  });
});
