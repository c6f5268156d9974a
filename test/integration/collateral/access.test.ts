import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { gzipSync } from "node:zlib";

import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { expect } from "chai";

import { showUrl } from "../../../src/collateral/access.ts";
import { CollateralFetchError } from "../../../src/collateral/errors.ts";
import { familyOfQuote } from "../../../src/collateral/family.ts";
import { PcsClient } from "../../../src/collateral/pcs.ts";
import { InputError } from "../../../src/inputError.ts";
import { instead, startPcsServer, type Mischief, type PcsServer } from "../../fixtures/sgx/pcsServer.ts";
import { REPORT_DATA, simulator } from "../../fixtures/sgx/simulation.ts";

const platform = simulator.platform();
const collateral = platform.collateral();
const family = familyOfQuote(platform.quote({ reportData: REPORT_DATA }));

const SECRETS = ["s3cr3t", "us3r", "k3y", Buffer.from("us3r:s3cr3t").toString("base64")];

/** Everything that an error says, its causes' too. */
function everything(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    texts.push(String(each), each.stack ?? "", JSON.stringify(Object.entries(each)));
  }
  return texts.join("\n");
}

async function errorOf(work: Promise<unknown>): Promise<CollateralFetchError> {
  const error = await work.then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(CollateralFetchError);
  for (const secret of SECRETS) expect(everything(error)).not.to.include(secret);
  return error as CollateralFetchError;
}

describe("access to a PCS", () => {
  let server: PcsServer;
  const client = (url: string, more: object = {}): PcsClient =>
    new PcsClient({ url, backoff: 1, timeout: 5_000, ...more });
  const withUser = (): string => server.url.replace("//", "//us3r:s3cr3t@");

  /** Lets in who shows what it wants, and refuses all others. */
  const guarded =
    (opens: (headers: NodeJS.Dict<string | string[]>, url: URL) => boolean): Mischief =>
    (request, response) => {
      if (opens(request.headers, new URL(request.url ?? "", "http://localhost"))) return false;
      response.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
      return true;
    };

  beforeEach(async () => {
    server = await startPcsServer(collateral);
  });
  afterEach(async () => server.close());

  it("has the user and password of its URL, in whatever characters", async () => {
    const expected = `Basic ${Buffer.from("us3r:s3cr3t@/ü").toString("base64")}`;
    server.mischief = guarded(({ authorization }) => authorization === expected);
    const url = server.url.replace("//", `//us3r:${encodeURIComponent("s3cr3t@/ü")}@`);
    expect(await client(url).fetch(family)).to.deep.equal(collateral);
  });

  it("has a subscription key, in the header or in the URL", async () => {
    server.mischief = guarded((headers) => headers["ocp-apim-subscription-key"] === "k3y");
    expect(await client(server.url, { subscriptionKey: "k3y\n" }).fetch(family)).to.deep.equal(collateral);
    server.mischief = guarded((_, { searchParams }) => searchParams.get("subscription-key") === "k3y");
    expect(await client(`${server.url}/?subscription-key=k3y`).fetch(family)).to.deep.equal(collateral);
    expect(await client(`${server.url}?subscription-key=k3y`).fetch(family)).to.deep.equal(collateral);
  });

  it("says how to give what opens a server, and never what was given", async () => {
    server.mischief = guarded(() => false);
    const error = await errorOf(client(`${withUser()}?subscription-key=k3y`, { subscriptionKey: "k3y" }).fetch(family));
    expect(error).to.include({ code: "STATUS", status: 401 });
    expect(error.remedy).to.include("https://user:password@host").and.to.include("PCS_SUBSCRIPTION_KEY");
    expect(error.message).to.include("/tcb?fmspc=00606a000000&update=standard&...");
    expect(client(`${withUser()}?subscription-key=k3y`).origin).to.equal(`${server.url}/`);
  });

  it("keeps secrets out of every other failure", async () => {
    const failures: readonly Mischief[] = [
      instead("/tcb", (response) => response.writeHead(503).end()),
      instead("/tcb", (response) => response.end("<html>")),
      instead("/tcb", (response) => response.destroy()),
      instead("/tcb", (response) => void response.writeHead(302, { location: response.req.url ?? "" }).end()),
      instead("pckcrl", (response) => response.end("x".repeat(600_000))),
    ];
    for (const mischief of failures) {
      server.mischief = mischief;
      const access = { subscriptionKey: "k3y", attempts: 1 };
      await errorOf(client(`${withUser()}?subscription-key=k3y`, access).fetch(family));
    }
    for (const url of ["ftp://us3r:s3cr3t@host/", "https://us3r:s3cr3t@:x/?key=k3y", "http://us3r:s3/cr3t@host"]) {
      expect(() => new PcsClient({ url, rootCrlUrl: url })).to.throw(InputError, /^(?!.*(s3cr3t|us3r|s3\/cr3t|k3y))/);
    }
    expect(() => client(server.url, { subscriptionKey: "k3y k3y" })).to.throw(InputError, /^(?!.*k3y)/);
  });

  it("shows of a URL only what is public", () => {
    for (const [url, shown] of [
      ["https://us3r:s3cr3t@host/a/b?fmspc=00&key=k3y#k3y", "https://host/a/b?fmspc=00&..."],
      ["https://host/?k3y", "https://host/?..."],
      ["https://us3r:12/s3cr3t@host/", "https://us3r:12/...@host/"],
      ["https://us3r:s3/cr3t@host?k3y", "https://...@host?..."],
      ["a/file@home?x", "a/file@home?x"],
    ] as const) {
      expect(showUrl(url)).to.equal(shown);
    }
  });

  it("gives secrets to no other server", async () => {
    const other = await startPcsServer(collateral);
    const seen: unknown[] = [];
    other.mischief = (request) => {
      seen.push(request.headers.authorization, request.headers["ocp-apim-subscription-key"]);
      return false;
    };
    server.mischief = instead("/tcb", (response, request) =>
      response
        .writeHead(307, { location: `${other.url.replace("/sgx/certification/v4", "")}${request.url ?? ""}` })
        .end(),
    );
    const rootCrlUrl = `${other.url}/rootcacrl`;
    expect(await client(withUser(), { subscriptionKey: "k3y", rootCrlUrl }).fetch(family)).to.deep.equal(collateral);
    expect(seen).to.deep.equal([undefined, undefined, undefined, undefined]);
    await other.close();
  });

  it("goes where a server sends, but not in circles and not for ever", async () => {
    server.mischief = (request, response) => {
      const url = request.url ?? "";
      if (!url.startsWith("/old")) return false;
      response.writeHead(301, { location: url.slice(4) }).end();
      return true;
    };
    expect(await client(server.url.replace("/sgx", "/old/sgx")).fetch(family)).to.deep.equal(collateral);

    server.asked.length = 0;
    server.mischief = instead("/tcb", (response, { url = "" }) =>
      response.writeHead(302, { location: url.includes("&b") ? url.replace("&b", "") : `${url}&b` }).end(),
    );
    const circle = await errorOf(client(server.url).fetch(family));
    expect(circle).to.include({ code: "REDIRECT", status: 302 });
    expect(circle.message).to.include("redirects in a circle");
    expect(server.asked, "it is not asked again").to.have.lengthOf(2);

    server.asked.length = 0;
    server.mischief = instead("/tcb", (response, { url = "" }) =>
      response.writeHead(302, { location: `${url}a` }).end(),
    );
    expect((await errorOf(client(server.url).fetch(family))).message).to.include("redirects too often");
    expect(server.asked).to.have.lengthOf(6);

    for (const location of ["file:///etc/passwd", ""]) {
      server.mischief = instead("/tcb", (response) => response.writeHead(302, { location }).end());
      expect((await errorOf(client(server.url).fetch(family))).message).to.include("redirects, but to no server");
    }
  });

  it("asks again where an answer breaks off, whether or not the connection shows it", async () => {
    const { text, signature } = collateral.tcbInfo;
    const whole = `{"tcbInfo":${text},"signature":"${signature}"}`;
    const zipped = gzipSync(whole);
    const cuts: readonly Mischief[] = [
      instead(
        "/tcb",
        (response) =>
          response
            .writeHead(200, { "content-length": whole.length })
            .write(whole.slice(0, 900), () => response.destroy()),
        2,
      ),
      instead("/tcb", (response) => response.write(whole.slice(0, 900), () => response.destroy()), 2),
      instead("/tcb", (response) => response.end(whole.slice(0, 900)), 2),
      instead(
        "/tcb",
        (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(zipped.subarray(0, 400)),
        2,
      ),
      instead("pckcrl", (response) => response.end(collateral.pckCrl.subarray(0, 100)), 2),
      instead("rootcacrl", (response) => response.end(), 2),
    ];
    for (const cut of cuts) {
      server.asked.length = 0;
      server.mischief = cut;
      expect(await client(server.url).fetch(family)).to.deep.equal(collateral);
      expect(server.asked).to.have.lengthOf(6);
    }
    server.mischief = instead("/tcb", (response) => response.end(whole.slice(0, 900)));
    const error = await errorOf(client(server.url, { attempts: 2 }).fetch(family));
    expect(error).to.include({ code: "CUT" });
    expect(error.message).to.include("broke off after 900 bytes");
  });

  it("says what is wrong with a server's certificate, and what to do about it", async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const now = Date.now();
    const certify = async (name: string, notAfter: Date): Promise<string> => {
      const made = await X509CertificateGenerator.createSelfSigned(
        {
          name: `CN=${name}`,
          notBefore: new Date(now - 2 * 86_400_000),
          notAfter,
          keys,
          signingAlgorithm: algorithm,
          extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
        },
        webcrypto,
      );
      return made.toString("pem");
    };
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
    const trusted = getCACertificates("default");
    const faultFor = async (cert: string, isTrusted: boolean): Promise<CollateralFetchError> => {
      const tls = createServer({ key, cert }, (_, response) => response.end());
      let connections = 0;
      tls.on("connection", () => connections++);
      tls.listen(0, "127.0.0.1");
      await once(tls, "listening");
      setDefaultCACertificates(isTrusted ? [...trusted, cert] : trusted);
      try {
        const { port } = tls.address() as AddressInfo;
        const error = await errorOf(client(`https://localhost:${port}/`).fetch(family));
        expect(connections, "a certificate does not mend itself").to.equal(1);
        return error;
      } finally {
        setDefaultCACertificates(trusted);
        tls.closeAllConnections();
        tls.close();
      }
    };
    const later = new Date(now + 86_400_000);
    const otherName = await faultFor(await certify("pccs.example", later), true);
    expect(otherName).to.include({ code: "CERTIFICATE" });
    expect(otherName.message).to.include("made out to pccs.example, not to localhost");
    expect(otherName.remedy).to.include("host name").and.not.to.include("NODE_EXTRA_CA_CERTS");
    const lapsed = await faultFor(await certify("localhost", new Date(now - 86_400_000)), true);
    expect(lapsed.message).to.include("has expired");
    expect(lapsed.remedy).to.include("clock");
    const unknown = await faultFor(await certify("localhost", later), false);
    expect(unknown.remedy).to.include("NODE_EXTRA_CA_CERTS");
  });

  it("says when a server has no TLS, and when there is none", async () => {
    const plain = await errorOf(client(server.url.replace("http:", "https:")).fetch(family));
    expect(plain.message).to.include("does not speak TLS");
    const nowhere = await errorOf(client("http://nowhere.invalid", { attempts: 1 }).fetch(family));
    expect(nowhere.message).to.match(/There is no host "nowhere.invalid"|cannot be reached/);
  });
});
