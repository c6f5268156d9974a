import type { createMPTFromProof } from "@ethereumjs/mpt";

/** The database that the library of tries works with. */
type NodeDatabase = NonNullable<NonNullable<Parameters<typeof createMPTFromProof>[1]>["db"]>;
type Key = Parameters<NodeDatabase["get"]>[0];
type Value = Parameters<NodeDatabase["put"]>[1];

/** The nodes of a proof in memory, which remembers whether one was looked for that is not there. */
export class NodeStore implements NodeDatabase {
  readonly #nodes = new Map<Key, Value>();
  #lacks = false;

  /** Whether a node was looked for that is not there. */
  get lacks(): boolean {
    return this.#lacks;
  }

  async get(key: Key): Promise<Value | undefined> {
    const node = this.#nodes.get(key);
    this.#lacks ||= node === undefined;
    return Promise.resolve(node);
  }

  async put(key: Key, value: Value): Promise<void> {
    this.#nodes.set(key, value);
    return Promise.resolve();
  }

  async del(key: Key): Promise<void> {
    this.#nodes.delete(key);
    return Promise.resolve();
  }

  async batch(steps: Parameters<NodeDatabase["batch"]>[0]): Promise<void> {
    for (const step of steps) await (step.type === "put" ? this.put(step.key, step.value) : this.del(step.key));
  }

  shallowCopy(): NodeDatabase {
    return this;
  }

  async open(): Promise<void> {
    return Promise.resolve();
  }
}
