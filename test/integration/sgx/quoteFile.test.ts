import { expect } from "chai";

import { InputError } from "../../../src/inputError.ts";
import { writePem } from "../../../src/sgx/pem.ts";
import { quoteIn } from "../../../src/sgx/files/quoteFile.ts";
import {
  furtherPath,
  itWithFurther,
  itWithVector,
  reportVectors,
  vectorBytes,
  vectorFolders,
} from "../../fixtures/sgx/vectors.ts";
import { faultOf, REPORT_DATA, simulator } from "../../fixtures/sgx/simulation.ts";
import { readFileSync } from "node:fs";

const platform = simulator.platform();
const quote = platform.quote({ reportData: REPORT_DATA });
const hex = Buffer.from(quote).toString("hex");
const base64 = Buffer.from(quote).toString("base64");
const list = [...quote];

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf8"));
const inLines = (text: string, width: number): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join("\n");
const two = (byte: number): string => byte.toString(16).padStart(2, "0");
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** Rows of 16 bytes with the place at which each begins. */
const rows = list.flatMap((_, i) => (i % 16 === 0 ? [[i, list.slice(i, i + 16)] as const] : []));
const characters = (bytes: readonly number[]): string =>
  bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
/** Two bytes a group, as `xxd` writes them, or as the little-endian words of `hexdump` and `od -x`. */
const pairs = (bytes: readonly number[], isWords = false): string[] =>
  bytes.flatMap((byte, i) => {
    if (i % 2 === 1) return [];
    const pair = [byte, ...bytes.slice(i + 1, i + 2)].map(two);
    return [(isWords ? pair.reverse() : pair).join("")];
  });

/** As tools write dumps. */
const dumps: Readonly<Record<string, string>> = {
  xxd: rows
    .map(([at, row]) => `${at.toString(16).padStart(8, "0")}: ${pairs(row).join(" ").padEnd(39)}  ${characters(row)}`)
    .join("\n"),
  "xxd -g 1": rows
    .map(([at, row]) => `${at.toString(16).padStart(8, "0")}: ${row.map(two).join(" ").padEnd(47)}  ${characters(row)}`)
    .join("\n"),
  "xxd -p": inLines(hex, 60),
  "xxd -i": `unsigned char quote_bin[] = {\n${list.map((byte) => `0x${two(byte)}`).join(", ")}\n};\nunsigned int quote_bin_len = 4734;\n`,
  "hexdump -C": [
    ...rows.map(([at, row]) => {
      const halves = [row.slice(0, 8), row.slice(8)].map((half) => half.map(two).join(" ").padEnd(23));
      return `${at.toString(16).padStart(8, "0")}  ${halves.join("  ")}  |${characters(row)}|`;
    }),
    list.length.toString(16).padStart(8, "0"),
  ].join("\n"),
  hexdump: rows.map(([at, row]) => `${at.toString(16).padStart(7, "0")} ${pairs(row, true).join(" ")}`).join("\n"),
  "od -tx1": rows.map(([at, row]) => `${at.toString(8).padStart(7, "0")} ${row.map(two).join(" ")}`).join("\r\n"),
};

/** As people and programs write a quote. */
const texts: Readonly<Record<string, string>> = {
  ...dumps,
  digits: hex,
  "digits after 0x": `0x${hex.toUpperCase()}\n`,
  "spaced digits": list.map(two).join(" "),
  "spaced groups in lines": inLines(pairs(list).join(" "), 40),
  "digits between colons": list.map(two).join(":"),
  "escaped digits": `"${list.map((byte) => `\\x${two(byte)}`).join("")}"`,
  base64,
  "base64 in lines": inLines(base64, 76),
  "base64url without padding": Buffer.from(quote).toString("base64url"),
  "a data URL": `data:application/octet-stream;base64,${base64}`,
  "a PEM block": `-----BEGIN SGX QUOTE-----\n${inLines(base64, 64)}\n-----END SGX QUOTE-----\n`,
  YAML: `kind: attestation\nquote: "${base64}"\nmrenclave: ${hex.slice(224, 288)}\n`,
  "a log": `2026-01-01T00:00:00Z INFO quote=0x${hex} size=4734`,
  "base64 of digits": Buffer.from(hex).toString("base64"),
  JSON: JSON.stringify({ quote: `0x${hex}` }),
  "JSON of Azure's samples": JSON.stringify({ Type: 2, QuoteHex: hex.toUpperCase(), EnclaveHeldDataHex: "" }),
  "JSON with evidence in depth": JSON.stringify({ a: [{ evidence: Buffer.from(quote).toString("base64url") }] }),
  "JSON with a list": JSON.stringify(list),
  "JSON with a Buffer": JSON.stringify({ quote: Buffer.from(quote) }),
  "JSON with a Uint8Array": JSON.stringify({ quote }),
  "JSON in JSON": JSON.stringify({ attestation: JSON.stringify({ sgx_quote: base64 }) }),
  "JSON that has it twice, once padded": JSON.stringify({ quote: `${hex}0000`, raw: base64 }),
  "a string in JSON": JSON.stringify(hex),
};

const littleEndian = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** Behind a header of Open Enclave: of a report, or of evidence with a format's UUID. */
const openEnclave: Readonly<Record<string, Uint8Array>> = {
  report: joined(littleEndian(1, 4), littleEndian(2, 4), littleEndian(quote.length, 8), quote),
  evidence: joined(
    littleEndian(3, 4),
    [...Buffer.from("a3a21e871b4d4014b70aa125d2fbcd8c", "hex")],
    littleEndian(0, 4),
    littleEndian(quote.length + 9, 8),
    quote,
    [9, 9, 9, 9, 9, 9, 9, 9, 9],
  ),
};

function refusalOf(content: Uint8Array | string): string {
  try {
    quoteIn(typeof content === "string" ? bytesOf(content) : content, '"a.file"');
  } catch (error) {
    expect(error).to.be.instanceOf(InputError);
    const { message } = error as InputError;
    expect(message).to.match(/^"a\.file" is no SGX quote that can be judged: it is /);
    expect(message).not.to.include("13104");
    return message;
  }
  return expect.fail("it was read");
}

describe("files of quotes", () => {
  after(reportVectors);

  it("are read as bytes, whatever follows the quote", () => {
    for (const more of [[], [0], new Array(3000).fill(0) as number[], [10], [1, 2, 3]]) {
      expect(quoteIn(joined(quote, more))).to.deep.equal(quote);
    }
  });

  for (const [name, text] of Object.entries(texts)) {
    it(`are read as ${name}`, () => {
      expect(quoteIn(bytesOf(text))).to.deep.equal(quote);
    });
  }

  it("are read with a byte order mark, in UTF-16 and with zeros behind", () => {
    for (const text of [hex, base64, dumps["xxd"]!, texts["JSON"]!]) {
      const wide = Buffer.from(text, "utf16le");
      const turned = Buffer.from(wide).swap16();
      const spelled = [
        joined([0xef, 0xbb, 0xbf], bytesOf(text)),
        joined([0xff, 0xfe], wide),
        joined([0xfe, 0xff], turned),
        new Uint8Array(wide),
        joined(bytesOf(text), [0, 0, 0]),
      ];
      for (const bytes of spelled) expect(quoteIn(bytes)).to.deep.equal(quote);
    }
  });

  it("are read behind Open Enclave's headers, as bytes and as digits", () => {
    for (const bytes of Object.values(openEnclave)) {
      expect(quoteIn(bytes)).to.deep.equal(quote);
      expect(quoteIn(bytesOf(Buffer.from(bytes).toString("hex")))).to.deep.equal(quote);
    }
  });

  it("are read from a dump in which like rows are left out", () => {
    const padded = joined(quote, new Array(1600 - (quote.length % 16)).fill(0) as number[]);
    const whole = [...padded];
    const lines = whole.flatMap((_, at) => (at % 16 === 0 ? [[at, whole.slice(at, at + 16)] as const] : []));
    const text = lines.flatMap(([at, row], i) => {
      const isSame = i > 0 && String(row) === String(lines[i - 1]![1]);
      if (!isSame) return [`${at.toString(16).padStart(8, "0")}  ${row.map(two).join(" ")}  |${characters(row)}|`];
      return String(lines[i - 2]?.[1]) === String(row) ? [] : ["*"];
    });
    const dump = [...text, whole.length.toString(16).padStart(8, "0")].join("\n");
    expect(dump).to.include("\n*\n");
    expect(quoteIn(bytesOf(dump))).to.deep.equal(quote);
  });

  it("are refused in words that say what they are", () => {
    const report = quote.slice(48, 432);
    const epid = joined([2, 0, 1, 0], new Array(44).fill(7) as number[], report, littleEndian(4, 4), [1, 2, 3, 4]);
    const tdx = joined([4, 0, 2, 0, 0x81, 0, 0, 0], quote.slice(8));
    const p384 = joined([3, 0, 3, 0], quote.slice(4));
    const { pckCrl, tcbSigning } = platform.collateral();
    const pem = writePem([tcbSigning]);
    const cases: readonly (readonly [Uint8Array | string, string])[] = [
      ["", "it is an empty file"],
      [" \n\0", "it is an empty file"],
      [new Uint8Array(5006), "5,006 bytes, all of them zero"],
      [tdx, "a TDX quote of version 4"],
      [Buffer.from(tdx).toString("hex"), "a TDX quote of version 4"],
      [
        JSON.stringify({ tdx: { quote: Buffer.from(tdx).toString("base64") } }),
        'JSON with a TDX quote of version 4 in "tdx.quote"',
      ],
      [joined([4, 0], quote.slice(2)), "an SGX quote of version 4"],
      [p384, "P-384"],
      [epid, "an EPID quote of version 2"],
      [joined(report, new Array(48).fill(3) as number[]), "a REPORT of 432 bytes"],
      [report, "the body of a REPORT"],
      [joined([0x81], new Array(1023).fill(0) as number[]), "a TDREPORT"],
      [tcbSigning, "a certificate in DER"],
      [pckCrl, "a revocation list in DER"],
      [pem, "a PEM certificate"],
      [`{"pem":${JSON.stringify(pem)}}`, 'JSON with the fields "pem"'],
      ["-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", "a private key"],
      ["-----BEGIN FOO-----\nAAAA\n-----END FOO-----", 'a PEM block "FOO"'],
      ["<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page"],
      ["<?xml version='1.0'?>", "XML"],
      ["eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.AAAA", "a JSON Web Token"],
      ["{}", "JSON without fields"],
      ['{"error":"no such quote"}', 'the fields "error"'],
      [
        JSON.stringify({ a: hex, b: Buffer.from(platform.quote({ reportData: `0x${"5b".repeat(32)}` })) }),
        "2 different quotes",
      ],
      ['{"quote":', 'text that begins "{\\"quote\\":"'],
      ["hello", 'text that begins "hello"'],
      [hex.slice(0, -1), "an odd number"],
      ["03 00 02 00\n*\n00 00\n", "a dump without offsets in which rows are left out"],
      ["11".repeat(600), "hexadecimal digits that are no quote"],
      [joined([7, 0], quote.slice(2)), "bytes that begin with 0x0700"],
      [joined([0x1f, 0x8b, 8, 0], quote), "a gzip archive"],
      [bytesOf(Buffer.from(quote).toString("utf8")), "saved as text, by which bytes were lost"],
      [new Uint8Array((4 << 20) + 1), "more than any file with a quote"],
    ];
    for (const [content, what] of cases) expect(refusalOf(content), what).to.include(what);
  });

  it("say when a quote is cut off, in whatever form it comes", () => {
    for (const text of [hex.slice(0, 2000), base64.slice(0, 2000), JSON.stringify({ quote: hex.slice(0, 2000) })]) {
      expect(faultOf(() => quoteIn(bytesOf(text))).code).to.equal("QuoteTruncated");
    }
  });

  for (const folder of vectorFolders("v3-sgx")) {
    itWithVector(`of Intel's own platforms are read in every spelling: ${folder}`, () => {
      const real = vectorBytes(folder, "quote.bin");
      const spelled = [Buffer.from(real).toString("hex"), Buffer.from(real).toString("base64")];
      for (const text of [...spelled, JSON.stringify({ evidence: spelled[1] })]) {
        expect(quoteIn(bytesOf(text))).to.deep.equal(quoteIn(real));
      }
    });
  }

  itWithFurther("of TDX are told apart from those of SGX", () => {
    for (const folder of ["v4-gcp-00806f05", "v5-td15-google-uptodate", "v4-phala-b0c06f"]) {
      const real = new Uint8Array(readFileSync(furtherPath("tdx", folder, "quote.bin")));
      expect(refusalOf(real)).to.include(`a TDX quote of version ${folder[1]!}`);
      expect(refusalOf(Buffer.from(real).toString("base64"))).to.include("a TDX quote");
    }
  });
});
