import { expect } from "chai";

import { probePath, Stage } from "../../../fixtures/gateway/access/stage.ts";

describe("The operator's routes", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  const path = probePath({ kind: "operator" });
  const here = { peer: "127.0.0.1", headers: { host: "127.0.0.1:8900" } };

  it("lets in who asks from the machine itself", async () => {
    expect(await stage.outcome(path, here)).to.equal("200");
    expect(await stage.outcome(path, { peer: "::1", headers: { host: "[::1]:8900" } })).to.equal("200");
    expect(await stage.outcome(path, { peer: "::ffff:127.0.0.1", headers: { host: "localhost" } })).to.equal("200");
  });

  it("refuses everybody else, and who comes through a proxy, a page or a name that leads here", async () => {
    const foreign = [
      { peer: "203.0.113.9", headers: { host: "127.0.0.1" } },
      { peer: "127.0.0.1", headers: { host: "node.example" } },
      ...["x-forwarded-for", "forwarded", "via", "x-real-ip"].map((name) => ({
        ...here,
        headers: { ...here.headers, [name]: "127.0.0.1" },
      })),
      { ...here, headers: { ...here.headers, origin: "https://evil.example" } },
      { ...here, headers: { ...here.headers, "sec-fetch-site": "cross-site" } },
      { peer: "203.0.113.9", token: await stage.walletToken() },
    ];
    for (const ask of foreign) expect(await stage.outcome(path, ask)).to.equal("403 operators-only");
  });

  it("takes the operator's token from anywhere, and nothing else once there is one", async () => {
    const other = new Stage({ operatorToken: "open sesame" });
    const bearer = { headers: { authorization: "Bearer open" } };
    expect(await other.outcome(path, here)).to.equal("403 operators-only");
    expect(await other.outcome(path, bearer)).to.equal("403 operators-only");
    other.close();
    const third = new Stage({ operatorToken: "sesame" });
    expect(await third.outcome(path, { headers: { authorization: "Bearer sesame" } })).to.equal("200");
    third.close();
  });
});
