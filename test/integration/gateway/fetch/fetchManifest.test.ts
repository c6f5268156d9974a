import { expect } from "chai";

import { fetchManifest } from "../../../../src/gateway/fetch/fetchManifest.ts";
import type { Connect } from "../../../../src/gateway/fetch/hop.ts";
import { PUBLIC, serveManifests, text, type ManifestSite } from "../../../fixtures/gateway/fetch/manifestSite.ts";
import { certificateFor, serve, sha256 } from "../../../fixtures/gateway/fetch/site.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

/** Must not be reached. */
const noConnection: Connect = () => {
  throw new Error("connected");
};

describe("Fetching a manifest", () => {
  let made: ManifestSite;

  beforeEach(async () => {
    made = await serveManifests();
  });

  afterEach(() => {
    made.site.close();
  });

  it("gives the bytes of an https URL, asked for plainly and for the host's name", async () => {
    expect(Buffer.from(await made.fetch("https://manifest.example/app.yaml?v=1")).toString()).to.equal(text);
    expect(made.asked[0]?.url).to.equal("/app.yaml?v=1");
    expect(made.asked[0]?.headers).to.include({ "accept-encoding": "identity", host: "manifest.example" });
    expect(made.asked[0]?.headers).to.not.have.any.keys("cookie", "authorization");
  });

  it("connects to the very addresses that were checked, and asks for them once", async () => {
    const answers = [[PUBLIC, "2606:2800:220:1::1"], ["127.0.0.1"]];
    let lookups = 0;
    await made.fetch("https://manifest.example/", { resolve: () => Promise.resolve(answers[lookups++] ?? []) });
    expect(lookups).to.equal(1);
    expect(made.site.dialled).to.deep.equal([[PUBLIC, "2606:2800:220:1::1"]]);
  });

  it("connects by itself to a checked address and never resolves the name again", async () => {
    const plain = await serve((_request, response) => response.end(text));
    const url = `http://no-such-host.invalid:${String(plain.port)}/`;
    const options = { sha256: sha256(text), allowLoopback: true, resolve: () => Promise.resolve(["127.0.0.1"]) };
    expect(await fetchManifest(url, options)).to.have.lengthOf(text.length);
    plain.close();
  });

  it("refuses a certificate for another host", async () => {
    const problem = await made.refusal("https://evil.example/");
    expect(problem.code).to.equal("manifest-unreachable");
    expect(problem.detail).to.include("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(made.asked).to.have.lengthOf(0);
  });

  it("refuses a certificate that nobody trusts", async () => {
    const { cert } = await certificateFor("manifest.example");
    expect((await made.refusal("https://manifest.example/", { ca: cert })).code).to.equal("manifest-unreachable");
    expect(made.asked).to.have.lengthOf(0);
  });

  it("takes high ports", async () => {
    await made.fetch("https://manifest.example:8443/");
    expect(made.asked[0]?.headers.host).to.equal("manifest.example:8443");
  });

  it("refuses a name with one address that is not public, and does not say which", async () => {
    const resolve = (): Promise<string[]> => Promise.resolve([PUBLIC, "10.11.12.13"]);
    const problem = await made.refusal("https://manifest.example/", { connect: noConnection, resolve });
    expect(problem.code).to.equal("manifest-address-refused");
    expect(problem.detail).to.not.include("10.11.12.13");
  });

  it("refuses localhost by the system's resolver, in every spelling", async () => {
    for (const host of ["localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ"]) {
      const options = { sha256: sha256(text), allowLoopback: false, connect: noConnection };
      const problem = await problemOf(() => fetchManifest(`https://${host}/`, options));
      expect(problem.code, host).to.equal("manifest-address-refused");
    }
  });

  it("says so where a name has no address", async () => {
    expect((await made.refusal("https://manifest.example/", { resolve: () => Promise.resolve([]) })).code).to.equal(
      "manifest-unreachable",
    );
    const resolve = (): Promise<string[]> => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
    expect((await made.refusal("https://manifest.example/", { resolve })).code).to.equal("manifest-unreachable");
  });

  describe("on a devnet", () => {
    it("takes plain http and loopback", async () => {
      const plain = await serve((_request, response) => response.end(text));
      for (const host of ["127.0.0.1", "localhost"]) {
        const url = `http://${host}:${String(plain.port)}/`;
        const bytes = await fetchManifest(url, { sha256: sha256(text), allowLoopback: true });
        expect(Buffer.from(bytes).toString()).to.equal(text);
      }
      plain.close();
    });

    it("still refuses every other address that is not public", async () => {
      for (const host of ["10.0.0.1", "169.254.169.254", "[fe80::1]", "0.0.0.0", "[::ffff:10.0.0.1]"]) {
        const problem = await made.refusal(`http://${host}/`, { allowLoopback: true, connect: noConnection });
        expect(problem.code, host).to.equal("manifest-address-refused");
      }
    });
  });
});
