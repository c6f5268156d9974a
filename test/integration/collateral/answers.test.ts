import { expect } from "chai";

import { CollateralFetchError } from "../../../src/collateral/errors.ts";
import { PcsClient, type CollateralTrack } from "../../../src/collateral/pcs.ts";
import { familyOfCollateral } from "../../../src/collateral/source.ts";
import { InputError } from "../../../src/inputError.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { readCollateralFolder } from "../../../src/sgx/collateralSources.ts";
import { writePem } from "../../../src/sgx/pem.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { instead, startPcsServer, type Mischief } from "../../fixtures/sgx/pcsServer.ts";
import { simulator, TIME } from "../../fixtures/sgx/simulation.ts";
import { itWithVector, vectorBytes, vectorFolders, vectorPath } from "../../fixtures/sgx/vectors.ts";
import { early, family, PcsStage, platform, standard } from "../../fixtures/collateral/pcsStage.ts";

describe("what a PCS answers", () => {
  const pcs = new PcsStage();

  /** What a server says that has other sets, or alters what it is asked. */
  async function faultOf(
    sets: readonly Collateral[],
    track: CollateralTrack = "standard",
    act?: Mischief,
  ): Promise<string> {
    const other = await startPcsServer(...sets);
    other.mischief = act ?? (() => false);
    try {
      await new PcsClient({ url: other.url, attempts: 1 }).fetch(family, track);
    } catch (error) {
      expect(error).to.be.instanceOf(CollateralFetchError).and.to.include({ code: "ANSWER" });
      return (error as Error).message;
    } finally {
      await other.close();
    }
    expect.fail("nothing was thrown");
  }

  it("refuses what is of another number than was asked for, as a server that does not heed numbers answers", async () => {
    const heedless: Mischief = (request) => {
      request.url = (request.url ?? "").replace(/tcbEvaluationDataNumber=\d+/, "update=standard");
      return false;
    };
    expect(await faultOf([standard, early], 18, heedless))
      .to.include("asked for TCB info with tcbEvaluationDataNumber 18 and gave that with 17")
      .and.to.include("Intel's reference PCCS");
    expect(await faultOf([{ ...standard, qeIdentity: early.qeIdentity }], "standard", heedless)).to.include(
      "asked for the QE identity with tcbEvaluationDataNumber 17, that of its TCB info, and gave that with 18",
    );
  });

  it("refuses what is of another family or CA than was asked for", async () => {
    const other = simulator.platform({ ca: "processor" }).collateral();
    expect(await faultOf([other])).to.include("asked for TCB info of FMSPC 00906ed50000 and gave that of 00606a000000");
    const edits = { tcbInfo: (text: string) => text.replace('"pceId":"0000"', '"pceId":"0001"') };
    expect(await faultOf([platform.collateral({ edits })])).to.include(
      "asked for TCB info of PCE id 0000 and gave that of 0001",
    );
    const ofPlatform = simulator.platform({ fmspc: "0x00906ed50000" }).collateral();
    expect(await faultOf([{ ...standard, pckCrl: ofPlatform.pckCrl }])).to.match(/PCK CRL is a list of ".*Platform CA/);
    expect(await faultOf([{ ...standard, pckCa: ofPlatform.pckCa }])).to.match(
      /PCK processor CA and gave .*Platform CA/,
    );
    expect(await faultOf([{ ...standard, rootCrl: standard.pckCrl }])).to.match(
      /Root CRL is a list of ".*Processor CA/,
    );
  });

  it("refuses documents of another kind, and says what they are instead", async () => {
    const ofTdx = platform.collateral({ edits: { qeIdentity: (text) => text.replace('"QE"', '"TD_QE"') } });
    expect(await faultOf([ofTdx])).to.include('the QE identity has id "TD_QE" instead of "QE"');
    const older = platform.collateral({ edits: { qeIdentity: (text) => text.replace('"version":2', '"version":1') } });
    expect(await faultOf([older])).to.include("version 1 instead of 2");
    const pages = [
      ["/tcb", "the TCB info", "<html></html>", "an HTML page"],
      ["qe/identity", "the QE identity", '{"error":1}', 'JSON with the fields "error"'],
      ["pckcrl", "the PCK CRL", writePem([standard.pckCa]), "a certificate in DER"],
      ["rootcacrl", "the Root CRL", "no such list!", 'text that begins "no such list!"'],
      ["rootcacrl", "the Root CRL", Buffer.from(simulator.rootCertificate).toString("hex"), "a certificate in DER"],
    ] as const;
    for (const [path, asked, body, given] of pages) {
      const said = await faultOf(
        [standard],
        "standard",
        instead(path, (response) => response.end(body)),
      );
      expect(said).to.include(`The server was asked for ${asked} and gave ${given}: `);
    }
  });

  it("reads issuer chains under every name and in every encoding, of either document", async () => {
    const plain = writePem([standard.tcbSigning, simulator.rootCertificate]);
    const encoded = encodeURIComponent(plain);
    const chains = [
      encoded,
      encoded.replaceAll("%0A", "%0a"),
      encoded.replaceAll("%20", "+"),
      encodeURIComponent(encoded),
      plain.replaceAll("\n", " "),
      plain.replaceAll("\n", "\\n"),
    ];
    const tcb = (name: string, chain: string): Mischief =>
      instead("/tcb", (response) => {
        const { text, signature } = standard.tcbInfo;
        if (name !== "") response.setHeader(name, chain);
        response.end(`{"tcbInfo":${text},"signature":"${signature}"}`);
      });
    const identity = (name: string, chain: string): Mischief =>
      instead("qe/identity", (response) => {
        const { text, signature } = standard.qeIdentity;
        if (name !== "") response.setHeader(name, chain);
        response.end(`{"enclaveIdentity":${text},"signature":"${signature}"}`);
      });
    const both =
      (a: Mischief, b: Mischief): Mischief =>
      (request, response) =>
        a(request, response) || b(request, response);
    const cases: Mischief[] = [
      ...chains.map((chain) => tcb("TCB-Info-Issuer-Chain", chain)),
      ...["SGX-TCB-Info-Issuer-Chain", "tcb-info-issuer-chain"].map((name) => tcb(name, encoded)),
      ...["SGX-Enclave-Identity-Issuer-Chain", "sgx-qe-identity-issuer-chain"].map((name) =>
        both(tcb("", ""), identity(name, encoded)),
      ),
      both(tcb("SGX-TCB-Info-Issuer-Chain", encoded), identity("", "")),
    ];
    for (const act of cases) {
      pcs.server.mischief = act;
      expect(await pcs.fetched()).to.deep.equal(standard);
    }
    pcs.server.mischief = both(tcb("", ""), identity("", ""));
    expect((await pcs.fault()).message).to.include("no header TCB-Info-Issuer-Chain or SGX-TCB-Info-Issuer-Chain");
  });

  it("takes the certificate whose key signed both documents, and refuses documents of two keys", async () => {
    const other = createSimulator({ seed: "another TCB Signing", time: TIME }).platform({
      ca: "processor",
      fmspc: "0x00906ed50000",
    });
    const strange = other.collateral({ evaluationDataNumber: 17 });
    const withChain = (...signers: readonly Uint8Array[]): Mischief =>
      instead("/tcb", (response) => {
        const { text, signature } = standard.tcbInfo;
        response.setHeader("TCB-Info-Issuer-Chain", encodeURIComponent(writePem(signers)));
        response.end(`{"tcbInfo":${text},"signature":"${signature}"}`);
      });
    pcs.server.mischief = withChain(strange.tcbSigning, standard.tcbSigning);
    expect(await pcs.fetched()).to.deep.equal(standard);
    const mixed = { ...standard, qeIdentity: strange.qeIdentity };
    const act = withChain(standard.tcbSigning, strange.tcbSigning);
    expect(await faultOf([mixed], "standard", act)).to.include("two TCB Signing keys");
  });

  it("takes the Root CRL from where it is told to, and needs a URL for that", async () => {
    const other = await startPcsServer(standard);
    pcs.server.mischief = instead("rootcacrl", (response) => response.writeHead(404).end());
    expect(await pcs.fault()).to.include({ code: "STATUS", status: 404 });
    const rootCrlUrl = `${other.url}/rootcacrl`;
    expect(await pcs.fetched("standard", { rootCrlUrl })).to.deep.equal(standard);
    await other.close();
    expect(() => new PcsClient({ rootCrlUrl: "root.crl" })).to.throw(InputError, '"root.crl" is not the URL');
  });

  itWithVector("takes the Root CRL from Intel where a server has none and the root is Intel's", async () => {
    const folder = vectorFolders("v3-sgx")[0] ?? "";
    const real = readCollateralFolder(vectorPath(folder));
    const root = vectorBytes(folder, "root_ca.der");
    const asked: string[] = [];
    const { fetch } = globalThis;
    const pccs = await startPcsServer(real);
    pccs.mischief = (request, response) => {
      const url = request.url ?? "";
      if (url.includes("rootcacrl")) response.writeHead(404).end();
      if (url.includes("intel.der")) response.end(real.rootCrl);
      if (url.includes("pckcrl"))
        response
          .setHeader("SGX-PCK-CRL-Issuer-Chain", encodeURIComponent(writePem([real.pckCa, root])))
          .end(real.pckCrl);
      return response.headersSent;
    };
    // Tests ask nobody outside: Intel's URL leads to the same server.
    globalThis.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      asked.push(url);
      return fetch(url.startsWith("https://certificates.") ? `${pccs.url}/intel.der` : url, init);
    };
    try {
      const found = await new PcsClient({ url: pccs.url }).fetch(familyOfCollateral(real));
      expect(found).to.deep.equal(real);
      expect(asked.at(-1)).to.equal("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
    } finally {
      globalThis.fetch = fetch;
      await pccs.close();
    }
  });
});
