import { expect } from "chai";

import { parseSiwe, SiweFault } from "../../../../src/gateway/access/siwe.ts";
import { greeting, siweMessage, type SiweFields } from "../../../fixtures/gateway/access/siweMessage.ts";
import { user } from "../../../fixtures/gateway/access/stage.ts";

/** The line at which a text is refused; nothing where it is taken. */
function faultyLine(text: string): number | undefined {
  try {
    parseSiwe(text);
    return undefined;
  } catch (error) {
    if (error instanceof SiweFault) return error.line;
    throw error;
  }
}

describe("Messages of EIP-4361", () => {
  it("are read whole", () => {
    const message = parseSiwe(
      siweMessage({
        header: greeting("https://node.example:8443"),
        expirationTime: "2027-01-15T08:15:00Z",
        notBefore: "2027-01-15T07:59:00.5+00:30",
        requestId: "a-request",
        resources: ["computing-power:order:7:deploy", "https://elsewhere.example/x?y=z#w"],
      }),
    );
    expect(message).to.deep.equal({
      scheme: "https",
      domain: "node.example:8443",
      address: user.address,
      statement: "Sign in to deploy.",
      uri: "https://node.example/v1/auth/login",
      chainId: 31_337,
      nonce: "0123456789abcdef",
      issuedAt: 1_800_000_000_000,
      expiresAt: Date.UTC(2027, 0, 15, 8, 15),
      notBefore: Date.UTC(2027, 0, 15, 7, 29, 0, 500),
      requestId: "a-request",
      resources: ["computing-power:order:7:deploy", "https://elsewhere.example/x?y=z#w"],
    });
  });

  it("need neither a statement nor resources", () => {
    const message = parseSiwe(siweMessage({ statement: undefined, resources: [] }));
    expect(message).to.include({ statement: undefined, scheme: undefined });
    expect(message.resources).to.deep.equal([]);
  });

  const refused: readonly (readonly [what: string, fields: SiweFields, line: number])[] = [
    ["another first line", { header: "node.example wants you to pay:" }, 1],
    ["a domain with a path", { header: greeting("node.example/evil") }, 1],
    ["a domain with a space", { header: greeting("good.example node.example") }, 1],
    ["an address without its checksum", { address: user.address.toLowerCase() }, 2],
    ["a short address", { address: "0x1234" }, 2],
    ["a statement with a line break", { statement: "one\ntwo" }, 5],
    ["a statement with other characters", { statement: "Sign in: pay 5 €" }, 4],
    ["a statement with a tab", { statement: "a\tb" }, 4],
    ["a URI without a scheme", { uri: "node.example" }, 6],
    ["another version", { version: "2" }, 7],
    ["a chain with a sign", { chainId: "+1" }, 8],
    ["a chain in hexadecimal", { chainId: "0x1" }, 8],
    ["a chain with a leading zero", { chainId: "01" }, 8],
    ["a short nonce", { nonce: "1234567" }, 9],
    ["a nonce with other characters", { nonce: "12345678-" }, 9],
    ["a time without its zone", { issuedAt: "2027-01-15T08:00:00" }, 10],
    ["a day that there is not", { issuedAt: "2027-02-29T08:00:00Z" }, 10],
    ["an hour that there is not", { issuedAt: "2027-02-28T24:00:00Z" }, 10],
    ["a time as people write it", { issuedAt: "15 Jan 2027" }, 10],
    ["a bad expiration", { expirationTime: "never" }, 11],
    ["a resource that is no URI", { resources: ["a resource"] }, 12],
    ["an empty resource", { resources: [""] }, 12],
  ];
  for (const [what, fields, line] of refused) {
    it(`are refused with ${what}`, () => {
      expect(faultyLine(siweMessage(fields))).to.equal(line);
    });
  }

  it("are refused with carriage returns, with more behind them, and with fields in another order", () => {
    const good = siweMessage();
    expect(faultyLine(good)).to.equal(undefined);
    expect(faultyLine(good.replaceAll("\n", "\r\n"))).to.equal(1);
    expect(faultyLine(`${siweMessage({ resources: [] })}\n`)).to.equal(11);
    expect(faultyLine(`${good}\n`)).to.equal(13);
    const lines = good.split("\n");
    [lines[6], lines[7]] = [lines[7]!, lines[6]!];
    expect(faultyLine(lines.join("\n"))).to.equal(7);
  });

  it("are refused when they are cut off anywhere", () => {
    const lines = siweMessage({ resources: [] }).split("\n");
    for (let kept = 0; kept < lines.length; kept += 1) {
      expect(faultyLine(lines.slice(0, kept).join("\n")), `${String(kept)} lines`).to.be.a("number");
    }
  });
});
