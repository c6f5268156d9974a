import { expect } from "chai";

import { checkManifest, readManifest } from "../../../../src/gateway/manifest/checkManifest.ts";
import {
  accepted,
  check,
  limits,
  onlyFault,
  replaced,
  tutorial,
} from "../../../fixtures/gateway/manifest/manifests.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const detailOf = (marked: string): string => onlyFault(marked).detail;
const pods = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c${String(i)}}\n`,
  ).join("");

describe("YAML of manifests", () => {
  it("may have a byte order mark in front, Windows' line ends, comments and empty documents", () => {
    accepted(`\ufeff${tutorial}`);
    accepted(tutorial.replaceAll("\n", "\r\n"));
    accepted(`# one\n---\n---\n${tutorial}---\n# end\n...\n`);
  });

  it("may be JSON", () => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } });
    accepted(`${tutorial}---\n${text}\n`);
  });

  it("may have anchors and aliases", () => {
    const text = replaced(tutorial, "matchLabels:\n      app: nginx", "matchLabels: &labels\n      app: nginx");
    const { workloads } = accepted(replaced(text, "labels:\n        app: nginx", "labels: *labels"));
    expect(workloads[0]?.labels).to.deep.equal({ app: "nginx" });
  });

  it("is UTF-8", () => {
    for (const bytes of [
      Buffer.from([0xff, 0xfe, 0x6b, 0]),
      Buffer.from([0x6b, 0xc3, 0x28]),
      Buffer.from([0xed, 0xa0, 0x80]),
    ]) {
      expect(checkManifest(bytes, limits).faults.map(({ detail }) => detail)).to.deep.equal([
        "The file is not UTF-8 text; save it as UTF-8",
      ]);
    }
  });

  it("has printable characters", () => {
    const found = ["\0", "\u0007", "\u001b", "\u007f", "\u0080", "\ufeff", "\uffff"].map((c) =>
      detailOf(`kind: Pod\na: b«${c}`),
    );
    expect(found).to.deep.equal(
      ["0000", "0007", "001B", "007F", "0080", "FEFF", "FFFF"].map(
        (code) => `The character U+${code} cannot stand in YAML`,
      ),
    );
  });

  it("has no key twice, whichever value wins elsewhere", () => {
    expect(detailOf(replaced(tutorial, "  replicas: 3\n", "  replicas: 3\n  «replicas: 1\n"))).to.include(
      "is there twice",
    );
    expect(detailOf(replaced(tutorial, "  replicas: 3\n", '  replicas: 3\n  «"replicas": 1\n'))).to.include(
      "is there twice",
    );
  });

  it("has no keys that are not plain texts", () => {
    expect(check("? [a]\n: b").faults[0]?.detail).to.include("strings");
    expect(check("&a a: 1\n*a : 2\n").faults).to.not.have.lengthOf(0);
  });

  it("pollutes no prototype", () => {
    for (const key of ["__proto__", '"__proto__"', '"\\u005f_proto__"']) {
      const text = replaced(tutorial, "\ndata:\n", `\ndata:\n  «${key}: polluted\n`);
      expect(detailOf(text)).to.include("__proto__");
    }
    expect(detailOf("kind: Pod\n«__proto__: {polluted: true}\n")).to.include("__proto__");
    expect(Object.hasOwn(Object.prototype, "polluted")).to.equal(false);
    accepted(replaced(tutorial, "\ndata:\n", "\ndata:\n  constructor: a\n  toString: b\n"));
  });

  it("has no tags of its own, and no other version", () => {
    for (const tag of [
      "!foo",
      "!!set",
      "!!binary",
      "!!omap",
      "!!timestamp",
      "!!js/function",
      "!!python/object",
      "!<tag:x>",
    ]) {
      const { faults } = check(replaced(tutorial, "replicas: 3", `replicas: ${tag} 3`));
      expect(
        faults.map(({ line }) => line),
        tag,
      ).to.include(8);
    }
    accepted(replaced(tutorial, "replicas: 3", "replicas: !!int 3"));
    expect(check(`%YAML 1.1\n---\n${tutorial}`).faults[0]?.detail).to.include("only YAML 1.2");
    expect(check(`%TAG ! tag:x,2000:\n---\n${tutorial}`).faults[0]?.detail).to.include("%TAG");
  });

  it("does not read yes and no, octals and merge keys of YAML 1.1", () => {
    expect(detailOf(replaced(tutorial, "replicas: 3", "replicas: !!str «3"))).to.include("whole number");
    const { workloads } = accepted(replaced(tutorial, "\ndata:\n", "\ndata:\n  a: no\n  b: 1_000\n"));
    expect(workloads[0]?.containers[0]?.mounts[0]?.source).to.have.nested.property("files.a.value", "no");
  });

  it("tells each error of its form with line and column", () => {
    expect(check("a: 'x\n").faults[0]).to.include({ line: 2 });
    expect(check("kind: Pod\n\tspec: 1\n").faults[0]).to.include({ line: 2 });
    expect(check(`${tutorial}---\na: b: c\n`).faults[0]).to.include({
      line: tutorial.split("\n").length + 1,
      column: 4,
    });
  });

  it("has at most 16 documents", () => {
    expect(check(pods(16)).faults.map(({ detail }) => detail)).to.deep.equal([
      "Nothing would run: there is no Pod, Deployment, StatefulSet or Job",
    ]);
    expect(check(pods(17)).faults[0]?.detail).to.include("more than 16 documents");
    expect(check("---\na: b\n".repeat(7000)).faults[0]?.detail).to.include("more than 16 documents");
  });

  it("has at most 100 aliases", () => {
    const data = (count: number): string =>
      replaced(
        tutorial,
        "\ndata:\n",
        `\ndata:\n  a: &a b\n${Array.from({ length: count }, (_, i) => `  a${String(i)}: *a\n`).join("")}`,
      );
    accepted(data(100));
    expect(check(data(101)).faults.map(({ detail }) => detail)).to.deep.equal([
      "The manifest has more than 100 aliases",
    ]);
  });

  it("is no bomb: neither by aliases of aliases, nor in circles, nor nested without end", () => {
    const laughs = Array.from(
      { length: 9 },
      (_, i) =>
        `a${String(i + 1)}: &a${String(i + 1)} [${Array(9)
          .fill(`*a${String(i)}`)
          .join(",")}]`,
    );
    const bomb = check(`a0: &a0 lol\n${laughs.join("\n")}\n`);
    expect(bomb.faults[0]?.detail).to.include("With its aliases written out");
    expect(detailOf("a: &a [«*a]\n")).to.include("stands within");
    expect(detailOf("a: «*nothing\n")).to.include("no anchor");
    for (const deep of [
      "[".repeat(60_000),
      "- ".repeat(30_000),
      "{a: ".repeat(15_000),
      "? ".repeat(30_000),
      `${"[".repeat(70)}${"]".repeat(70)}`,
    ]) {
      expect(check(deep).faults.map(({ detail }) => detail)).to.include(
        "Lists and mappings are nested more than 64 deep",
      );
    }
  });

  it("is no bomb by texts that are used often", () => {
    const text = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: big}\ndata: {a: ${"x".repeat(50_000)}}\n`;
    const names = Array.from({ length: 8 }, (_, i) => `c${String(i)}`);
    const from = Array(8)
      .fill("{configMapRef: {name: big}, prefix: P}")
      .map((each: string, i) => each.replace("P", `P${String(i)}`));
    const containers = names.map(
      (name) => `{name: ${name}, image: a, envFrom: [${from.join(",")}], resources: {limits: {cpu: 1m, memory: 4Mi}}}`,
    );
    const pod = `kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec: {containers: [${containers.join(",")}]}\n`;
    expect(check(`${text}---\n${pod}`).faults[0]?.detail).to.include("larger than 1048576");
  });

  it("is no bomb by names that are compared with others", () => {
    const long = "a".repeat(20_000);
    const entries = Array.from({ length: 4_000 }, (_, i) => `k${String(i)}: v`).join(", ");
    const map = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: big}\ndata: {${entries}}\n`;
    const env = Array.from(
      { length: 200 },
      (_, i) => `{name: E${String(i)}, valueFrom: {configMapKeyRef: {name: big, key: x${String(i)}}}}`,
    );
    const container = `{name: c, image: a, env: [${env.join(",")}], envFrom: [{configMapRef: {name: big}}], volumeMounts: [{name: ${long.slice(0, 5_000)}, mountPath: /a}]}`;
    const pod = `kind: Pod\napiVersion: v1\nmetadata: {name: p}\nspec: {containers: [${container}], volumes: [{name: v, configMap: {name: big}}]}\n`;
    expect(check(`${map}---\n${pod}`).faults).to.have.lengthOf(100);
    expect(check(`kind: ${long}\n`).faults).to.have.lengthOf(1);
    const unknown = Array.from({ length: 5_000 }, (_, i) => `replicaz${String(i)}: 1`).join("\n");
    expect(check(`kind: Pod\n${unknown}\n`).faults).to.have.lengthOf(100);
  });

  it("is thrown back as one problem with every fault", async () => {
    const text = replaced(replaced(tutorial, "replicas: 3", "replicas: 0"), "port: 80\n", "port: 0\n");
    const problem = await problemOf(() => readManifest(Buffer.from(text), limits));
    expect(problem.code).to.equal("manifest-invalid");
    expect(problem.detail).to.equal("The manifest has 2 faults");
    expect(problem.errors.map(({ path, line }) => [path, line])).to.deep.equal([
      ["spec.replicas", 8],
      ["spec.ports[0].port", 43],
    ]);
  });

  it("tells a hundred faults and not more", () => {
    expect(
      check(`kind: ConfigMap\n${Array.from({ length: 500 }, (_, i) => `a${String(i)}: 1\n`).join("")}`).faults,
    ).to.have.lengthOf(100);
  });
});
