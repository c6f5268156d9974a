import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";

import type { Faults } from "./faults.ts";
import type { ManifestDocument } from "./parse.ts";

/** Aliases that a manifest may have. */
const MAX_ALIASES = 100;
/** What a document may hold once its aliases are written out: its characters, and one more for each value. */
const MAX_WEIGHT = 262_144;
const TAGS: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** A document whose nodes were looked at one by one: its aliases lead somewhere, and not in circles. */
export interface DocumentGraph extends ManifestDocument {
  /** What an alias stands for; a node that is none stands for itself. */
  readonly resolve: (node: Node) => Node;
}

/** Counts the aliases of all documents of a manifest. */
export interface AliasCount {
  count: number;
}

/**
 * Looks at every node of a document once, whatever its kind: for keys that are there twice, tags, anchors that are not there, circles, and
 * what it would weigh with its aliases written out.
 *
 * @returns The document, where reading it ends; else undefined, and `faults` says why.
 */
export function inspect(made: ManifestDocument, aliases: AliasCount, faults: Faults): DocumentGraph | undefined {
  const walk = new Walk(made, aliases, faults);
  const { contents } = made.document;
  const weight = contents === null ? 0 : walk.weigh(contents);
  if (weight > MAX_WEIGHT && !walk.isBroken) {
    const { range } = made.document;
    const detail = `With its aliases written out the document is larger than ${String(MAX_WEIGHT)} characters`;
    faults.add(made.positionOf(range?.[0] ?? 0), "", detail);
    return undefined;
  }
  return walk.isBroken ? undefined : { ...made, resolve: (node) => walk.targets.get(node) ?? node };
}

class Walk {
  readonly targets = new Map<Node, Node>();
  isBroken = false;
  readonly #anchors = new Map<string, Node>();
  /** Undefined while a node is being looked at. */
  readonly #weights = new Map<Node, number | undefined>();
  readonly #made: ManifestDocument;
  readonly #aliases: AliasCount;
  readonly #faults: Faults;

  constructor(made: ManifestDocument, aliases: AliasCount, faults: Faults) {
    this.#made = made;
    this.#aliases = aliases;
    this.#faults = faults;
  }

  weigh(node: Node): number {
    if (isAlias(node)) return this.#weighAlias(node);
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, node);
    this.#weights.set(node, undefined);
    if (node.tag !== undefined && !TAGS.has(node.tag)) this.#refuse(node, `The tag ${node.tag} is not known here`);
    const weight = 1 + this.#weighContents(node);
    this.#weights.set(node, weight);
    return weight;
  }

  #weighContents(node: Node): number {
    if (isScalar(node)) return typeof node.value === "string" ? node.value.length : 0;
    if (isSeq(node)) return node.items.reduce<number>((sum, item) => sum + this.weigh(item as Node), 0);
    return isMap(node) ? this.#weighMap(node) : 0;
  }

  #weighMap(map: YAMLMap): number {
    const keys = new Set<string>();
    let weight = 0;
    for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) this.#refuse(key, "A key must be a plain text");
      else if (name === "__proto__") this.#refuse(key, "The key __proto__ is not allowed");
      else if (keys.has(name)) this.#refuse(key, `The key ${name} is there twice`);
      if (name !== undefined) keys.add(name);
      weight += this.weigh(key) + (value === null ? 0 : this.weigh(value));
    }
    return weight;
  }

  #weighAlias(alias: Node & { source: string }): number {
    this.#aliases.count++;
    if (this.#aliases.count === MAX_ALIASES + 1) {
      this.#refuse(alias, `The manifest has more than ${String(MAX_ALIASES)} aliases`);
    }
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      this.#refuse(alias, `There is no anchor &${alias.source} before this alias`);
      return 1;
    }
    const weight = this.#weights.get(target);
    if (weight === undefined) this.#refuse(alias, `The alias *${alias.source} stands within what it stands for`);
    this.targets.set(alias, target);
    return weight ?? 1;
  }

  #refuse(node: Node, detail: string): void {
    this.isBroken = true;
    this.#faults.add(this.#made.positionOf(node.range?.[0] ?? 0), "", detail);
  }
}
