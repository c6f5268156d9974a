import { expect } from "chai";
import fc from "fast-check";

import { parseTarget } from "../../../../src/gateway/proxy/requestTarget.ts";
import { isOfApplications, routeOf } from "../../../../src/gateway/proxy/route.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";

const options = {
  applicationsHost: "apps.example",
  domain: (host: string) => (host === "shop.example" ? { order: 9, service: "shop" } : undefined),
};

const route = (host: string, url: string): ReturnType<typeof routeOf> => routeOf(host, parseTarget(url), options);

describe("Targets of requests for applications", () => {
  it("are taken apart and left as they are", () => {
    for (const [path, query] of [
      ["/", ""],
      ["/a/b.c", "?x=1&y=%2F..%2f../?#".replace("#", "")],
      ["/a%2Fb", ""],
      ["//a//", "?"],
      ["/~x/@y:z;v=1,2", ""],
      ["/a..b/...", ""],
      ["/%E2%82%AC", ""],
      ['/"<>`{|}^', ""],
    ] as const) {
      expect(parseTarget(path + query)).to.deep.equal({ path, query });
    }
  });

  const refused: Readonly<Record<string, readonly string[]>> = {
    "with dots": ["/..", "/.", "/a/../b", "/a/./b", "/a/..", "/../"],
    "with encoded dots": ["/%2e%2e/a", "/%2E./a", "/.%2e", "/a/%2e", "/a%2f..%2fb", "/a%2F%2e%2e"],
    "with dots encoded twice and more": ["/%252e%252e/", "/%25252e%25252e", "/a%252f..", "/%25%32%65%25%32%65"],
    "encoded without end": [`/%${"25".repeat(12)}2e`],
    "with backslashes": ["/a\\..\\b", "/%5c..%5ca", "/a%5C%2e%2e", "/%255c..", "\\a"],
    "with parameters behind dots": ["/..;/a", "/..;x=1/a", "/%2e%2e%3b/a", "/.;/"],
    "with zero bytes": ["/a%00", "/%00", "/%2500"],
    "that are no path": ["*", "http://node.example/a", "node.example:443", "", "a", "?a", "//\\a"],
    "with characters that no URL has": [
      "/a b",
      "/a#b",
      "/é",
      "/a\tb",
      "/a\r\nb",
      "/a\x7f",
      "/%",
      "/%zz",
      "/a?b c",
      "/a?\x01",
    ],
  };
  for (const [form, urls] of Object.entries(refused)) {
    it(`are refused ${form}`, () => {
      for (const url of urls) expect(() => parseTarget(url), JSON.stringify(url)).to.throw(Problem);
    });
  }

  it("never lead upwards, however they are decoded", () => {
    const piece = fc.constantFrom(
      "/",
      ".",
      "..",
      "%2e",
      "%2f",
      "%5c",
      "%25",
      "2e",
      "a",
      ";",
      "\\",
      "%00",
      "?",
      "#",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let path: string;
        try {
          path = parseTarget(`/${pieces.join("")}`).path;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          return;
        }
        for (let i = 0; i < 6; i++) {
          expect(new URL(`http://h/p/q${path.replaceAll("\\", "/")}`).pathname).to.match(/^\/p\/q\//);
          path = path
            .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
            .replaceAll(/[?#]/g, "");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("Routes to applications", () => {
  it("go by the host of an order's service", () => {
    const found = { order: 7, service: "web", port: undefined, prefix: "", path: "/a" };
    for (const host of ["order-7-web.apps.example", "ORDER-7-WEB.Apps.Example:8443", "order-7-web.apps.example."]) {
      expect(route(host, "/a?b"), host).to.deep.equal(found);
    }
    expect(route("order-7-web-2.apps.example", "/a")).to.deep.include({ order: 7, service: "web-2" });
    expect(route("order-7-web.apps.example", "/v1/orders/8/app/web/")).to.deep.include({ order: 7, prefix: "" });
  });

  it("go nowhere from a host that no service can have", () => {
    for (const label of [
      "www",
      "order-0-web",
      "order-07-web",
      "order-7",
      "order-7-",
      "a.order-7-web",
      "order-1234567890123456-web",
      "order-7-web_",
    ]) {
      expect(route(`${label}.apps.example`, "/"), label).to.equal("nothing");
    }
  });

  it("go by a user's own domain", () => {
    expect(route("shop.example", "/v1/orders/8/app/web/x")).to.deep.equal({
      ...{ order: 9, service: "shop", port: undefined, prefix: "" },
      path: "/v1/orders/8/app/web/x",
    });
  });

  it("go by the path on every other host", () => {
    const prefix = "/v1/orders/7/app/web";
    expect(route("node.example", `${prefix}/a/b?c`)).to.deep.equal({
      order: 7,
      service: "web",
      port: undefined,
      prefix,
      path: "/a/b",
    });
    expect(route("node.example", prefix)).to.deep.include({ path: "" });
    expect(route("node.example", `${prefix}:admin/a`)).to.deep.include({
      port: "admin",
      prefix: `${prefix}:admin`,
      path: "/a",
    });
    for (const path of [
      "/v1/orders/7/logs",
      "/v1/orders/7/app",
      "/v1/orders/x/app/web/",
      "/V1/orders/7/app/web/",
      "/v1/orders/7/app/Web/",
      "/x/v1/orders/7/app/web/",
    ]) {
      expect(route("node.example", path), path).to.equal(undefined);
    }
  });

  it("are the applications' on their hosts alone, and below their path", () => {
    expect(isOfApplications("node.example", "/v1/orders/7/app/web", options)).to.equal(true);
    expect(isOfApplications("x.apps.example", "/", options)).to.equal(true);
    expect(isOfApplications("shop.example", "*", options)).to.equal(true);
    expect(isOfApplications("apps.example", "/", options)).to.equal(false);
    expect(isOfApplications("notapps.example", "/healthz", options)).to.equal(false);
  });
});
