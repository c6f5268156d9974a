/** Reading from any network: contracts' events within what its provider allows, and many views in one request. */

export { batchedReads } from "./batch.ts";
export { demandOf, type Demand } from "./failures.ts";
export { newestEvent, readEvents, transactionOf, type EventSource, type PastEvent } from "./history.ts";
export type { LogCache } from "./logCache.ts";
export type { History, HistoryProgress } from "./logScan.ts";
