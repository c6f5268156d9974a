import { syncBuiltinESMExports } from "node:module";
import os from "node:os";

import { expect } from "chai";

import type { Connect } from "../../../../src/gateway/fetch/hop.ts";
import { serveManifests, type ManifestSite } from "../../../fixtures/gateway/fetch/manifestSite.ts";

/** Must not be reached. */
const noConnection: Connect = () => {
  throw new Error("connected");
};

describe("URLs of manifests", () => {
  let made: ManifestSite;

  beforeEach(async () => {
    made = await serveManifests();
  });

  afterEach(() => {
    made.site.close();
  });

  const forms: Readonly<Record<string, string>> = {
    loopback: "https://127.0.0.1/",
    "a short form": "https://127.1/",
    "a decimal form": "https://2130706433/",
    "an octal form": "https://0177.0.0.1/",
    "a hexadecimal form": "https://0x7f000001/",
    "a hexadecimal form with dots": "https://0x7f.0x0.0x0.0x1/",
    "full-width digits": "https://１２７.０.０.１/",
    "circled digits": "https://①②⑦.⓪.⓪.①/",
    "an ideographic full stop": "https://127。0。0。1/",
    "a percent-encoded address": "https://%31%32%37.0.0.1/",
    "a trailing dot": "https://127.0.0.1./",
    "a zero": "https://0/",
    metadata: "https://169.254.169.254/latest/meta-data/",
    "metadata in decimal": "https://2852039166/",
    "a private address": "https://10.0.0.1/",
    "IPv6 loopback": "https://[::1]/",
    "an unspecified IPv6 address": "https://[::]/",
    "a mapped address": "https://[::ffff:127.0.0.1]/",
    "a mapped address in hexadecimal": "https://[::ffff:7f00:1]/",
    "a compatible address": "https://[::127.0.0.1]/",
    "a NAT64 address": "https://[64:ff9b::7f00:1]/",
    "a 6to4 address": "https://[2002:7f00:1::]/",
    "a Teredo address": "https://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "a link-local address": "https://[fe80::1]/",
    "a unique local address": "https://[fd00:ec2::254]/",
  };
  for (const [form, url] of Object.entries(forms)) {
    it(`refuses ${form}`, async () => {
      const problem = await made.refusal(url, { connect: noConnection });
      expect(problem.code).to.equal("manifest-address-refused");
      expect(problem.type.status).to.equal(422);
    });
  }

  it("refuses an address of the machine itself, public as it may be", async () => {
    const { networkInterfaces } = os;
    const own = { address: "8.8.8.8", netmask: "255.255.255.255", family: "IPv4", mac: "", internal: false } as const;
    os.networkInterfaces = () => ({ eth0: [{ ...own, cidr: "8.8.8.8/32" }] });
    syncBuiltinESMExports();
    try {
      const problem = await made.refusal("https://8.8.8.8/", { connect: noConnection });
      expect(problem.code).to.equal("manifest-address-refused");
    } finally {
      os.networkInterfaces = networkInterfaces;
      syncBuiltinESMExports();
    }
  });

  const urls: Readonly<Record<string, string>> = {
    "plain http": "http://manifest.example/",
    "a file": "file:///etc/passwd",
    data: "data:text/plain,kind",
    "another scheme": "gopher://manifest.example/",
    "a user": "https://user@manifest.example/",
    "a password": "https://:secret@manifest.example/",
    "a low port": "https://manifest.example:22/",
    "a low port of http's kin": "https://manifest.example:81/",
    "port 0": "https://manifest.example:0/",
    "no URL": "manifest.example/app.yaml",
    "a zone": "https://[fe80::1%25eth0]/",
    nothing: "",
    "a very long one": `https://manifest.example/${"a".repeat(2048)}`,
  };
  for (const [form, url] of Object.entries(urls)) {
    it(`refuses ${form} as a URL`, async () => {
      const problem = await made.refusal(url, { connect: noConnection });
      expect(problem.code).to.equal("manifest-url-refused");
      expect(problem.detail).to.not.include("secret");
    });
  }
});
