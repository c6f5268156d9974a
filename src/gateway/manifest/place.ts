import { isScalar, type Node } from "yaml";

import type { Faults, Position } from "./faults.ts";
import type { DocumentGraph } from "./graph.ts";
import { nearest } from "../../nearest.ts";

/** Letters of words, and how many of them, that are compared with each other: comparing takes as long as their product. */
const [MAX_WORD, MAX_WORDS] = [63, 200] as const;

/** What places of one document share. */
export interface PlaceContext {
  readonly graph: DocumentGraph;
  readonly faults: Faults;
}

/** What a node holds, aliases followed; null is nothing. */
function valueOf({ resolve }: DocumentGraph, node: Node | undefined): Node | undefined {
  const found = node === undefined ? undefined : resolve(node);
  return isScalar(found) && found.value === null ? undefined : found;
}

function positionOf(graph: DocumentGraph, node: Node | undefined): Position | undefined {
  const offset = node?.range?.[0];
  return offset === undefined ? undefined : graph.positionOf(offset);
}

/** A place in a document: a value that is there, or one that could be. */
export class Place {
  /** Such as `spec.containers[0].image`. */
  readonly path: string;
  /** Undefined where nothing is, or null. */
  readonly node: Node | undefined;
  readonly position: Position;
  /** Whether what should hold it is broken: then nothing more is said of it. */
  readonly isSilent: boolean;
  readonly #context: PlaceContext;

  constructor(context: PlaceContext, path: string, node: Node | null | undefined, parent?: Place, isSilent = false) {
    this.#context = context;
    this.path = path;
    this.node = valueOf(context.graph, node ?? undefined);
    this.position = positionOf(context.graph, node ?? undefined) ?? parent?.position ?? { line: 1, column: 1 };
    this.isSilent = isSilent;
  }

  get isThere(): boolean {
    return this.node !== undefined;
  }

  /** The place of a part. */
  part(path: string, node: Node | null | undefined, isSilent = this.isSilent): Place {
    return new Place(this.#context, path, node, this, isSilent);
  }

  /** The place of a key, to say something about the key itself. */
  at(node: Node): Place {
    return new Place(this.#context, this.path, node, this, this.isSilent);
  }

  /** The word that another is most likely meant to be. Not looked for where nobody would be told. */
  near(word: string, known: Iterable<string>): string | undefined {
    if (!this.#context.faults.hasRoom || word.length > MAX_WORD) return undefined;
    const words = [...known].filter(({ length }) => length <= MAX_WORD);
    return nearest(word, words.slice(0, MAX_WORDS));
  }

  /** Says what is wrong here, in a sentence with the values and without a full stop. */
  fault(detail: string): void {
    if (!this.isSilent) this.#context.faults.add(this.position, this.path, detail);
  }
}
