import { expect } from "chai";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { accountKey } from "../../../../src/gateway/certificates/account.ts";
import { ChallengeAnswers, ChallengeServer } from "../../../../src/gateway/certificates/challenges.ts";
import { TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { InputError } from "../../../../src/inputError.ts";

describe("The server of challenges", () => {
  let answers: ChallengeAnswers;
  let server: ChallengeServer;
  let port: number;

  beforeEach(async () => {
    answers = new ChallengeAnswers();
    server = new ChallengeServer({ answers, httpsPort: "8443", trusted: new TrustedProxies([]) });
    ({ port } = await server.listen("127.0.0.1", 0));
  });
  afterEach(async () => {
    await server.close();
  });

  /** What is answered to a request as it stands. */
  async function ask(request: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(request);
    return text(socket);
  }
  const get = async (path: string, host = "shop.example"): Promise<string> =>
    ask(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);

  it("answers a challenge as long as it is asked", async () => {
    const withdraw = answers.give("token", "token.thumbprint");
    expect(await get("/.well-known/acme-challenge/token")).to.match(
      /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\ntoken\.thumbprint$/,
    );
    expect(await get("/.well-known/acme-challenge/tokens")).to.match(/^HTTP\/1\.1 404/);
    withdraw();
    expect(await get("/.well-known/acme-challenge/token")).to.match(/^HTTP\/1\.1 404/);
  });

  it("sends everybody else to the same address by https", async () => {
    expect(await get("/a/b?c=d", "Shop.example:80")).to.match(
      /^HTTP\/1\.1 308 [^]*location: https:\/\/Shop\.example:8443\/a\/b\?c=d\r\n/,
    );
  });

  it("sends nobody to an address that it was not asked for", async () => {
    for (const host of ["shop.example/evil", "user@evil.example", "a b", "[::1]", ""]) {
      expect(await get("/a", host), host).to.match(/^HTTP\/1\.1 40[04]/);
    }
    expect(await get("http://evil.example/a")).to.match(/^HTTP\/1\.1 404/);
    expect(await ask("POST /a HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 0\r\n\r\n")).to.match(
      /^HTTP\/1\.1 404/,
    );
  });

  it("waits for nobody much longer than it says", async () => {
    const options = { answers, httpsPort: "", trusted: new TrustedProxies([]), patience: 300 };
    const hasty = new ChallengeServer(options);
    const address = await hasty.listen("127.0.0.1", 0);
    try {
      const socket = connect(address.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write("GET / HTT");
      // Without looks of its own the server would look every 30 seconds.
      const [answered] = await Promise.all([text(socket), once(socket, "close")]);
      expect(answered).to.match(/^HTTP\/1\.1 408/);
    } finally {
      await hasty.close();
    }
  });

  it("says where it cannot listen", async () => {
    const other = new ChallengeServer({ answers, httpsPort: "", trusted: new TrustedProxies([]) });
    const error: unknown = await other.listen("127.0.0.1", port).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).problem).to.include(String(port));
  });
});

describe("The key of the account with a CA", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "account-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is made once, for nobody else to read", () => {
    const file = join(folder, "data", "account.pem");
    const key = accountKey(file);
    expect(key).to.match(/^-----BEGIN PRIVATE KEY-----\n/);
    expect([accountKey(file), readFileSync(file, "utf8")]).to.deep.equal([key, key]);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it("is refused where others can read it, and where it is none", () => {
    const file = join(folder, "account.pem");
    accountKey(file);
    chmodSync(file, 0o644);
    expect(() => accountKey(file)).to.throw(InputError, /chmod 600/);
    writeFileSync(file, "not a key");
    chmodSync(file, 0o600);
    expect(() => accountKey(file)).to.throw(InputError, /remove it/);
  });
});
