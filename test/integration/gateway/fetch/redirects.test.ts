import { expect } from "chai";

import { PUBLIC, serveManifests, text, type ManifestSite } from "../../../fixtures/gateway/fetch/manifestSite.ts";

describe("Redirects of manifests", () => {
  let made: ManifestSite;

  beforeEach(async () => {
    made = await serveManifests();
  });

  afterEach(() => {
    made.site.close();
  });

  const redirect = (location: string, status = 302): void => {
    made.answer = (request, response) => {
      if (request.url === "/file") response.end(text);
      else response.writeHead(status, { location }).end();
    };
  };

  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows a redirect of status ${String(status)}, its host resolved and checked`, async () => {
      redirect("https://other.example/file", status);
      const hosts: string[] = [];
      const resolve = (host: string): Promise<string[]> => {
        hosts.push(host);
        return Promise.resolve([host === "other.example" ? "8.8.8.8" : PUBLIC]);
      };
      await made.fetch("https://manifest.example/", { resolve });
      expect(hosts).to.deep.equal(["manifest.example", "other.example"]);
      expect(made.site.dialled).to.deep.equal([[PUBLIC], ["8.8.8.8"]]);
    });
  }

  it("follows three redirects and no fourth", async () => {
    made.answer = (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(text);
      else response.writeHead(302, { location: `/${String(left - 1)}` }).end();
    };
    await made.fetch("https://manifest.example/3");
    expect((await made.refusal("https://manifest.example/4")).code).to.equal("manifest-redirect-refused");
    expect(made.asked).to.have.lengthOf(8);
  });

  const redirects: readonly (readonly [string, string])[] = [
    ["http://manifest.example/file", "manifest-redirect-refused"],
    ["file:///etc/passwd", "manifest-redirect-refused"],
    ["//127.0.0.1/file", "manifest-address-refused"],
    ["https://[::ffff:10.0.0.1]/file", "manifest-address-refused"],
    ["https://internal.example/file", "manifest-address-refused"],
    ["https://user:secret@other.example/file", "manifest-url-refused"],
    ["https://other.example:25/file", "manifest-url-refused"],
    ["https://", "manifest-redirect-refused"],
  ];
  for (const [location, code] of redirects) {
    it(`refuses a redirect to ${location}`, async () => {
      redirect(location);
      const resolve = (host: string): Promise<string[]> =>
        Promise.resolve([host === "internal.example" ? "192.168.0.1" : PUBLIC]);
      expect((await made.refusal("https://manifest.example/", { resolve })).code).to.equal(code);
      expect(made.site.dialled).to.deep.equal([[PUBLIC]]);
    });
  }

  it("refuses a name that changed its mind between two redirects", async () => {
    redirect("https://manifest.example/file");
    const answers = [[PUBLIC], ["127.0.0.1"]];
    const resolve = (): Promise<string[]> => Promise.resolve(answers.shift() ?? []);
    expect((await made.refusal("https://manifest.example/", { resolve })).code).to.equal("manifest-address-refused");
  });

  it("refuses a redirect without a place", async () => {
    made.answer = (_request, response) => response.writeHead(302).end();
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-redirect-refused");
  });
});
