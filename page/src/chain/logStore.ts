import type { LogCache } from "../../../src/chain/logCache.ts";

const STORE = "logs";

async function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => {
      resolve(request.result);
    });
    request.addEventListener("error", () => {
      reject(request.error ?? new Error("IndexedDB refuses"));
    });
  });
}

async function openStore(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
  return settled(request);
}

/**
 * Keeps the logs of final blocks in this browser, of one deployment. Where the browser keeps nothing, such as in a private window,
 * everything is read from the chain each time.
 */
export function logStore(deployment: string): LogCache {
  let opened: IDBDatabase | undefined;
  const open = async (): Promise<IDBDatabase | undefined> =>
    openStore(`computing-power ${deployment}`).catch(() => undefined);
  const within = async <T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>) => {
    const database = (opened ??= await open());
    if (database === undefined) return undefined;
    return settled(use(database.transaction(STORE, mode).objectStore(STORE))).catch(() => undefined);
  };
  return {
    read: async (name) => (await within<unknown>("readonly", (store) => store.get(name))) as string | undefined,
    write: async (name, text) => {
      await within("readwrite", (store) => store.put(text, name));
    },
  };
}
